package dev.tercet.blocking;

import dev.tercet.internal.net.FileSending;
import dev.tercet.internal.net.FileSending.Next;
import dev.tercet.internal.net.FileSource;
import dev.tercet.internal.net.StreamCore;
import dev.tercet.internal.thread.DiskThreads;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.Parking;
import dev.tercet.internal.wait.Rethrow;
import dev.tercet.internal.wait.World;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The drivers of {@link FileSending}. The disk's part runs on {@link DiskThreads}, since an
 * interrupt of this thread would close a channel of the caller's, and the socket with it; in
 * simulated time it runs here, since a simulation knows its own threads only.
 */
final class FileSends {
  private FileSends() {}

  /** How a stream sends. */
  @FunctionalInterface
  interface Way {
    long send(FileSending sending) throws IOException, InterruptedException;
  }

  static long send(Path file, long offset, long count, Way way)
      throws IOException, InterruptedException {
    Parking.checkpoint();
    try (FileSource source = FileSource.open(file)) {
      return way.send(new FileSending(source, offset, count));
    }
  }

  static long send(FileChannel file, long offset, long count, Way way)
      throws IOException, InterruptedException {
    try (FileSource source = FileSource.of(file)) {
      return way.send(new FileSending(source, offset, count));
    }
  }

  /** By the system, without a copy. */
  static long transfer(StreamCore core, FileSending sending)
      throws IOException, InterruptedException {
    core.socket().sending().enter();
    try {
      while (true) {
        Parking.checkpoint();
        switch (onDisk(() -> sending.transferSome(core))) {
          case DONE -> {
            return sending.sent();
          }
          case WAIT -> Parking.await(core.socket().writable());
          case MORE -> {}
        }
      }
    } finally {
      core.socket().sending().exit();
    }
  }

  /** Through a buffer. */
  static long copy(SendStream to, FileSending sending) throws IOException, InterruptedException {
    while (onDisk(sending::readSome) != Next.DONE) {
      to.sendAll(sending.block());
    }
    if (sending.sent() == 0) {
      // A stream that is closed or broken says so, also when there is nothing to send.
      to.sendAll(sending.block());
    }
    return sending.sent();
  }

  private static Next onDisk(Step step) throws IOException {
    if (World.current() != World.REAL) {
      return step.take();
    }
    Parking.refuseOnLoop();
    OnDisk work = new OnDisk(step);
    DiskThreads.shared().execute(work);
    return work.await();
  }

  @FunctionalInterface
  private interface Step {
    Next take() throws IOException;
  }

  private static final class OnDisk implements Runnable {
    private final Step step;
    private final Latch ended = new Latch();

    /** Written before the latch opens, and read after it, as is the failure. */
    private Next next = Next.DONE;

    private @Nullable Throwable failure;

    OnDisk(Step step) {
      this.step = step;
    }

    @Override
    public void run() {
      try {
        next = step.take();
      } catch (Throwable e) {
        failure = e;
      }
      ended.open();
    }

    Next await() {
      Parking.awaitUninterruptibly(ended);
      if (failure != null) {
        throw Rethrow.unchecked(failure);
      }
      return next;
    }
  }
}
