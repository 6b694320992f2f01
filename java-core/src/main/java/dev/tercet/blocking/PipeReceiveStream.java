package dev.tercet.blocking;

import dev.tercet.internal.process.PipeSource;
import dev.tercet.internal.wait.Parking;
import java.io.IOException;
import java.nio.ByteBuffer;

/** What a child process writes, as a stream. */
final class PipeReceiveStream implements ReceiveStream {
  private final PipeSource pipe;

  PipeReceiveStream(PipeSource pipe) {
    this.pipe = pipe;
  }

  @Override
  public int receiveSome(ByteBuffer into) throws IOException, InterruptedException {
    if (!into.hasRemaining()) {
      throw new IllegalArgumentException("there is no room to receive into");
    }
    pipe.turn().enter();
    try {
      Parking.checkpoint();
      while (true) {
        int n = pipe.receive(into);
        if (n != 0) {
          return n;
        }
        Parking.await(pipe.place());
      }
    } finally {
      pipe.exit();
    }
  }

  /** Memory for the bytes is taken when there are some, so that a pipe that waits holds none. */
  @Override
  public byte[] receiveSome(int maxBytes) throws IOException, InterruptedException {
    if (maxBytes < 1) {
      throw new IllegalArgumentException("maxBytes must be at least 1, not " + maxBytes);
    }
    pipe.turn().enter();
    try {
      Parking.checkpoint();
      while (true) {
        byte[] bytes = pipe.receive(maxBytes);
        if (bytes != null) {
          return bytes;
        }
        Parking.await(pipe.place());
      }
    } finally {
      pipe.exit();
    }
  }

  @Override
  public void close() {
    Closing.close(pipe);
  }

  @Override
  public void closeForcefully() {
    pipe.close();
  }

  @Override
  public String toString() {
    return "ReceiveStream(" + pipe + ")";
  }
}
