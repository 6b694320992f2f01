package dev.tercet.blocking;

import dev.tercet.internal.process.PipeSink;
import dev.tercet.internal.wait.Parking;
import java.io.IOException;
import java.nio.ByteBuffer;

/** What a child process reads, as a stream. Closing it is the end that the child finds. */
final class PipeSendStream implements SendStream {
  private final PipeSink pipe;

  PipeSendStream(PipeSink pipe) {
    this.pipe = pipe;
  }

  @Override
  public void sendAll(ByteBuffer data) throws IOException, InterruptedException {
    pipe.turn().enter();
    try {
      do {
        Parking.checkpoint();
        if (pipe.send(data) == 0 && data.hasRemaining()) {
          Parking.await(pipe.place());
        }
      } while (data.hasRemaining());
    } finally {
      pipe.exit();
    }
  }

  @Override
  public void waitSendAllMightNotBlock() throws IOException, InterruptedException {
    pipe.turn().enter();
    try {
      Parking.checkpoint();
      pipe.ensureCanSend();
      Parking.await(pipe.place());
      pipe.ensureCanSend();
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
    return "SendStream(" + pipe + ")";
  }
}
