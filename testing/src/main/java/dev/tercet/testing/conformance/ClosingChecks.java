package dev.tercet.testing.conformance;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.blocking.ReceiveStream;
import dev.tercet.blocking.SendStream;
import java.io.IOException;

/** The checks of one direction: what a close does; see {@link StreamConformance}. */
final class ClosingChecks {
  private final Checks<? extends SendStream, ? extends ReceiveStream> pairs;

  ClosingChecks(Checks<? extends SendStream, ? extends ReceiveStream> pairs) {
    this.pairs = pairs;
  }

  void run() throws IOException, InterruptedException {
    closing();
    closingForcefully();
    closingWhileUsed();
  }

  private void closing() throws IOException, InterruptedException {
    pairs.check(
        "KIT-C14",
        "when the receiver is closed the sender is Broken in the end",
        (check, s, r) -> {
          r.close();
          Must.beBrokenInTheEnd(s);
          check.step("KIT-C15", "it stays Broken");
          Must.fail(BrokenResourceException.class, () -> s.sendAll(Must.bytes("x")));
          check.step("KIT-C16", "receiving after the own close is Closed");
          Must.fail(ClosedResourceException.class, () -> r.receiveSome(1));
          check.step(
              "KIT-C17",
              "closing the receiver again, twice, is fine, and each time a cancellation is"
                  + " noticed");
          r.close();
          r.close();
          Must.hold(!Cancel.SCOPE.returns(r::close), () -> "close returned in an expired scope");
          check.step("KIT-C18", "closing a Broken sender succeeds");
          s.close();
          check.step("KIT-C19", "Closed outranks Broken");
          Must.fail(ClosedResourceException.class, () -> s.sendAll(Must.bytes("x")));
          check.step("KIT-C20", "sending nothing on a closed stream is Closed too");
          Must.fail(ClosedResourceException.class, () -> s.sendAll(new byte[0]));
          check.step("KIT-C21", "waiting to send on a closed stream is Closed");
          Must.fail(ClosedResourceException.class, s::waitSendAllMightNotBlock);
          check.step("KIT-C22", "closing the sender again, twice, is fine");
          s.close();
          s.close();
        });
    pairs.check(
        "KIT-C23",
        "what was sent before a graceful close arrives, then the end, however late the reader",
        (check, s, r) -> {
          check.start(
              () -> {
                s.sendAll(Must.bytes("y"));
                s.close();
              });
          check.settle();
          Must.receive(r, "y");
          Must.beAtEnd(r);
          check.step("KIT-C51", "the end stays");
          for (int i = 0; i < 3; i++) {
            Must.beAtEnd(r);
          }
          check.step("KIT-C24", "closing after the end is fine");
          r.close();
        });
  }

  private void closingForcefully() throws IOException, InterruptedException {
    pairs.check(
        "KIT-C25",
        "when the receiver is force-closed the sender is Broken in the end",
        (check, s, r) -> {
          r.closeForcefully();
          Must.beBrokenInTheEnd(s);
          check.step("KIT-C26", "receiving after the own forced close is Closed");
          Must.fail(ClosedResourceException.class, () -> r.receiveSome(1));
        });
    pairs.check(
        "KIT-C27",
        "sending after the own forced close is Closed",
        (check, s, r) -> {
          s.closeForcefully();
          Must.fail(ClosedResourceException.class, () -> s.sendAll(Must.bytes("x")));
          check.step(
              "KIT-C28", "the peer of a forced close gets the end or Broken, no data and no hang");
          try {
            Must.beAtEnd(r);
          } catch (BrokenResourceException e) {
            // As good.
          }
        });
  }

  private void closingWhileUsed() throws IOException, InterruptedException {
    pairs.check(
        "KIT-C32",
        "closing ends a waiting receive with Closed",
        (check, s, r) -> {
          CheckTask receiving =
              check.start(() -> Must.fail(ClosedResourceException.class, () -> r.receiveSome(1)));
          check.settle();
          r.closeForcefully();
          receiving.join();
        });
  }
}
