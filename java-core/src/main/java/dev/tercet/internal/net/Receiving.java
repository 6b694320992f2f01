package dev.tercet.internal.net;

import dev.tercet.ResourceException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What bytes are received from, without waiting. */
public interface Receiving {
  /**
   * Receives what is there.
   *
   * @param into with room
   * @return how many bytes, 0 when one must wait, -1 at the end
   * @throws ResourceException when broken or closed
   */
  int receive(ByteBuffer into) throws ResourceException;

  /**
   * Receives what is there into an array of the right size. No buffer is held when there is
   * nothing.
   *
   * @param maxBytes 1 or more
   * @return 1 to {@code maxBytes} bytes, none at the end, null when one must wait
   * @throws ResourceException when broken or closed
   */
  default byte @Nullable [] receive(int maxBytes) throws ResourceException {
    ByteBuffer scratch = Scratch.take();
    try {
      scratch.limit(Math.min(maxBytes, Scratch.BYTES));
      int n = receive(scratch);
      if (n == 0) {
        return null;
      }
      byte[] bytes = new byte[Math.max(n, 0)];
      scratch.flip().get(bytes);
      return bytes;
    } finally {
      Scratch.giveBack(scratch);
    }
  }
}
