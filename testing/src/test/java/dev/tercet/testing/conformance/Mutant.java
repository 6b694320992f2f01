package dev.tercet.testing.conformance;

import dev.tercet.blocking.HalfCloseableStream;
import dev.tercet.blocking.IoAction;
import dev.tercet.blocking.ReceiveStream;
import dev.tercet.blocking.SendStream;
import dev.tercet.testing.streams.MemoryStreams;
import dev.tercet.testing.streams.MemoryStreams.OneWayPair;
import dev.tercet.testing.streams.MemoryStreams.Pair;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * A stream that is broken on purpose, and the check that must notice.
 *
 * @param id of the check
 * @param what the stream is
 * @param battery the whole of it
 */
record Mutant(String id, String what, IoAction battery) {
  /** Long enough for any check to end, short enough to wait for those that do not. */
  private static final Duration HANGS_AFTER = Duration.ofSeconds(4);

  /** Breaks a one-way pair. */
  interface Breaking {
    OneWayPair<?, ?> of(SendStream s, ReceiveStream r);
  }

  /** Breaks one end of a two-way pair. */
  interface BreakingEnd {
    HalfCloseableStream of(HalfCloseableStream stream);
  }

  /** Breaks the pair that all checks use. */
  static Mutant plain(String id, String what, Breaking breaking) {
    return new Mutant(
        id,
        what,
        () ->
            StreamConformance.checkOneWayStream(
                () -> broken(MemoryStreams.oneWayPair(), breaking),
                MemoryStreams::lockstepOneWayPair,
                HANGS_AFTER));
  }

  /** Breaks the clogged pair only. */
  static Mutant clogged(String id, String what, Breaking breaking) {
    return new Mutant(
        id,
        what,
        () ->
            StreamConformance.checkOneWayStream(
                MemoryStreams::oneWayPair,
                () -> broken(MemoryStreams.lockstepOneWayPair(), breaking),
                HANGS_AFTER));
  }

  /** Breaks both ends of two-way pairs. */
  static Mutant twoWay(String id, String what, BreakingEnd breaking) {
    return new Mutant(
        id,
        what,
        () ->
            StreamConformance.checkTwoWayStream(
                () -> MemoryStreams.pair().map(breaking::of),
                () -> MemoryStreams.lockstepPair().map(breaking::of),
                HANGS_AFTER));
  }

  /** Breaks both ends of a half-closeable pair. */
  static Mutant halfClose(String id, String what, BreakingEnd breaking) {
    return new Mutant(
        id,
        what,
        () ->
            StreamConformance.checkHalfCloseableStream(
                () -> MemoryStreams.pair().map(breaking::of), null, HANGS_AFTER));
  }

  /** Breaks the clogged half-closeable pair only. */
  static Mutant cloggedHalfClose(String id, String what, BreakingEnd breaking) {
    return new Mutant(
        id,
        what,
        () ->
            StreamConformance.checkHalfCloseableStream(
                MemoryStreams::pair,
                () -> MemoryStreams.lockstepPair().map(breaking::of),
                HANGS_AFTER));
  }

  static Mutant pair(String id, String what, StreamConformance.Maker<Pair<HalfCloseableStream>> m) {
    return new Mutant(id, what, () -> StreamConformance.checkTwoWayStream(m, null, HANGS_AFTER));
  }

  private static OneWayPair<?, ?> broken(OneWayPair<?, ?> pair, Breaking breaking) {
    return breaking.of(pair.sendStream(), pair.receiveStream());
  }

  /** A sender to override. */
  static class Sender implements SendStream {
    final SendStream below;

    Sender(SendStream below) {
      this.below = below;
    }

    @Override
    public void sendAll(ByteBuffer data) throws IOException, InterruptedException {
      below.sendAll(data);
    }

    @Override
    public void waitSendAllMightNotBlock() throws IOException, InterruptedException {
      below.waitSendAllMightNotBlock();
    }

    @Override
    public void close() throws IOException {
      below.close();
    }

    @Override
    public void closeForcefully() {
      below.closeForcefully();
    }
  }

  /** A receiver to override. */
  static class Receiver implements ReceiveStream {
    final ReceiveStream below;

    Receiver(ReceiveStream below) {
      this.below = below;
    }

    @Override
    public int receiveSome(ByteBuffer into) throws IOException, InterruptedException {
      return below.receiveSome(into);
    }

    @Override
    public void close() throws IOException {
      below.close();
    }

    @Override
    public void closeForcefully() {
      below.closeForcefully();
    }
  }

  /** A two-way stream to override. */
  static class TwoWay implements HalfCloseableStream {
    final HalfCloseableStream below;

    TwoWay(HalfCloseableStream below) {
      this.below = below;
    }

    @Override
    public void sendAll(ByteBuffer data) throws IOException, InterruptedException {
      below.sendAll(data);
    }

    @Override
    public void waitSendAllMightNotBlock() throws IOException, InterruptedException {
      below.waitSendAllMightNotBlock();
    }

    @Override
    public void sendEof() throws IOException, InterruptedException {
      below.sendEof();
    }

    @Override
    public int receiveSome(ByteBuffer into) throws IOException, InterruptedException {
      return below.receiveSome(into);
    }

    @Override
    public void close() throws IOException {
      below.close();
    }

    @Override
    public void closeForcefully() {
      below.closeForcefully();
    }
  }
}
