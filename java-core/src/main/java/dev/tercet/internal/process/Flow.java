package dev.tercet.internal.process;

import dev.tercet.BrokenResourceException;
import dev.tercet.TooLongException;
import dev.tercet.internal.net.Scratch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What moves through one pipe of a child, without anybody of the program's at its end.
 *
 * <p><i>Thread-safety:</i> one task at a time.
 */
abstract class Flow {
  /** So that a child that writes without end does not keep the thread from the others. */
  private static final int BYTES_PER_MOVE = 1 << 20;

  private boolean entered;
  private boolean over;

  private Flow() {}

  /** The pipe that one has to wait for. */
  abstract PipeEnd pipe();

  /** Moves some; returns how many bytes, 0 when one must wait, -1 at the end. */
  abstract int step() throws IOException;

  final boolean isOver() {
    return over;
  }

  /** Moves what can be moved without waiting, up to a limit. */
  final void move() throws IOException {
    if (!entered) {
      pipe().turn().enter();
      entered = true;
    }
    int moved = 0;
    while (!over && moved < BYTES_PER_MOVE) {
      int n = step();
      if (n == 0) {
        return;
      }
      if (n < 0) {
        close();
      }
      moved += n;
    }
  }

  /** Ends it. Closes our end of the pipe. */
  final void close() {
    over = true;
    pipe().close();
    if (entered) {
      entered = false;
      pipe().exit();
    }
  }

  /** Bytes for the standard input. */
  static final class Fed extends Flow {
    private final PipeSink sink;
    private final ByteBuffer data;

    Fed(PipeSink sink, byte[] data) {
      this.sink = sink;
      this.data = ByteBuffer.wrap(data);
    }

    @Override
    PipeEnd pipe() {
      return sink;
    }

    @Override
    int step() throws IOException {
      if (!data.hasRemaining()) {
        return -1;
      }
      try {
        return sink.send(data);
      } catch (BrokenResourceException e) {
        // The child reads no more, which is its right (spec PROC-P6).
        return -1;
      }
    }
  }

  /** Output of a child. */
  private abstract static class Received extends Flow {
    private final PipeSource source;

    Received(PipeSource source) {
      this.source = source;
    }

    /** Takes in what was received. */
    abstract void add(ByteBuffer more) throws TooLongException;

    @Override
    PipeEnd pipe() {
      return source;
    }

    @Override
    int step() throws IOException {
      ByteBuffer scratch = Scratch.take();
      try {
        int n = source.receive(scratch);
        add(scratch.flip());
        return n;
      } finally {
        Scratch.giveBack(scratch);
      }
    }
  }

  /** Output that nobody wants. */
  static final class Discarded extends Received {
    Discarded(PipeSource source) {
      super(source);
    }

    @Override
    void add(ByteBuffer more) {
      // Gone.
    }
  }

  /** Output that is kept. */
  static final class Captured extends Received {
    private static final int FIRST_BYTES = 8192;

    private final int most;
    private byte[] bytes = new byte[0];
    private int count;

    Captured(PipeSource source, int most) {
      super(source);
      this.most = most;
    }

    @Override
    void add(ByteBuffer more) throws TooLongException {
      int n = more.remaining();
      if (n > most - count) {
        throw new TooLongException("captured output of the child", most);
      }
      if (n > bytes.length - count) {
        long wanted = Math.max(Math.max(count + (long) n, 2L * bytes.length), FIRST_BYTES);
        bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, most));
      }
      more.get(bytes, count, n);
      count += n;
    }

    /** What has come; to be asked when it is over. */
    byte[] bytes() {
      return count == bytes.length ? bytes : Arrays.copyOf(bytes, count);
    }
  }
}
