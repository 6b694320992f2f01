package dev.tercet.testing.conformance;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.blocking.ReceiveStream;
import dev.tercet.blocking.SendStream;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.Parking;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The checks of one direction whose sender has to wait; see {@link StreamConformance}. */
final class CloggedChecks {
  private final Checks<? extends SendStream, ? extends ReceiveStream> clogged;

  CloggedChecks(Checks<? extends SendStream, ? extends ReceiveStream> clogged) {
    this.clogged = clogged;
  }

  void run() throws IOException, InterruptedException {
    order();
    exclusion();
    closing();
  }

  private void order() throws IOException, InterruptedException {
    clogged.check(
        "KIT-C33",
        "waitSendAllMightNotBlock waits until somebody receives, and no longer",
        (check, s, r) -> {
          List<String> record = new CopyOnWriteArrayList<>();
          Latch begun = new Latch();
          CheckTask waiter =
              check.start(
                  () -> {
                    record.add("waiter sleeps");
                    begun.open();
                    s.waitSendAllMightNotBlock();
                    record.add("waiter wakes");
                  });
          // On a busy machine a thread may need longer to begin than settling waits.
          Parking.await(begun);
          check.settle();
          record.add("receiver starts");
          CheckTask receiver =
              check.start(
                  () -> {
                    while (true) {
                      byte[] unused = r.receiveSome(16_384);
                    }
                  });
          waiter.join();
          Cancel.INTERRUPT.cancel(receiver);
          receiver.join();
          Must.hold(
              record.equals(List.of("waiter sleeps", "receiver starts", "waiter wakes")),
              () -> "it went " + record);
        });
  }

  private void exclusion() throws IOException, InterruptedException {
    clogged.check(
        "KIT-C34",
        "of two that wait to send one is Busy",
        (check, s, r) ->
            check.exactlyOneIsBusy(s::waitSendAllMightNotBlock, s::waitSendAllMightNotBlock));
    clogged.check(
        "KIT-C35",
        "of one that waits to send and one that sends one is Busy",
        (check, s, r) ->
            check.exactlyOneIsBusy(s::waitSendAllMightNotBlock, () -> s.sendAll(Must.bytes("x"))));
    clogged.check(
        "KIT-C36",
        "of two senders one is Busy",
        (check, s, r) ->
            check.exactlyOneIsBusy(
                () -> s.sendAll(Must.bytes("x")), () -> s.sendAll(Must.bytes("y"))));
  }

  private void closing() throws IOException, InterruptedException {
    clogged.check(
        "KIT-C37",
        "closing the peer ends a wait to send, well or with Broken",
        (check, s, r) -> {
          CheckTask waiting = check.start(() -> waitOrBroken(s));
          check.settle();
          r.closeForcefully();
          waiting.join();
        });
    clogged.check(
        "KIT-C38",
        "a wait to send to a closed peer ends, well or with Broken",
        (check, s, r) -> {
          r.closeForcefully();
          waitOrBroken(s);
        });
    clogged.check(
        "KIT-C39",
        "closing ends a waiting send with Closed",
        (check, s, r) -> {
          CheckTask sending =
              check.start(
                  () -> Must.fail(ClosedResourceException.class, () -> s.sendAll(Must.bytes("x"))));
          check.settle();
          s.closeForcefully();
          sending.join();
        });
    clogged.check(
        "KIT-C40",
        "closing ends a wait to send with Closed",
        (check, s, r) -> {
          CheckTask waiting =
              check.start(
                  () -> Must.fail(ClosedResourceException.class, s::waitSendAllMightNotBlock));
          check.settle();
          s.closeForcefully();
          waiting.join();
        });
  }

  private static void waitOrBroken(SendStream stream) throws IOException, InterruptedException {
    try {
      stream.waitSendAllMightNotBlock();
    } catch (BrokenResourceException e) {
      // Either is allowed.
    }
  }
}
