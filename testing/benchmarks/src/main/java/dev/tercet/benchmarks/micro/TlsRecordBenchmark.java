package dev.tercet.benchmarks.micro;

import dev.tercet.benchmarks.tls.BenchContexts;
import dev.tercet.internal.tls.Handshake;
import dev.tercet.internal.tls.TlsReceive;
import dev.tercet.internal.tls.TlsSend;
import dev.tercet.internal.tls.TlsSession;
import dev.tercet.internal.wait.Operation;
import dev.tercet.internal.wait.Operation.Need;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsServerConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Bytes of TLS 1.3, encrypted and decrypted, without a socket: by two bare engines, and by the two
 * sessions that our drivers drive. The difference is what a session adds: queues, locks, copies.
 *
 * <p>The JDK's engine puts 16,367 bytes into a record: 16,384 of them make two, and 65,536 make
 * five of which the last has 68.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class TlsRecordBenchmark {
  private static final int ROOM = 4 * 65536;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  static {
    ThrowAwayKey.make();
  }

  /** How many at a time. */
  @Param({"16367", "16384", "65468", "65536"})
  int bytes;

  private final ByteBuffer plaintext = ByteBuffer.allocate(ROOM);
  private final ByteBuffer decrypted = ByteBuffer.allocate(ROOM);
  private final ByteBuffer records = ByteBuffer.allocate(ROOM);
  private final SSLEngine clientEngine = BenchContexts.client().createSSLEngine("bench", 0);
  private final SSLEngine serverEngine = BenchContexts.server().createSSLEngine();
  private final TlsSession client =
      TlsSession.client(
          null,
          TlsConfig.DEFAULT.dangerouslyTrustAnything().dangerouslyWithoutHostnameCheck(),
          new byte[0]);
  private final TlsSession server =
      TlsSession.server(TlsServerConfig.of(BenchContexts.server()), new byte[0]);

  /** Records under way. */
  private final Deque<byte[]> toClient = new ArrayDeque<>();

  private final Deque<byte[]> toServer = new ArrayDeque<>();

  /** Made by JMH. */
  public TlsRecordBenchmark() {}

  /**
   * Shakes hands, twice.
   *
   * @throws IOException when one fails
   */
  @Setup
  public void shakeHands() throws IOException {
    clientEngine.setUseClientMode(true);
    serverEngine.setUseClientMode(false);
    clientEngine.beginHandshake();
    serverEngine.beginHandshake();
    ByteBuffer answers = ByteBuffer.allocate(ROOM);
    // Also what follows a handshake of TLS 1.3: tickets.
    while (isBusy(clientEngine, answers) || isBusy(serverEngine, records)) {
      step(clientEngine, answers, records);
      step(serverEngine, records, answers);
    }
    Party one = new Party(new Handshake(client), toClient, toServer);
    Party other = new Party(new Handshake(server), toServer, toClient);
    boolean isDone = false;
    while (!isDone) {
      boolean isOneDone = one.goOn();
      isDone = other.goOn() && isOneDone;
    }
  }

  private static boolean isBusy(SSLEngine engine, ByteBuffer in) {
    return engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING || in.position() > 0;
  }

  /** Both buffers are ready to be filled. */
  private void step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws IOException {
    switch (engine.getHandshakeStatus()) {
      case NEED_TASK -> engine.getDelegatedTask().run();
      case NEED_WRAP -> engine.wrap(NOTHING, out);
      case NEED_UNWRAP, NEED_UNWRAP_AGAIN, NOT_HANDSHAKING, FINISHED -> {
        if (in.position() > 0) {
          engine.unwrap(in.flip(), decrypted.clear());
          in.compact();
        }
      }
    }
  }

  /** An operation of a session, and the parts of it that are under way. */
  private static final class Party {
    private final Deque<Operation> parts = new ArrayDeque<>();
    private final Deque<byte[]> in;
    private final Deque<byte[]> out;
    private @Nullable Need need;

    Party(Operation operation, Deque<byte[]> in, Deque<byte[]> out) {
      parts.push(operation);
      this.in = in;
      this.out = out;
    }

    /** Goes on until it is over, or needs bytes that are not there. Returns whether it is over. */
    boolean goOn() throws IOException {
      while (!parts.isEmpty()) {
        Operation operation = parts.element();
        if (need == null) {
          need = operation.next();
        }
        switch (need) {
          case DONE -> {
            parts.pop();
            if (!parts.isEmpty()) {
              parts.element().ended(false);
            }
          }
          case SEND -> {
            byte[] bytes = new byte[operation.output().remaining()];
            operation.output().get(bytes);
            out.add(bytes);
          }
          case RECEIVE -> {
            byte[] bytes = in.poll();
            if (bytes == null) {
              return false;
            }
            operation.received(bytes);
          }
          case COMPUTE -> operation.compute();
          case WITHIN -> parts.push(operation.part());
          case ABANDON, ASK, FILL, RELEASE, WAIT, WRITABLE ->
              throw new IllegalStateException("two sessions alone need " + need);
        }
        need = null;
      }
      return true;
    }
  }

  /**
   * By engines.
   *
   * @return how many bytes came out
   * @throws IOException never
   */
  @Benchmark
  public int engines() throws IOException {
    plaintext.clear().limit(bytes);
    records.clear();
    decrypted.clear();
    while (plaintext.hasRemaining()) {
      clientEngine.wrap(plaintext, records);
    }
    records.flip();
    while (records.hasRemaining()) {
      serverEngine.unwrap(records, decrypted);
    }
    return decrypted.position();
  }

  /**
   * By sessions.
   *
   * @return how many bytes came out
   * @throws IOException never
   */
  @Benchmark
  public int sessions() throws IOException {
    plaintext.clear().limit(bytes);
    decrypted.clear();
    TlsSend send = client.send();
    send.begin(plaintext);
    new Party(send, toClient, toServer).goOn();
    send.end();
    while (decrypted.position() < bytes) {
      TlsReceive receive = server.receive();
      receive.begin(decrypted);
      new Party(receive, toServer, toClient).goOn();
      receive.end();
    }
    return decrypted.position();
  }
}
