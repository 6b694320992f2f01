package dev.tercet.internal.process;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A pipe of ours under a name that a child process can be given: {@code /proc/self/fd/N}.
 *
 * <p><b>The problem.</b> The JDK gives a child pipes of its own making only, and their reads block
 * a thread, which neither an interrupt nor a close can wake. Pipes of NIO are non-blocking and go
 * on an event loop, but the JDK gives them to no child: it takes files.
 *
 * <p><b>What Linux does.</b> Whoever opens {@code /proc/self/fd/N} of a pipe gets a new open file
 * description of the same pipe, for reading or for writing, as he asks. It is blocking, as a child
 * expects; ours stays non-blocking. The opening of a pipe without a name never waits.
 *
 * <p><b>The strategy.</b> The JDK does not tell N. So the descriptors are listed before the pipe is
 * made and after it. Of the new ones that are pipes, ours is the one in which there are as many
 * bytes as we have just written to it: {@code available} asks the system and takes no bytes. The
 * number of bytes is random and asked for twice, since other threads make pipes too.
 *
 * <p><b>What is left out.</b> Systems without {@code /proc/self/fd}. There {@link ThreadPipe}
 * serves.
 */
record PipePath(Pipe pipe, Path path) {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  /** A pipe of Linux holds 4096 bytes at least, so that none of our writes waits. */
  private static final int MOST_PROBED = 1024;

  /** Whether this system has names for descriptors. */
  static boolean isKnown() {
    return Files.isDirectory(DESCRIPTORS);
  }

  /**
   * Makes a pipe and finds its name. Both channels are non-blocking: an interrupt does not close
   * such channels.
   *
   * @throws IOException when the system cannot, for want of descriptors for instance
   */
  static PipePath open() throws IOException {
    Set<String> before = list();
    Pipe pipe = Pipe.open();
    try {
      pipe.source().configureBlocking(false);
      pipe.sink().configureBlocking(false);
      Set<String> after = list();
      Path path = find(pipe, after, name -> !before.contains(name));
      if (path == null) {
        // Both numbers were somebody's, who has closed them since.
        path = find(pipe, after, before::contains);
      }
      if (path == null) {
        throw new IOException("cannot find a pipe of this process below " + DESCRIPTORS);
      }
      return new PipePath(pipe, path);
    } catch (Throwable e) {
      close(pipe);
      throw e;
    }
  }

  private static @Nullable Path find(Pipe pipe, Set<String> names, Predicate<String> which)
      throws IOException {
    for (String name : names) {
      if (which.test(name) && isOurs(pipe, DESCRIPTORS.resolve(name))) {
        return DESCRIPTORS.resolve(name);
      }
    }
    return null;
  }

  /** Closes both ends. */
  void close() {
    close(pipe);
  }

  private static void close(Pipe pipe) {
    closeQuietly(pipe.source());
    closeQuietly(pipe.sink());
  }

  static void closeQuietly(AutoCloseable end) {
    try {
      end.close();
    } catch (Exception e) {
      // The descriptor is gone all the same.
    }
  }

  private static Set<String> list() throws IOException {
    Set<String> names = new HashSet<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(DESCRIPTORS)) {
      entries.forEach(entry -> names.add(entry.getFileName().toString()));
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return names;
  }

  private static boolean isOurs(Pipe pipe, Path candidate) throws IOException {
    try {
      if (!Files.readSymbolicLink(candidate).toString().startsWith("pipe:")) {
        return false;
      }
      int first = fill(pipe);
      try (FileInputStream probe = new FileInputStream(candidate.toFile())) {
        return probe.available() == first && first + fill(pipe) == probe.available();
      }
    } catch (IOException e) {
      // It was closed meanwhile, or it is somebody's whom we may not read. If it is ours and the
      // system has no descriptor left, the spawn will say so.
      return false;
    } finally {
      empty(pipe);
    }
  }

  /** Writes some bytes; returns how many. */
  private static int fill(Pipe pipe) throws IOException {
    return pipe.sink()
        .write(ByteBuffer.allocate(ThreadLocalRandom.current().nextInt(1, MOST_PROBED)));
  }

  private static void empty(Pipe pipe) throws IOException {
    ByteBuffer sink = ByteBuffer.allocate(2 * MOST_PROBED);
    while (pipe.source().read(sink.clear()) > 0) {
      // Zeros of our own.
    }
  }
}
