package dev.tercet.internal.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file that is sent. Its methods block while the disk works, and are called where no interrupt
 * comes: a {@link FileChannel} closes itself when its thread is interrupted, and {@link
 * FileChannel#transferTo} closes its target, too.
 *
 * <p><i>Thread-safety:</i> one thread at a time.
 */
public final class FileSource implements AutoCloseable {
  private final SeekableByteChannel channel;
  private final String name;

  /** Opened here, so that nobody else minds its position. */
  private final boolean own;

  private FileSource(SeekableByteChannel channel, String name, boolean own) {
    this.channel = channel;
    this.name = name;
    this.own = own;
  }

  /**
   * Opens a file.
   *
   * @param file on any file system
   * @return to be closed
   * @throws IOException when it cannot be opened
   */
  public static FileSource open(Path file) throws IOException {
    return new FileSource(Files.newByteChannel(file), file.toString(), true);
  }

  /**
   * Uses a channel of somebody's, whose position stays as it is.
   *
   * @param channel stays open
   */
  public static FileSource of(FileChannel channel) {
    return new FileSource(channel, "the file", false);
  }

  /**
   * The channel, if it can transfer to a socket that does not block.
   *
   * @return null for channels that are not the JDK's own: some wait for room, and would for ever
   */
  @Nullable FileChannel transferable() {
    return channel instanceof FileChannel file
            && file.getClass().getModule() == Object.class.getModule()
        ? file
        : null;
  }

  /**
   * How long the file is.
   *
   * @throws IOException when the system does not say
   */
  long size() throws IOException {
    return channel.size();
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  /**
   * Reads from a position.
   *
   * @param into with room
   * @return how many bytes, -1 at the end
   * @throws IOException when it cannot be read
   */
  int read(ByteBuffer into, long position) throws IOException {
    return channel instanceof FileChannel file
        ? file.read(into, position)
        : channel.position(position).read(into);
  }

  /** Closes the file, if it was opened here. */
  @Override
  public void close() throws IOException {
    if (own) {
      channel.close();
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
