package dev.tercet.testing.streams;

import dev.tercet.blocking.SendStream;
import dev.tercet.internal.wait.Parking;
import dev.tercet.testing.internal.LockstepPipe;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The sending end of a lockstep pipe. */
final class LockstepSendStream implements SendStream {
  private final LockstepPipe pipe;

  LockstepSendStream(LockstepPipe pipe) {
    this.pipe = pipe;
  }

  @Override
  public void sendAll(ByteBuffer data) throws IOException, InterruptedException {
    pipe.sending().enter();
    try {
      Parking.checkpoint();
      if (!pipe.offer(data)) {
        try {
          while (!pipe.isSent()) {
            Parking.await(pipe.sent());
          }
        } finally {
          pipe.withdraw();
        }
        data.position(data.limit());
      }
    } finally {
      pipe.sending().exit();
    }
  }

  @Override
  public void waitSendAllMightNotBlock() throws IOException, InterruptedException {
    pipe.sending().enter();
    try {
      Parking.checkpoint();
      while (!pipe.isWritable()) {
        Parking.await(pipe.writable());
      }
    } finally {
      pipe.sending().exit();
    }
  }

  @Override
  public void close() {
    closeForcefully();
    Parking.throwIfExpired();
  }

  @Override
  public void closeForcefully() {
    pipe.closeSender();
  }
}
