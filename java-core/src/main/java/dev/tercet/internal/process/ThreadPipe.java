package dev.tercet.internal.process;

import dev.tercet.ResourceException;
import dev.tercet.internal.thread.LibraryThreads;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * An end of a pipe of the JDK, which blocks: for systems that have no name for the pipes of a
 * process, see {@link PipePath}.
 *
 * <p><b>The problem.</b> A thread that reads a pipe of a child hears neither of an interrupt nor of
 * a close; it is blocked until the last process that holds the other end has ended.
 *
 * <p><b>The strategy.</b> Only the thread of this pipe touches the JDK's stream. A close leaves a
 * blocked thread behind; it ends when the pipe does.
 */
abstract class ThreadPipe extends HandedPipe {
  private final Closeable stream;

  private ThreadPipe(Closeable stream, String turn) {
    super(turn, "this pipe was closed", "pipe to a child process broken: ");
    this.stream = stream;
  }

  static PipeSource source(InputStream stream) {
    return started(new Source(stream), "tercet-pipe-from-child");
  }

  static PipeSink sink(OutputStream stream) {
    return started(new Sink(stream), "tercet-pipe-to-child");
  }

  private static <T extends ThreadPipe> T started(T pipe, String name) {
    LibraryThreads.make(name, pipe).start();
    return pipe;
  }

  @Override
  public final void run() {
    try {
      super.run();
    } finally {
      PipePath.closeQuietly(stream);
    }
  }

  private static final class Source extends ThreadPipe implements PipeSource {
    private final InputStream input;

    /** Guarded by this. */
    private boolean ended;

    Source(InputStream input) {
      super(input, "another task is receiving");
      this.input = input;
    }

    @Override
    void move() throws IOException, InterruptedException {
      byte[] bytes = new byte[CHUNK_BYTES];
      int n = 0;
      while (n >= 0) {
        n = input.read(bytes);
        synchronized (this) {
          while (!closed && chunk.hasRemaining()) {
            wait();
          }
          if (closed) {
            return;
          }
          ended = n < 0;
          chunk.clear().put(bytes, 0, Math.max(n, 0)).flip();
        }
        news();
      }
    }

    @Override
    boolean isReady() {
      return ended || chunk.hasRemaining();
    }

    @Override
    public int receive(ByteBuffer into) throws ResourceException {
      int n;
      synchronized (this) {
        ensureOpen();
        n = take(into);
        if (n == 0) {
          ensureUsable();
          return ended ? -1 : 0;
        }
      }
      news();
      return n;
    }

    @Override
    public String toString() {
      return "pipe from a child process" + (isClosed() ? ", closed" : "");
    }
  }

  private static final class Sink extends ThreadPipe implements PipeSink {
    private final OutputStream output;

    Sink(OutputStream output) {
      super(output, "another task is sending");
      this.output = output;
    }

    /** A close comes after what was sent before it. */
    @Override
    void move() throws IOException, InterruptedException {
      byte[] bytes = new byte[CHUNK_BYTES];
      while (true) {
        int n;
        synchronized (this) {
          while (!closed && !chunk.hasRemaining()) {
            wait();
          }
          n = chunk.remaining();
          if (n == 0) {
            return;
          }
          chunk.get(bytes, 0, n);
        }
        output.write(bytes, 0, n);
        output.flush();
        news();
      }
    }

    @Override
    boolean isReady() {
      return !chunk.hasRemaining();
    }

    @Override
    public int send(ByteBuffer data) throws ResourceException {
      int n;
      synchronized (this) {
        ensureUsable();
        if (chunk.hasRemaining()) {
          return 0;
        }
        n = fill(data);
        data.position(data.position() + n);
      }
      news();
      return n;
    }

    @Override
    public void ensureCanSend() throws ResourceException {
      ensureUsable();
    }

    @Override
    public String toString() {
      return "pipe to a child process" + (isClosed() ? ", closed" : "");
    }
  }
}
