package dev.tercet.blocking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.Resolver;
import dev.tercet.loop.EventLoop;
import java.io.BufferedReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Attempts in flight recordings, and connects in a JVM that cannot record. */
@Timeout(120)
class ConnectEventsRealSocketTest {
  private static ConnectOptions racing() throws Exception {
    List<InetAddress> addresses =
        List.of(InetAddress.getByName("127.0.0.3"), InetAddress.getLoopbackAddress());
    return ConnectOptions.DEFAULT.withNetwork(
        EventLoop.shared()
            .network()
            .withResolver(Resolver.fixed(Map.of("test.example", addresses))));
  }

  /** Connects, twice, of which the second is recorded, and prints the events. */
  static final class Records {
    public static void main(String[] args) throws Exception {
      Path file = Files.createTempFile("tercet", ".jfr");
      try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
          Recording recording = new Recording()) {
        Net.openTcpStream("test.example", server.getLocalPort(), racing()).close();
        recording.enable("dev.tercet.ConnectAttempt").withThreshold(Duration.ZERO);
        recording.start();
        Net.openTcpStream("test.example", server.getLocalPort(), racing()).close();
        recording.stop();
        recording.dump(file);
        for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
          if (event.getEventType().getName().equals("dev.tercet.ConnectAttempt")) {
            String address = event.getString("address").replaceAll(":.*", "");
            String how = event.getString("outcome") + " " + event.getString("error");
            System.out.println(event.getString("host") + " " + address + " " + how);
          }
        }
        System.out.println("end");
      } finally {
        Files.delete(file);
      }
    }
  }

  /** Connects and says so. */
  static final class Connects {
    public static void main(String[] args) throws Exception {
      try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
        Net.openTcpStream("test.example", server.getLocalPort(), racing()).close();
        System.out.println(
            "connected, jdk.jfr " + ModuleLayer.boot().findModule("jdk.jfr").isPresent());
      }
    }
  }

  @Test
  @DisplayName("each attempt is an event of a flight recording: host, address, outcome, error")
  void events() throws Exception {
    try (Forked forked = new Forked("", Records.class);
        BufferedReader output = forked.output()) {
      assertEquals(
          "test.example 127.0.0.3 FAILED Connection refused", output.readLine(), forked.log());
      assertEquals("test.example 127.0.0.1 WON null", output.readLine());
      assertEquals("end", output.readLine());
    }
  }

  @Test
  @DisplayName("while nobody records, a connect does not load the flight recorder")
  void nobodyRecords() throws Exception {
    try (Forked forked = new Forked("", Connects.class, "-Xlog:class+load:stderr");
        BufferedReader output = forked.output()) {
      assertEquals("connected, jdk.jfr true", output.readLine());
      forked.process.waitFor();
      String loaded = forked.log();
      assertTrue(
          loaded.contains("dev.tercet.internal.connect.AttemptEvents "), "no log of classes");
      assertFalse(
          loaded.contains("dev.tercet.internal.connect.AttemptEvent "), "an event was made");
      assertFalse(loaded.contains("jdk.jfr.internal.MetadataRepository "), "metadata was read");
    }
  }

  @Test
  @DisplayName("without the module jdk.jfr connects work, and with it too")
  void withoutModule() throws Exception {
    for (String modules : List.of("java.base", "java.base,jdk.jfr")) {
      try (Forked forked = new Forked("", Connects.class, "--limit-modules", modules);
          BufferedReader output = forked.output()) {
        assertEquals(
            "connected, jdk.jfr " + modules.contains("jfr"), output.readLine(), forked.log());
      }
    }
  }
}
