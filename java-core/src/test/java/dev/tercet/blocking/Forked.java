package dev.tercet.blocking;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;

/** A JVM of its own that runs a main class of the tests. */
final class Forked implements Closeable {
  final Process process;
  private final Path log = Files.createTempFile("tercet", ".log");

  Forked(String shellPrefix, Class<?> main, String... jvmOptions) throws IOException {
    List<String> command =
        new ArrayList<>(List.of("bash", "-c", shellPrefix + "exec \"$0\" \"$@\""));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of(jvmOptions));
    command.addAll(
        List.of("-cp", jar("classes") + File.pathSeparator + jar("test-classes"), main.getName()));
    process = new ProcessBuilder(command).redirectError(log.toFile()).start();
  }

  /**
   * A jar, as in production: it is open all the time. From a directory no class can be loaded any
   * more when the descriptors are exhausted.
   */
  private static Path jar(String directory) throws IOException {
    Path jar = Files.createTempFile("tercet", ".jar");
    jar.toFile().deleteOnExit();
    // The tests run on the module path; what is forked does without.
    Path classes = Path.of(System.getProperty("basedir", "."), "target", directory);
    int status =
        ToolProvider.findFirst("jar")
            .orElseThrow()
            .run(System.out, System.err, "cf", jar.toString(), "-C", classes.toString(), ".");
    if (status != 0) {
      throw new IOException("cannot make " + jar);
    }
    return jar;
  }

  BufferedReader output() {
    return process.inputReader(StandardCharsets.UTF_8);
  }

  /** What it has written to stderr, its log. */
  String log() throws IOException {
    return Files.readString(log);
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
    Files.delete(log);
  }
}
