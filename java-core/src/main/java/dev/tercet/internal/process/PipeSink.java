package dev.tercet.internal.process;

import dev.tercet.ResourceException;
import java.nio.ByteBuffer;

/** The end of a pipe that we send to. */
public interface PipeSink extends PipeEnd {
  /**
   * Sends what there is room for.
   *
   * @return how many bytes, 0 when one must wait; 0 also for no data
   * @throws ResourceException when nobody reads the pipe any more, or closed
   */
  int send(ByteBuffer data) throws ResourceException;

  /**
   * Throws what sending would throw.
   *
   * @throws ResourceException when broken or closed
   */
  void ensureCanSend() throws ResourceException;
}
