package dev.tercet.internal.process;

import dev.tercet.BrokenResourceException;
import dev.tercet.ResourceException;
import dev.tercet.internal.loop.SelectorLoop;
import dev.tercet.internal.nio.LoopChannel;
import dev.tercet.internal.wait.Exclusive;
import dev.tercet.internal.wait.WaitPlace;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import org.jspecify.annotations.Nullable;

/**
 * An end of a pipe on an event loop: no thread, and no buffer while it is idle.
 *
 * @param <C> the kind of channel
 */
abstract class LoopPipe<C extends SelectableChannel> extends LoopChannel<C> implements PipeEnd {
  private final Exclusive turn;
  private volatile @Nullable IOException brokenBy;

  private LoopPipe(C channel, SelectorLoop loop, String turn) throws IOException {
    super(channel, loop, "this pipe was closed");
    this.turn = new Exclusive(turn);
  }

  static PipeSource source(Pipe.SourceChannel channel, SelectorLoop loop) throws IOException {
    return new Source(channel, loop);
  }

  static PipeSink sink(Pipe.SinkChannel channel, SelectorLoop loop) throws IOException {
    return new Sink(channel, loop);
  }

  @Override
  public final Exclusive turn() {
    return turn;
  }

  final void ensureUsable() throws ResourceException {
    ensureOpen();
    if (brokenBy != null) {
      throw broken(brokenBy);
    }
  }

  final ResourceException failed(IOException e) {
    if (isClosed()) {
      return closed();
    }
    brokenBy = e;
    return broken(e);
  }

  private static BrokenResourceException broken(IOException e) {
    return new BrokenResourceException("pipe to a child process broken: " + e.getMessage(), e);
  }

  /** Makes the system call with at most so much of a heap buffer as is worth its copy. */
  final int limited(ByteBuffer buffer, Call call) throws ResourceException {
    int limit = buffer.limit();
    buffer.limit(buffer.position() + callBytes(buffer));
    try {
      return call.run(buffer);
    } catch (IOException e) {
      throw failed(e);
    } finally {
      buffer.limit(limit);
    }
  }

  interface Call {
    int run(ByteBuffer buffer) throws IOException;
  }

  private static final class Source extends LoopPipe<Pipe.SourceChannel> implements PipeSource {
    private final Call read = channel::read;

    Source(Pipe.SourceChannel channel, SelectorLoop loop) throws IOException {
      super(channel, loop, "another task is receiving");
    }

    @Override
    public WaitPlace place() {
      return readiness.readable();
    }

    @Override
    public int receive(ByteBuffer into) throws ResourceException {
      ensureUsable();
      return limited(into, read);
    }

    @Override
    public String toString() {
      return "pipe from a child process" + (isClosed() ? ", closed" : "");
    }
  }

  private static final class Sink extends LoopPipe<Pipe.SinkChannel> implements PipeSink {
    private final Call write = channel::write;

    Sink(Pipe.SinkChannel channel, SelectorLoop loop) throws IOException {
      super(channel, loop, "another task is sending");
    }

    @Override
    public WaitPlace place() {
      return readiness.writable();
    }

    @Override
    public int send(ByteBuffer data) throws ResourceException {
      ensureUsable();
      return data.hasRemaining() ? limited(data, write) : 0;
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
