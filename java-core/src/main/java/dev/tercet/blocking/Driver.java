package dev.tercet.blocking;

import dev.tercet.internal.wait.Operation;
import dev.tercet.internal.wait.Parking;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The one loop of the blocking API that meets what an {@link Operation} needs. It waits on the
 * calling thread, in the transport and in places, and knows no protocol.
 *
 * <p>Kotlin's twin is {@code Driver.kt}.
 */
final class Driver {
  private final @Nullable ReceiveStream source;

  /** Null when operations only receive, or only wait. */
  private final @Nullable Stream transport;

  private final IoAction ask;

  private Driver(@Nullable ReceiveStream source, @Nullable Stream transport, IoAction ask) {
    this.source = source;
    this.transport = transport;
    this.ask = ask;
  }

  /** The driver of operations that only wait. */
  static Driver waiting() {
    return new Driver(null, null, () -> {});
  }

  /** The driver of operations that receive. */
  static Driver receiving(ReceiveStream source) {
    return new Driver(source, null, () -> {});
  }

  /**
   * The driver of a protocol.
   *
   * @param transport the stream below
   * @param ask asks the user, for an operation that needs it
   */
  static Driver over(Stream transport, IoAction ask) {
    return new Driver(transport, transport, ask);
  }

  /** Drives an operation to its end. */
  void run(Operation operation) throws IOException, InterruptedException {
    while (true) {
      try {
        switch (operation.next()) {
          case DONE -> {
            return;
          }
          case SEND -> transport().sendAll(operation.output());
          case WRITABLE -> transport().waitSendAllMightNotBlock();
          case RECEIVE -> operation.received(source().receiveSome(operation.receiveBytes()));
          case FILL -> operation.filled(source().receiveSome(operation.room()));
          case COMPUTE -> operation.compute();
          case WAIT -> Parking.await(operation.place());
          case ASK -> ask.run();
          case WITHIN -> operation.ended(within(operation.limit(), operation.part()));
          case ABANDON -> transport().closeForcefully();
          case RELEASE -> Closing.awaitReleased(operation.closing());
        }
      } catch (InterruptedException | CancelledException e) {
        operation.cancelled(e);
        Closing.awaitReleased(operation.closing());
        throw e;
      } catch (Throwable e) {
        if (!operation.failed(e)) {
          throw e;
        }
      }
    }
  }

  private Stream transport() {
    if (transport == null) {
      throw new IllegalStateException("there is nothing to send to");
    }
    return transport;
  }

  private ReceiveStream source() {
    if (source == null) {
      throw new IllegalStateException("there is nothing to receive from");
    }
    return source;
  }

  /** Returns whether the time was over before the part. */
  private boolean within(@Nullable Duration limit, Operation part)
      throws IOException, InterruptedException {
    if (limit == null) {
      run(part);
      return false;
    }
    return CancelScope.moveOnAfter(limit).run(() -> run(part));
  }
}
