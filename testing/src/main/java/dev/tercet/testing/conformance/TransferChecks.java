package dev.tercet.testing.conformance;

import dev.tercet.blocking.ReceiveStream;
import dev.tercet.blocking.SendStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** The checks of one direction: what is sent arrives; see {@link StreamConformance}. */
final class TransferChecks {
  private final Checks<? extends SendStream, ? extends ReceiveStream> pairs;

  TransferChecks(Checks<? extends SendStream, ? extends ReceiveStream> pairs) {
    this.pairs = pairs;
  }

  void run() throws IOException, InterruptedException {
    transfer();
    buffers();
    arguments();
    waiting();
  }

  private void transfer() throws IOException, InterruptedException {
    pairs.check(
        "KIT-C2",
        "a send notices a cancellation",
        (check, s, r) -> {
          Must.hold(
              !Cancel.SCOPE.returns(() -> s.sendAll(Must.bytes("x"))),
              () -> "the send returned in an expired scope");
        });
    pairs.check(
        "KIT-C3",
        "what is sent is received, no more and no less, and receiving notices a cancellation",
        (check, s, r) -> {
          Must.hold(
              !Cancel.SCOPE.returns(() -> r.receiveSome(1)),
              () -> "the receive returned in an expired scope");
          check.start(() -> s.sendAll(Must.bytes("x")));
          Must.beText(r.receiveSome(1), "x");
        });
    pairs.check(
        "KIT-C4",
        "sending nothing is no marker: the reader sees only what comes after",
        (check, s, r) -> {
          check.start(
              () -> {
                s.sendAll(new byte[0]);
                s.sendAll(Must.bytes("y"));
              });
          Must.receive(r, "y");
        });
  }

  private void buffers() throws IOException, InterruptedException {
    pairs.check(
        "KIT-C5",
        "an array can be sent, and a part of one",
        (check, s, r) -> {
          check.start(
              () -> {
                s.sendAll(Must.bytes("ab"));
                s.sendAll(Must.bytes("-cd-"), 1, 2);
              });
          Must.receive(r, "abcd");
        });
    pairs.check(
        "KIT-C6",
        "heap, direct, read-only and sliced buffers are sent from position to limit",
        (check, s, r) -> {
          List<ByteBuffer> buffers =
              List.of(
                  ByteBuffer.wrap(Must.bytes("-a-")).position(1).limit(2),
                  ByteBuffer.allocateDirect(2).put(Must.bytes("bc")).flip(),
                  ByteBuffer.wrap(Must.bytes("d")).asReadOnlyBuffer(),
                  ByteBuffer.wrap(Must.bytes("--ef--")).position(2).slice().limit(2));
          check.start(
              () -> {
                for (ByteBuffer buffer : buffers) {
                  s.sendAll(buffer);
                  Must.hold(
                      buffer.position() == buffer.limit(),
                      () -> "the position of " + buffer + " is not at its limit");
                }
              });
          Must.receive(r, "abcdef");
        });
    pairs.check(
        "KIT-C10",
        "receiveSome without a size works",
        (check, s, r) -> {
          check.start(() -> s.sendAll(Must.bytes("x")));
          Must.beText(r.receiveSome(), "x");
        });
    pairs.check(
        "KIT-C11",
        "receiveSome into a large direct buffer advances it by what came",
        (check, s, r) -> {
          check.start(() -> s.sendAll(Must.bytes("x")));
          ByteBuffer buffer = ByteBuffer.allocateDirect(1000).position(3);
          int n = r.receiveSome(buffer);
          Must.hold(
              n == 1 && buffer.position() == 4,
              () -> "receiveSome returned " + n + ", and the buffer is now " + buffer);
        });
  }

  private void arguments() throws IOException, InterruptedException {
    pairs.check(
        "KIT-C7",
        "a negative size is an argument error, also after a close",
        (check, s, r) -> {
          Must.fail(IllegalArgumentException.class, () -> r.receiveSome(-1));
          r.closeForcefully();
          Must.fail(IllegalArgumentException.class, () -> r.receiveSome(-1));
        });
    pairs.check(
        "KIT-C8",
        "a size of zero and a full buffer are argument errors, also after a close",
        (check, s, r) -> {
          Must.fail(IllegalArgumentException.class, () -> r.receiveSome(0));
          Must.fail(IllegalArgumentException.class, () -> r.receiveSome(ByteBuffer.allocate(0)));
          r.closeForcefully();
          Must.fail(IllegalArgumentException.class, () -> r.receiveSome(ByteBuffer.allocate(0)));
        });
  }

  private void waiting() throws IOException, InterruptedException {
    pairs.check(
        "KIT-C12",
        "of two receivers one is Busy",
        (check, s, r) -> check.exactlyOneIsBusy(() -> r.receiveSome(1), () -> r.receiveSome(1)));
    for (Cancel cancel : Cancel.values()) {
      pairs.check(
          "KIT-C13",
          "waitSendAllMightNotBlock returns when a reader waits, and a cancelled receive breaks"
              + " nothing ("
              + cancel
              + ")",
          (check, s, r) -> {
            CheckTask reader = check.start(() -> r.receiveSome(1));
            check.settle();
            Must.hold(
                !cancel.returns(s::waitSendAllMightNotBlock),
                () -> "the wait did not notice a cancellation");
            s.waitSendAllMightNotBlock();
            cancel.cancel(reader);
            reader.join();
            check.start(() -> s.sendAll(Must.bytes("z")));
            Must.receive(r, "z");
          });
    }
  }
}
