package dev.tercet.testing.conformance;

import dev.tercet.blocking.HalfCloseableStream;
import dev.tercet.blocking.ReceiveStream;
import dev.tercet.blocking.SendStream;
import dev.tercet.blocking.Stream;
import dev.tercet.testing.streams.MemoryStreams.OneWayPair;
import dev.tercet.testing.streams.MemoryStreams.Pair;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The conformance battery: what every stream must do, as checks that need no test framework.
 *
 * <pre>{@code
 * StreamConformance.checkTwoWayStream(
 *     () -> MemoryStreams.pair().map(Rot13Stream::new),
 *     () -> MemoryStreams.lockstepPair().map(Rot13Stream::new));
 * }</pre>
 *
 * <p>Each check asks the maker for fresh streams, runs, and closes both ends forcefully, whatever
 * happened. A check that fails throws an {@link AssertionError} that begins with its id, {@code
 * KIT-C12 ...}; docs/spec/conformance.md has the list. A check that hangs fails after a minute,
 * with the stacks of its threads. They are interrupted and the streams are closed to free them.
 *
 * <p>The tasks of a check are threads of a {@link dev.tercet.blocking.Nursery}. They are cancelled
 * in both ways that there are: by an interrupt and by a cancel scope.
 *
 * <p>Some checks want a task to be waiting before the next thing happens. They look at its thread
 * until it waits, for a few milliseconds. A look that was too short makes a check weaker, never
 * wrong: what must hold then must hold too if the other task comes later.
 *
 * <p>KIT-C1, C41 and C44, that the ends are streams of their kind, the compiler checks. The
 * suspending twins are the functions of the same names in {@code dev.tercet.coroutines.testing}.
 */
public final class StreamConformance {
  private static final Duration HANGS_AFTER = Duration.ofSeconds(60);

  private StreamConformance() {}

  /**
   * Makes a connected pair, afresh at each call.
   *
   * @param <P> {@link OneWayPair} or {@link Pair}
   */
  @FunctionalInterface
  public interface Maker<P> {
    /**
     * Makes one.
     *
     * <p><i>Errors:</i> end the battery as they are.
     *
     * <p><i>Interruption:</i> ends the battery.
     *
     * <p><i>Thread-safety:</i> called by the thread that runs the battery.
     *
     * @return two ends, which the battery closes
     * @throws IOException when they cannot be made
     * @throws InterruptedException when interrupted while making them
     */
    P make() throws IOException, InterruptedException;
  }

  /**
   * Checks a pair of streams for one direction (spec KIT-C2 to C40, C51 to C58).
   *
   * <p><i>Errors:</i> {@link AssertionError}, beginning with the id of the check that failed.
   *
   * <p><i>Interruption:</i> closes the streams of the check that is running, and throws.
   *
   * <p><i>Thread-safety:</i> any thread but that of an event loop.
   *
   * @param maker makes a connected pair, afresh for each check
   * @param clogged makes one whose sender waits, in {@code sendAll} of one byte and in {@code
   *     waitSendAllMightNotBlock}, until somebody receives; null leaves out the checks that need it
   * @throws IOException from the makers
   * @throws InterruptedException when the calling thread was interrupted
   */
  public static void checkOneWayStream(
      Maker<? extends OneWayPair<?, ?>> maker, @Nullable Maker<? extends OneWayPair<?, ?>> clogged)
      throws IOException, InterruptedException {
    checkOneWayStream(maker, clogged, HANGS_AFTER);
  }

  /**
   * Checks a pair of streams for both directions: {@link #checkOneWayStream} each way, then both at
   * once (spec KIT-C42, C43, C54).
   *
   * <p><i>Errors:</i> {@link AssertionError}, beginning with the id of the check that failed.
   *
   * <p><i>Interruption:</i> closes the streams of the check that is running, and throws.
   *
   * <p><i>Thread-safety:</i> any thread but that of an event loop.
   *
   * @param maker makes a connected pair, afresh for each check
   * @param clogged makes one that is clogged in both directions, as {@link #checkOneWayStream}
   *     wants it; null leaves out the checks that need it
   * @throws IOException from the makers
   * @throws InterruptedException when the calling thread was interrupted
   */
  public static void checkTwoWayStream(
      Maker<? extends Pair<? extends Stream>> maker,
      @Nullable Maker<? extends Pair<? extends Stream>> clogged)
      throws IOException, InterruptedException {
    checkTwoWayStream(maker, clogged, HANGS_AFTER);
  }

  /**
   * Checks a pair of half-closeable streams: {@link #checkTwoWayStream}, then the half-close each
   * way (spec KIT-C45 to C50).
   *
   * <p><i>Errors:</i> {@link AssertionError}, beginning with the id of the check that failed.
   *
   * <p><i>Interruption:</i> closes the streams of the check that is running, and throws.
   *
   * <p><i>Thread-safety:</i> any thread but that of an event loop.
   *
   * @param maker makes a connected pair, afresh for each check
   * @param clogged makes one that is clogged in both directions, as {@link #checkOneWayStream}
   *     wants it; null leaves out the checks that need it
   * @throws IOException from the makers
   * @throws InterruptedException when the calling thread was interrupted
   */
  public static void checkHalfCloseableStream(
      Maker<? extends Pair<? extends HalfCloseableStream>> maker,
      @Nullable Maker<? extends Pair<? extends HalfCloseableStream>> clogged)
      throws IOException, InterruptedException {
    checkHalfCloseableStream(maker, clogged, HANGS_AFTER);
  }

  static void checkOneWayStream(
      Maker<? extends OneWayPair<?, ?>> maker,
      @Nullable Maker<? extends OneWayPair<?, ?>> clogged,
      Duration hangsAfter)
      throws IOException, InterruptedException {
    oneWay(
        new Checks<>(() -> ends(maker.make()), hangsAfter),
        clogged == null ? null : new Checks<>(() -> ends(clogged.make()), hangsAfter));
  }

  static void checkTwoWayStream(
      Maker<? extends Pair<? extends Stream>> maker,
      @Nullable Maker<? extends Pair<? extends Stream>> clogged,
      Duration hangsAfter)
      throws IOException, InterruptedException {
    Checks<Stream, Stream> pairs = new Checks<>(() -> ends(maker.make()), hangsAfter);
    Checks<Stream, Stream> cloggedPairs =
        clogged == null ? null : new Checks<>(() -> ends(clogged.make()), hangsAfter);
    oneWay(pairs, cloggedPairs);
    oneWay(pairs.flipped(), cloggedPairs == null ? null : cloggedPairs.flipped());
    new TwoWayChecks(pairs, cloggedPairs).run();
  }

  static void checkHalfCloseableStream(
      Maker<? extends Pair<? extends HalfCloseableStream>> maker,
      @Nullable Maker<? extends Pair<? extends HalfCloseableStream>> clogged,
      Duration hangsAfter)
      throws IOException, InterruptedException {
    checkTwoWayStream(maker, clogged, hangsAfter);
    Checks<HalfCloseableStream, HalfCloseableStream> pairs =
        new Checks<>(() -> ends(maker.make()), hangsAfter);
    Checks<HalfCloseableStream, HalfCloseableStream> cloggedPairs =
        clogged == null ? null : new Checks<>(() -> ends(clogged.make()), hangsAfter);
    new HalfCloseableChecks(pairs, cloggedPairs).run();
    new HalfCloseableChecks(pairs.flipped(), cloggedPairs == null ? null : cloggedPairs.flipped())
        .run();
  }

  private static <S extends SendStream, R extends ReceiveStream> void oneWay(
      Checks<S, R> pairs, @Nullable Checks<S, R> clogged) throws IOException, InterruptedException {
    new TransferChecks(pairs).run();
    new ClosingChecks(pairs).run();
    new CancellationChecks(pairs, clogged == null ? pairs : clogged).run();
    new BulkChecks(pairs).run();
    if (clogged != null) {
      new CloggedChecks(clogged).run();
    }
  }

  private static Checks.Ends<SendStream, ReceiveStream> ends(OneWayPair<?, ?> pair) {
    return new Checks.Ends<>(pair.sendStream(), pair.receiveStream());
  }

  private static <S extends Stream> Checks.Ends<S, S> ends(Pair<? extends S> pair) {
    return new Checks.Ends<>(pair.left(), pair.right());
  }
}
