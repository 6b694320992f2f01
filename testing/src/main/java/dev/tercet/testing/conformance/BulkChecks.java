package dev.tercet.testing.conformance;

import dev.tercet.blocking.ReceiveStream;
import dev.tercet.blocking.SendStream;
import dev.tercet.testing.internal.SplitMix64;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;

/** The checks of one direction: everything, up to the end; see {@link StreamConformance}. */
final class BulkChecks {
  private static final long SEED = 20_170;
  private static final List<Integer> SIZES =
      List.of(0, 1, 4095, 4096, 4097, 40 * 1024, 40 * 1024 + 320, 8 * 1024 * 1024);

  private final Checks<? extends SendStream, ? extends ReceiveStream> pairs;

  BulkChecks(Checks<? extends SendStream, ? extends ReceiveStream> pairs) {
    this.pairs = pairs;
  }

  void run() throws IOException, InterruptedException {
    reading();
    bulk();
  }

  private void reading() throws IOException, InterruptedException {
    pairs.check(
        "KIT-C55",
        "asInputStream() gives no empty read and ends at the end",
        (check, s, r) -> {
          check.start(
              () -> {
                s.sendAll(Must.bytes("abc"));
                s.sendAll(Must.bytes("def"));
                s.close();
              });
          ByteArrayOutputStream all = new ByteArrayOutputStream();
          InputStream input = r.asInputStream();
          byte[] buffer = new byte[ReceiveStream.DEFAULT_RECEIVE_BYTES];
          for (int n; (n = input.read(buffer)) != -1; ) {
            Must.hold(n > 0, () -> "an empty read");
            all.write(buffer, 0, n);
          }
          Must.beText(all.toByteArray(), "abcdef");
        });
  }

  private void bulk() throws IOException, InterruptedException {
    for (int size : SIZES) {
      pairs.check(
          "KIT-C56",
          size + " bytes go through (seed " + SEED + ")",
          (check, s, r) -> {
            byte[] data = new SplitMix64(SEED + size).nextBytes(size);
            check.start(
                () -> {
                  s.sendAll(data);
                  s.close();
                });
            Must.hold(
                Arrays.equals(Must.receiveAll(r), data), () -> "other bytes came than were sent");
          });
    }
    pairs.check(
        "KIT-C58",
        "the array that was sent is the caller's again",
        (check, s, r) -> {
          check.start(
              () -> {
                byte[] data = Must.bytes("mine");
                s.sendAll(data);
                Arrays.fill(data, (byte) 0);
                s.close();
              });
          check.settle();
          Must.beText(Must.receiveAll(r), "mine");
        });
  }
}
