package dev.tercet.testing.conformance;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.blocking.ReceiveStream;
import dev.tercet.blocking.SendStream;
import dev.tercet.blocking.Stream;
import dev.tercet.testing.internal.SplitMix64;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The checks of both directions together; see {@link StreamConformance}. */
final class TwoWayChecks {
  private static final long SEED = 42_000;
  private static final int MEBIBYTE = 1024 * 1024;
  private static final int MAX_PIECE = 16_384;

  private final Checks<? extends Stream, ? extends Stream> pairs;
  private final @Nullable Checks<? extends Stream, ? extends Stream> clogged;

  TwoWayChecks(
      Checks<? extends Stream, ? extends Stream> pairs,
      @Nullable Checks<? extends Stream, ? extends Stream> clogged) {
    this.pairs = pairs;
    this.clogged = clogged;
  }

  void run() throws IOException, InterruptedException {
    pairs.check(
        "KIT-C42",
        "1 MiB each way at the same time, in random pieces (seed " + SEED + ")",
        (check, left, right) -> {
          byte[] data = new SplitMix64(SEED).nextBytes(MEBIBYTE);
          byte[] back = reversed(data);
          check.start(() -> sendInPieces(left, data, SEED + 1));
          check.start(() -> sendInPieces(right, back, SEED + 2));
          check.start(() -> mustReceiveInPieces(right, data, SEED + 3));
          check.start(() -> mustReceiveInPieces(left, back, SEED + 4));
        });
    pairs.check(
        "KIT-C43",
        "closing one end gives a waiting receive of the other the end",
        (check, left, right) -> {
          CheckTask receiving = check.start(() -> Must.beAtEnd(right));
          check.settle();
          left.close();
          receiving.join();
          right.close();
        });
    pairs.check(
        "KIT-C59",
        "what had arrived before a send failed is received, then Broken or the end",
        (check, left, right) -> {
          CheckTask sending = check.start(() -> right.sendAll(Must.bytes("last words")));
          check.settle();
          if (!sending.hasEnded()) {
            // Without a buffer nothing arrives before it is received.
            Must.receive(left, "last words");
            return;
          }
          right.closeForcefully();
          Must.beBrokenInTheEnd(left);
          Must.receive(left, "last words");
          try {
            Must.beAtEnd(left);
          } catch (BrokenResourceException e) {
            // Said by the failed send already.
          }
        });
    if (clogged != null) {
      clogged.check(
          "KIT-C54",
          "closing ends a waiting send and a waiting receive with Closed",
          (check, left, right) -> {
            CheckTask sending =
                check.start(
                    () ->
                        Must.fail(
                            ClosedResourceException.class, () -> left.sendAll(Must.bytes("x"))));
            // What is there is received first, however long a busy machine takes for it.
            CheckTask receiving =
                check.start(
                    () -> Must.fail(ClosedResourceException.class, () -> receiveToTheEnd(left)));
            check.settle();
            left.closeForcefully();
            sending.join();
            receiving.join();
          });
    }
  }

  private static byte[] reversed(byte[] data) {
    byte[] reversed = new byte[data.length];
    for (int i = 0; i < data.length; i++) {
      reversed[i] = data[data.length - 1 - i];
    }
    return reversed;
  }

  private static void sendInPieces(SendStream stream, byte[] data, long seed)
      throws IOException, InterruptedException {
    SplitMix64 random = new SplitMix64(seed);
    for (int at = 0, n; at < data.length; at += n) {
      n = Math.min(random.nextInt(1, MAX_PIECE), data.length - at);
      stream.sendAll(data, at, n);
    }
  }

  private static void mustReceiveInPieces(ReceiveStream stream, byte[] data, long seed)
      throws IOException, InterruptedException {
    SplitMix64 random = new SplitMix64(seed);
    ByteArrayOutputStream received = new ByteArrayOutputStream();
    while (received.size() < data.length) {
      byte[] piece = stream.receiveSome(random.nextInt(1, MAX_PIECE));
      Must.hold(
          piece.length > 0,
          () -> "an empty chunk, or the end, after " + received.size() + " bytes");
      received.writeBytes(piece);
    }
    Must.hold(Arrays.equals(received.toByteArray(), data), () -> "other bytes came than were sent");
  }

  private static void receiveToTheEnd(ReceiveStream stream)
      throws IOException, InterruptedException {
    byte[] chunk;
    do {
      chunk = stream.receiveSome();
    } while (chunk.length > 0);
  }
}
