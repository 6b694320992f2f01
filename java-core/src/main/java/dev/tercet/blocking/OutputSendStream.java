package dev.tercet.blocking;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.internal.wait.Exclusive;
import dev.tercet.internal.wait.Parking;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import org.jspecify.annotations.Nullable;

/**
 * A JDK output stream as a {@link SendStream}. A write that blocks ends at an interrupt only if the
 * output stream itself does so; most do not, and then the interrupt is noticed at the next call.
 */
final class OutputSendStream implements SendStream {
  static final String STREAM_BROKEN = "the stream is broken";

  private static final int CHUNK_BYTES = 8192;

  private final OutputStream output;
  private final String name;
  private final Exclusive sending = new Exclusive("another task is sending");
  private volatile boolean closed;

  /** Guarded by {@link #sending}. */
  private @Nullable IOException broken;

  OutputSendStream(OutputStream output) {
    this(output, output.toString());
  }

  OutputSendStream(OutputStream output, String name) {
    this.output = output;
    this.name = name;
  }

  @Override
  public void sendAll(ByteBuffer data) throws IOException, InterruptedException {
    enter();
    try {
      if (data.hasRemaining()) {
        write(data);
        output.flush();
      }
    } catch (IOException e) {
      throw failed(e);
    } finally {
      sending.exit();
    }
  }

  /** May always return at once: there is no way to know (spec IO-S7). */
  @Override
  public void waitSendAllMightNotBlock() throws IOException, InterruptedException {
    enter();
    sending.exit();
  }

  @Override
  public void close() throws IOException {
    closed = true;
    output.close();
    Parking.throwIfExpired();
  }

  @Override
  public void closeForcefully() {
    closed = true;
    try {
      output.close();
    } catch (IOException e) {
      // Closing forcefully has no errors: the stream is closed, if not well.
    }
  }

  @Override
  public String toString() {
    return "SendStream(" + name + ")";
  }

  private void enter() throws IOException, InterruptedException {
    sending.enter();
    try {
      Parking.checkpoint();
      if (closed) {
        throw closedByUs();
      }
      if (broken != null) {
        throw new BrokenResourceException(STREAM_BROKEN, broken);
      }
    } catch (Throwable e) {
      sending.exit();
      throw e;
    }
  }

  private void write(ByteBuffer data) throws IOException {
    if (data.hasArray()) {
      output.write(data.array(), data.arrayOffset() + data.position(), data.remaining());
      data.position(data.limit());
      return;
    }
    byte[] chunk = new byte[Math.min(data.remaining(), CHUNK_BYTES)];
    while (data.hasRemaining()) {
      int length = Math.min(data.remaining(), chunk.length);
      data.get(chunk, 0, length);
      output.write(chunk, 0, length);
    }
  }

  /** What the caller gets to see, for what the output stream has thrown. */
  private IOException failed(IOException e) throws InterruptedException {
    if (closed) {
      return closedByUs();
    }
    if (isInterrupt(e)) {
      throw asInterrupt(e);
    }
    broken = e;
    return new BrokenResourceException(STREAM_BROKEN, e);
  }

  static ClosedResourceException closedByUs() {
    return new ClosedResourceException("the stream was closed");
  }

  /** Whether it means that this thread was interrupted; a socket's timeout is a subclass too. */
  static boolean isInterrupt(IOException e) {
    return e instanceof ClosedByInterruptException
        || (e instanceof InterruptedIOException && !(e instanceof SocketTimeoutException));
  }

  /** For a JDK stream that is itself an adapter of ours, the scope's own exception is thrown. */
  static InterruptedException asInterrupt(IOException e) {
    if (e.getCause() instanceof CancelledException expiry) {
      throw expiry;
    }
    Thread.interrupted();
    InterruptedException interrupt = new InterruptedException();
    interrupt.initCause(e);
    return interrupt;
  }
}
