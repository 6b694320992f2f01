package dev.tercet.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.coroutines.testing.KotlinDay;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a flight recording tells of a bad day of a server, in a JVM of its own: JDK 17 forgets texts
 * in a second recording of the same JVM. And what is loaded when nobody records.
 */
class FlightEventsRealSocketTest {
  private static final String SUITE =
      " outcome=ESTABLISHED version=TLSv1.3 cipherSuite=TLS_AES_256_GCM_SHA384 alpn=echo";

  private static final String TRUNCATED = "the connection ended without the peer's close_notify";
  private static final String IN_HANDSHAKE =
      "the connection ended in the middle of the TLS handshake";
  private static final String REFUSED_BY_PEER =
      "TLS handshake failed: the peer sent the alert certificate_unknown";

  @TempDir private static Path folder;
  private static String classPath = "";

  /** From a folder, classes are loaded early; a program has jars. */
  @BeforeAll
  static void makeJars() throws IOException {
    List<String> entries = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      entries.add(Files.isDirectory(Path.of(entry)) ? jar(entry) : entry);
    }
    classPath = String.join(File.pathSeparator, entries);
  }

  private static String jar(String directory) throws IOException {
    Path jar = Files.createTempFile(folder, "classes", ".jar");
    int status =
        ToolProvider.findFirst("jar")
            .orElseThrow()
            .run(System.out, System.err, "cf", jar.toString(), "-C", directory, ".");
    assertEquals(0, status);
    return jar.toString();
  }

  @AfterAll
  static void forget() {
    classPath = "";
  }

  /** Both languages. */
  static Stream<Class<?>> days() {
    return Stream.of(JavaDay.class, KotlinDay.class);
  }

  /** Runs one in a JVM, and returns what it has printed. */
  private static String run(Class<?> day, List<String> options, String... args)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, day.getName()));
    command.addAll(List.of(args));
    Path log = Files.createTempFile(folder, "day", ".log");
    Process process = new ProcessBuilder(command).redirectError(log.toFile()).start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor(), () -> output + read(log));
      return output;
    } finally {
      process.destroyForcibly();
    }
  }

  private static String read(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }

  @ParameterizedTest
  @MethodSource("days")
  @DisplayName(
      "connects, handshakes, ends, accept pauses and served connections are events, by whom and why")
  void events(Class<?> day) throws Exception {
    String output = run(day, List.of(), folder.resolve(day.getSimpleName() + ".jfr").toString());
    String client = "TlsHandshake peer=ADDRESS host=127.0.0.1 role=client";
    String server = "TlsHandshake peer=ADDRESS role=server";
    String clientEnd = "TlsEnd peer=ADDRESS host=127.0.0.1 role=client reason=";
    String serverEnd = "TlsEnd peer=ADDRESS role=server reason=";
    String served = "ServedConnection listener=unlucky listener peer=ADDRESS outcome=";
    String connect =
        "ConnectAttempt host=127.0.0.1 address=ADDRESS why=the only address outcome=WON";
    assertEquals(
        List.of(
            "AcceptPause listener=unlucky listener error=Too many open files 0.1 s",
            connect,
            connect,
            connect,
            connect,
            connect,
            connect,
            served + "CANCELLED error=the drain time is over",
            // Its exception cannot be printed, and ends nothing but its connection.
            served + "FAILED",
            served + "FAILED error=" + REFUSED_BY_PEER,
            served + "FAILED error=" + IN_HANDSHAKE,
            served + "FAILED error=" + TRUNCATED,
            served + "FINISHED",
            clientEnd + "CLOSED",
            clientEnd + "CLOSED closeNotifySent=true",
            clientEnd + "TRUNCATED error=" + TRUNCATED,
            clientEnd + "TRUNCATED error=" + TRUNCATED,
            serverEnd + "CLOSED",
            serverEnd + "CLOSED",
            serverEnd + "PEER_CLOSED closeNotifyReceived=true",
            serverEnd + "TRUNCATED error=" + TRUNCATED,
            client + SUITE,
            client + SUITE + " isResumed=true",
            client + SUITE + " isResumed=true",
            client + SUITE + " isResumed=true",
            client
                + " outcome=FAILED error=TLS handshake failed: the peer's certificate was refused",
            server + SUITE,
            server + SUITE + " isResumed=true",
            server + SUITE + " isResumed=true",
            server + SUITE + " isResumed=true",
            server + " outcome=FAILED alert=certificate_unknown error=" + REFUSED_BY_PEER,
            server + " outcome=FAILED error=" + IN_HANDSHAKE,
            "jdk.jfr true"),
        output.lines().toList());
  }

  @ParameterizedTest
  @MethodSource("days")
  @DisplayName("while nobody records, no event is loaded, and of the recorder one class")
  void nobodyRecords(Class<?> day) throws Exception {
    Path log = folder.resolve(day.getSimpleName() + ".log");
    assertEquals("jdk.jfr true\n", run(day, List.of("-Xlog:class+load:file=" + log)));
    String loaded = Files.readString(log);
    assertTrue(loaded.contains("dev.tercet.internal.tls.TlsEvents "), "no log of classes");
    Matcher ours = Pattern.compile("dev\\.tercet\\.\\S*Event ").matcher(loaded);
    assertFalse(ours.find(), () -> "an event was made: " + ours.group());
    assertEquals(
        "jdk.jfr.FlightRecorder",
        Pattern.compile("jdk\\.jfr\\.\\S+ (?=source)")
            .matcher(loaded)
            .results()
            .map(found -> found.group().strip())
            .collect(Collectors.joining(", ")));
  }

  @ParameterizedTest
  @MethodSource("days")
  @DisplayName("without the module jdk.jfr there are no events, and all else is as it was")
  void withoutModule(Class<?> day) throws Exception {
    String others =
        ModuleLayer.boot().modules().stream()
            .map(Module::getName)
            .filter(name -> !name.contains("jfr"))
            .collect(Collectors.joining(","));
    assertEquals("jdk.jfr false\n", run(day, List.of("--limit-modules", others)));
  }
}
