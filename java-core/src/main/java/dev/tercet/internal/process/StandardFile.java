package dev.tercet.internal.process;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.Channel;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * One of the three files that every program is started with, and how its calls can be taken back.
 *
 * <p>On Linux {@code /proc/self/fd/N} can be opened again. For a pipe and for a terminal, that is
 * another way to the same bytes; a {@link FileChannel} of it can be closed while a thread is in a
 * call, and the JDK wakes the thread. A regular file would begin again at its beginning, and its
 * calls do not wait; a named pipe may wait for its other end; a socket cannot be opened at all.
 * Those are used as they are.
 */
final class StandardFile {
  static final StandardFile IN = new StandardFile("standard input", 0, FileDescriptor.in);
  static final StandardFile OUT = new StandardFile("standard output", 1, FileDescriptor.out);
  static final StandardFile ERR = new StandardFile("standard error", 2, FileDescriptor.err);

  private final String name;
  private final Path path;
  private final FileDescriptor descriptor;
  private final boolean canOpenAgain;

  private StandardFile(String name, int number, FileDescriptor descriptor) {
    this.name = name;
    this.path = Path.of("/proc/self/fd", String.valueOf(number));
    this.descriptor = descriptor;
    this.canOpenAgain = isPipeOrTerminal(path) && isOpenable();
  }

  /** Closes a channel, unless it is the descriptor itself. Wakes a thread that is in a call. */
  void close(Channel channel) {
    if (canOpenAgain) {
      PipePath.closeQuietly(channel);
    }
  }

  FileChannel openToRead() throws IOException {
    return canOpenAgain
        ? FileChannel.open(path, StandardOpenOption.READ)
        : new FileInputStream(descriptor).getChannel();
  }

  FileChannel openToWrite() throws IOException {
    return canOpenAgain
        ? FileChannel.open(path, StandardOpenOption.WRITE)
        : new FileOutputStream(descriptor).getChannel();
  }

  private static boolean isPipeOrTerminal(Path path) {
    try {
      String target = Files.readSymbolicLink(path).toString();
      return target.startsWith("pipe:")
          || target.startsWith("/dev/pts/")
          || target.equals("/dev/tty");
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }

  /** A terminal may belong to another user. */
  private boolean isOpenable() {
    try (FileChannel channel =
        FileChannel.open(
            path,
            descriptor == FileDescriptor.in ? StandardOpenOption.READ : StandardOpenOption.WRITE)) {
      return channel.isOpen();
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
