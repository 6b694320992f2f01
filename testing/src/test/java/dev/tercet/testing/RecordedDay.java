package dev.tercet.testing;

import dev.tercet.testing.certificates.TestCa;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsServerConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.ValueDescriptor;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/**
 * A bad day of a server, in both languages: what {@link JavaDay} and {@code KotlinDay} share. The
 * first accept fails; then come a client that behaves, a port scan, a client that trusts somebody
 * else, one that vanishes, one whose handler has a bug, and one that stays to the end.
 */
public final class RecordedDay {
  /** What the server has. */
  public static final TlsServerConfig SERVER;

  /** A client that trusts it. */
  public static final TlsConfig CLIENT;

  /** One that does not. */
  public static final TlsConfig STRANGER =
      TlsConfig.DEFAULT.withTrust(TestCa.create("Somebody").trust());

  static {
    TestCa ca = TestCa.create();
    SERVER = TlsServerConfig.of(ca.issue("localhost", "127.0.0.1")).withAlpn("echo");
    CLIENT = TlsConfig.DEFAULT.withTrust(ca.trust()).withAlpn("echo");
  }

  private RecordedDay() {}

  /** What a program does all day. */
  public interface Day {
    /** Lives through it. */
    void live() throws Exception;
  }

  /** A bug whose exception cannot be printed. */
  public static final class Unprintable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** There is nothing to say. */
    public Unprintable() {}

    @Override
    public String getMessage() {
      throw new AssertionError("unprintable");
    }
  }

  /** Fails as the system does that is out of descriptors. */
  public static IOException noDescriptor() {
    return new IOException("Too many open files");
  }

  /** The bytes of a text. */
  public static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The text of some bytes. */
  public static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /**
   * Runs a day; recorded, if there are arguments: then it prints the events, and keeps the
   * recording in the file that is the first argument.
   */
  public static void main(String[] args, Day day) throws Exception {
    if (args.length == 0) {
      day.live();
    } else {
      Recorder.record(Path.of(args[0]), day).forEach(System.out::println);
    }
    System.out.println("jdk.jfr " + ModuleLayer.boot().findModule("jdk.jfr").isPresent());
  }

  /** Loaded only to record. */
  private static final class Recorder {
    static List<String> record(Path file, Day day) throws Exception {
      try (Recording recording = new Recording()) {
        recording.start();
        day.live();
        recording.stop();
        recording.dump(file);
      }
      List<String> lines = new ArrayList<>();
      for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
        if (event.getEventType().getName().startsWith("dev.tercet.")) {
          lines.add(line(event));
        }
      }
      return lines.stream().sorted().toList();
    }

    /** The name and what is neither null nor false; addresses and long errors are cut short. */
    private static String line(RecordedEvent event) {
      String name = event.getEventType().getName();
      StringBuilder line = new StringBuilder(name.substring("dev.tercet.".length()));
      for (ValueDescriptor field : event.getFields()) {
        Object value = event.getValue(field.getName());
        if (value instanceof String || Boolean.TRUE.equals(value)) {
          String text =
              value
                  .toString()
                  .replaceAll("127\\.0\\.0\\.1:\\d+", "ADDRESS")
                  .replaceAll("refused: .*", "refused");
          line.append(" ").append(field.getName()).append("=").append(text);
        }
      }
      if (name.equals("dev.tercet.AcceptPause")) {
        line.append(event.getDuration().toMillis() < 100 ? " too short" : " 0.1 s");
      }
      return line.toString();
    }
  }
}
