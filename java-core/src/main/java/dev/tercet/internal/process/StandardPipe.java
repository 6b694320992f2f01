package dev.tercet.internal.process;

import dev.tercet.internal.thread.LibraryThreads;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/**
 * A standard stream of this program, on a daemon thread that makes a call only while somebody wants
 * it. A call is taken back by closing its channel, see {@link StandardFile}: that wakes the thread
 * within milliseconds, and the next call gets another channel. Where the file cannot be opened
 * again, the thread stays in its call.
 *
 * <p>A close ends the stream, not the descriptor, which the program may use in other ways.
 */
abstract class StandardPipe extends HandedPipe {
  final StandardFile file;

  /** Guarded by this. The channel of the call that is going on and was not taken back. */
  private @Nullable FileChannel inCall;

  /** Guarded by this. */
  private boolean started;

  StandardPipe(StandardFile file, String turn) {
    super(turn, "the stream of " + file + " was closed", file + ": ");
    this.file = file;
  }

  abstract FileChannel open() throws IOException;

  /** Whether a call is to be made. Guarded by this. */
  abstract boolean isWanted();

  /** Makes a call, and keeps what came of it. */
  abstract void call(FileChannel channel) throws IOException;

  /** Guarded by this. */
  final void startOnce() {
    if (!started) {
      LibraryThreads.make("tercet-" + file.toString().replace(' ', '-'), this).start();
      started = true;
    }
  }

  @Override
  final void move() throws IOException, InterruptedException {
    while (!isClosed()) {
      FileChannel channel = open();
      try {
        while (channel.isOpen() && awaitWanted(channel)) {
          callOnce(channel);
        }
      } finally {
        file.close(channel);
      }
    }
  }

  private void callOnce(FileChannel channel) throws IOException {
    try {
      call(channel);
    } catch (ClosedChannelException e) {
      if (!wasTakenBack()) {
        throw e;
      }
    }
    synchronized (this) {
      inCall = null;
      onEnded();
    }
    news();
  }

  private synchronized boolean wasTakenBack() {
    return inCall == null;
  }

  /** Returns false when closed. */
  private synchronized boolean awaitWanted(FileChannel channel) throws InterruptedException {
    while (!closed && !isWanted()) {
      wait();
    }
    inCall = closed ? null : channel;
    return !closed;
  }

  /** A call has ended, or was taken back. Guarded by this. */
  void onEnded() {}

  @Override
  void takeBack() {
    FileChannel revoked;
    synchronized (this) {
      revoked = inCall;
      inCall = null;
    }
    if (revoked != null) {
      file.close(revoked);
    }
  }

  @Override
  public final String toString() {
    return file + (isClosed() ? ", closed" : "");
  }
}
