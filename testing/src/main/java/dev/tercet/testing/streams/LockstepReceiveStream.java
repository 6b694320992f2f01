package dev.tercet.testing.streams;

import dev.tercet.blocking.ReceiveStream;
import dev.tercet.internal.wait.Parking;
import dev.tercet.testing.internal.LockstepPipe;
import dev.tercet.testing.internal.ReceiveHalf;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The receiving end of a lockstep pipe. */
final class LockstepReceiveStream implements ReceiveStream {
  private final LockstepPipe pipe;

  LockstepReceiveStream(LockstepPipe pipe) {
    this.pipe = pipe;
  }

  @Override
  public int receiveSome(ByteBuffer into) throws IOException, InterruptedException {
    ReceiveHalf.checkRoom(into);
    pipe.receiving().enter();
    try {
      Parking.checkpoint();
      while (true) {
        int count = pipe.take(into);
        if (count != 0) {
          return count;
        }
        Parking.await(pipe.receivable());
      }
    } finally {
      pipe.leaveReceive();
    }
  }

  @Override
  public void close() {
    closeForcefully();
    Parking.throwIfExpired();
  }

  @Override
  public void closeForcefully() {
    pipe.closeReceiver();
  }
}
