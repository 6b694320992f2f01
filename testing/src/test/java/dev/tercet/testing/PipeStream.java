package dev.tercet.testing;

import dev.tercet.BrokenResourceException;
import dev.tercet.blocking.ReceiveStream;
import dev.tercet.blocking.SendStream;
import dev.tercet.blocking.StapledStream;
import dev.tercet.testing.streams.MemoryStreams;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The two ends of a process that hands on what it gets, as {@code cat} does: a pipe of the kernel.
 */
final class PipeStream implements SendStream, ReceiveStream {
  private final Process process;

  private PipeStream(Process process) {
    this.process = process;
  }

  private static PipeStream cat() throws IOException {
    return new PipeStream(new ProcessBuilder("cat").start());
  }

  /** Two sides, with a pipe for each direction. */
  static MemoryStreams.Pair<StapledStream<PipeStream, PipeStream>> pair() throws IOException {
    PipeStream there = cat();
    PipeStream back = cat();
    return new MemoryStreams.Pair<>(StapledStream.of(there, back), StapledStream.of(back, there));
  }

  @Override
  public void sendAll(ByteBuffer data) throws IOException {
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    try {
      process.getOutputStream().write(bytes);
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new BrokenResourceException("the pipe is broken", e);
    }
  }

  @Override
  public void waitSendAllMightNotBlock() {}

  @Override
  public int receiveSome(ByteBuffer into) throws IOException {
    byte[] bytes = new byte[into.remaining()];
    int n;
    try {
      n = process.getInputStream().read(bytes);
    } catch (IOException e) {
      throw new BrokenResourceException("the pipe is broken", e);
    }
    if (n > 0) {
      into.put(bytes, 0, n);
    }
    return n;
  }

  /** Ends the process, from whichever side. */
  @Override
  public void close() {
    process.destroy();
  }

  @Override
  public void closeForcefully() {
    process.destroy();
  }
}
