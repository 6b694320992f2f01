package dev.tercet.internal.net;

import dev.tercet.internal.wait.Exclusive;
import dev.tercet.internal.wait.WaitPlace;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/** A stream socket: everything about it but waiting. */
public interface NonBlockingSocket extends NonBlockingResource {
  /**
   * Held while sending, waiting to send, connecting or shutting down.
   *
   * @return one per socket
   */
  Exclusive sending();

  /**
   * Held while receiving.
   *
   * @return one per socket
   */
  Exclusive receiving();

  /**
   * Where to wait for room to send, or for a connect to finish.
   *
   * @return a place; who is woken tries again
   */
  WaitPlace writable();

  /**
   * Binds to a local address before connecting.
   *
   * @param address resolved; port 0 for any
   * @throws IOException when it is taken or not ours
   */
  void bind(SocketAddress address) throws IOException;

  /**
   * Begins to connect. The caller holds {@link #sending}. A failed connect closes the socket (spec
   * IO-K5).
   *
   * @param address where to; resolved
   * @return true when connected, false when one must wait for {@link #writable} and {@link
   *     #finishConnect}
   * @throws IOException when refused at once
   */
  boolean startConnect(SocketAddress address) throws IOException;

  /**
   * Goes on with a connect that was begun.
   *
   * @return true when connected, false when one must wait again
   * @throws IOException when it has failed
   */
  boolean finishConnect(SocketAddress address) throws IOException;

  /**
   * Whether a connect has succeeded, once.
   *
   * @return true also after the close
   */
  boolean isConnected();

  /**
   * The address of the peer, also after the close.
   *
   * @return null when never connected
   */
  @Nullable SocketAddress remoteAddress();

  /**
   * How much of a buffer one call reads or writes at most.
   *
   * @return its remaining bytes, or fewer
   */
  int bytesPerCall(ByteBuffer buffer);

  /**
   * Reads what is there. The caller holds {@link #receiving}.
   *
   * @param into with room
   * @return how many bytes, 0 when one must wait for {@link #readable}, -1 at the end
   * @throws IOException when the connection is broken, or {@link
   *     dev.tercet.ClosedResourceException}
   */
  int read(ByteBuffer into) throws IOException;

  /**
   * Reads what is there into several buffers.
   *
   * @param into with room
   * @return as {@link #read(ByteBuffer)}
   * @throws IOException as {@link #read(ByteBuffer)}
   */
  long read(ByteBuffer[] into) throws IOException;

  /**
   * Whether {@link #read} would find something: bytes, the end, or an error to throw. Disturbs
   * nobody who waits (spec IO-K13).
   *
   * @return false when one must wait for {@link #readable}
   * @throws IOException when it cannot be told; or {@link dev.tercet.ClosedResourceException}
   */
  boolean isReadable() throws IOException;

  /**
   * Writes what there is room for. The caller holds {@link #sending}.
   *
   * @param data not empty
   * @return how many bytes, 0 when one must wait for {@link #writable}
   * @throws IOException when the connection is broken, or {@link
   *     dev.tercet.ClosedResourceException}
   */
  int write(ByteBuffer data) throws IOException;

  /**
   * Writes from several buffers what there is room for.
   *
   * @param data not all empty
   * @return as {@link #write(ByteBuffer)}
   * @throws IOException as {@link #write(ByteBuffer)}
   */
  long write(ByteBuffer[] data) throws IOException;

  /**
   * Writes from a file what there is room for. The caller holds {@link #sending}. It may wait for
   * the disk, and an interrupt of its thread would close both channels.
   *
   * @param file the JDK's own
   * @param position where the bytes are in the file
   * @param count how many at most, 1 or more
   * @return how many bytes; 0 when one must wait for {@link #writable}, and at the end of the file
   * @throws IOException as {@link #write(ByteBuffer)}, and when the file cannot be read
   */
  default long transferFrom(FileChannel file, long position, long count) throws IOException {
    ByteBuffer scratch = Scratch.take();
    try {
      scratch.limit((int) Math.min(count, Scratch.BYTES));
      return file.read(scratch, position) <= 0 ? 0 : write(scratch.flip());
    } finally {
      Scratch.giveBack(scratch);
    }
  }

  /**
   * Shuts down one or both directions.
   *
   * @param write whether to stop sending; the peer gets the end of the stream
   * @throws IOException when the system refuses, or {@link dev.tercet.ClosedResourceException}
   */
  void shutdown(boolean read, boolean write) throws IOException;

  /**
   * Whether the sending direction was shut down by {@link #shutdown}.
   *
   * @return true after it succeeded
   */
  boolean isWriteShutDown();
}
