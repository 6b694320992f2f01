package dev.tercet.internal.nio;

import dev.tercet.internal.log.Log;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The file of a listening Unix socket.
 *
 * <p><b>The problem.</b> Binding makes a file and fails if there is one; closing leaves it behind.
 * So the second start of every server fails until somebody removes the file, and removing it first
 * leaves a moment in which clients find nothing.
 *
 * <p><b>The strategy</b> (spec IO-U5). Bind to a fresh name beside the path, then rename it over
 * the path, which is atomic: a client finds the old socket or the new one, never none. Only a
 * socket is replaced; anything else at the path is an error. On close the file is removed only if
 * it is still the one we made, by its inode: a successor may have renamed its own over it.
 *
 * <p><b>What we do not do.</b> Ask whether the old socket is alive: replacing a living one is how a
 * server is upgraded without an outage. Set the mode: it is the umask's.
 */
public final class UnixSocketFile {
  /**
   * The length of {@code sun_path}, 108 on Linux and 104 on macOS and BSD, less the 2 of the JDK.
   */
  public static final int MAX_PATH_BYTES =
      System.getProperty("os.name", "").startsWith("Linux") ? 106 : 102;

  private static final Log LOG = Log.of("dev.tercet.unix");

  private static final int FRESH_NAME_CHARS = 6;
  private static final int FRESH_NAME_TRIES = 100;

  /** S_IFMT and S_IFSOCK of stat(2). */
  private static final int FILE_TYPE = 0170000;

  private static final int SOCKET = 0140000;

  private final Path path;
  private final @Nullable Object inode;

  private UnixSocketFile(Path path, @Nullable Object inode) {
    this.path = path;
    this.inode = inode;
  }

  /** Binds a socket to a path that does not exist. */
  interface Binding {
    void bind(Path path) throws IOException;
  }

  /**
   * Checks a path to connect to or to listen on.
   *
   * @return the same
   * @throws IllegalArgumentException when it is empty or longer than the system can take
   */
  public static Path requireValid(Path path) {
    int length = bytes(path);
    if (length == 0) {
      throw new IllegalArgumentException("the path of the Unix socket is empty");
    }
    if (length > MAX_PATH_BYTES) {
      throw new IllegalArgumentException(
          "the path of a Unix socket may have "
              + MAX_PATH_BYTES
              + " bytes; this has "
              + length
              + ": "
              + path);
    }
    return path;
  }

  static UnixSocketFile create(Path path, Binding binding) throws IOException {
    requireValid(path);
    refuseOtherThanSocket(path);
    Path fresh = freshName(path);
    try {
      binding.bind(fresh);
    } catch (IOException e) {
      throw bindFailed(path, e);
    }
    try {
      Object inode = inode(fresh);
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
      return new UnixSocketFile(path, inode);
    } catch (IOException | RuntimeException e) {
      // Only now is the file at this name surely ours.
      Files.deleteIfExists(fresh);
      throw e;
    }
  }

  /** What is wrong is found by looking: NIO has no class for it, only a text. */
  private static IOException bindFailed(Path path, IOException cause) {
    Path parent = parent(path);
    IOException e;
    if (!Files.isDirectory(parent)) {
      e = new NoSuchFileException(path.toString(), null, "there is no directory to make it in");
    } else if (!Files.isWritable(parent) || !Files.isExecutable(parent)) {
      e = new AccessDeniedException(path.toString(), null, "may not be made in its directory");
    } else {
      return ConnectErrors.cannot("listen on", UnixDomainSocketAddress.of(path), cause);
    }
    e.initCause(cause);
    return e;
  }

  private static Path parent(Path path) {
    Path parent = path.toAbsolutePath().getParent();
    return parent == null ? path : parent;
  }

  private static void refuseOtherThanSocket(Path path) throws IOException {
    BasicFileAttributes found;
    try {
      found = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return;
    }
    if (found.isDirectory()) {
      throw new FileSystemException(path.toString(), null, "is a directory, not a socket");
    }
    if (!found.isOther() || !isSocket(path)) {
      throw new FileAlreadyExistsException(path.toString(), null, "exists and is not a socket");
    }
  }

  /** A pipe or a device is no more ours to replace than a file; where NIO can tell, it does. */
  private static boolean isSocket(Path path) throws IOException {
    if (!path.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      return true;
    }
    int mode = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    return (mode & FILE_TYPE) == SOCKET;
  }

  /** In the same directory, or it could not be renamed; and no longer than the limit allows. */
  private static Path freshName(Path path) {
    int rest = MAX_PATH_BYTES - bytes(path.resolveSibling("x")) + 1;
    int length = Math.min(rest, FRESH_NAME_CHARS);
    Path fresh = path;
    for (int i = 0; i < FRESH_NAME_TRIES; i++) {
      StringBuilder name = new StringBuilder(length > 1 ? "." : "");
      while (name.length() < length) {
        name.append(Character.forDigit(ThreadLocalRandom.current().nextInt(36), 36));
      }
      fresh = path.resolveSibling(name.toString());
      if (!Files.exists(fresh, LinkOption.NOFOLLOW_LINKS)) {
        break;
      }
    }
    // If all were taken the bind says so, and harms nobody.
    return fresh;
  }

  private static int bytes(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8).length;
  }

  private static @Nullable Object inode(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .fileKey();
  }

  /** Removes the file unless somebody else's has taken its place. */
  void removeIfOurs() {
    try {
      Object now = inode(path);
      if (inode == null || inode.equals(now)) {
        Files.deleteIfExists(path);
      }
    } catch (NoSuchFileException gone) {
      // Somebody was faster.
    } catch (IOException e) {
      LOG.warn("cannot remove the socket file ", path, ": ", e);
    }
  }
}
