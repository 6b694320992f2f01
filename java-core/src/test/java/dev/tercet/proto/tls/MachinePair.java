package dev.tercet.proto.tls;

import dev.tercet.ResourceException;
import dev.tercet.internal.tls.ServerName;
import dev.tercet.internal.tls.TlsEngines;
import dev.tercet.tls.PemFixtures;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsInfo;
import dev.tercet.tls.TlsRole;
import dev.tercet.tls.TlsServerConfig;
import dev.tercet.tls.TlsVersion;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * Two machines and the wire between them, which a test can cut, damage and look at. Bytes are
 * carried in pieces of sizes from a seed.
 */
final class MachinePair {
  static final TlsConfig CLIENT = TlsConfig.DEFAULT.withTrust(PemFixtures.trust());
  static final TlsServerConfig SERVER = TlsServerConfig.of(PemFixtures.identity());

  /** A client that resumes nothing: it has sessions of its own. */
  static TlsConfig stranger() {
    return TlsConfig.DEFAULT.withTrust(PemFixtures.trust());
  }

  /** What one side does next. */
  @FunctionalInterface
  interface Step {
    TlsNeed take() throws ResourceException;
  }

  /** A direction of the wire. */
  static final class Wire {
    final ByteArrayOutputStream all = new ByteArrayOutputStream();
    private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();
    private boolean cut;
    private int cutAt = Integer.MAX_VALUE;
    private int flipAt = -1;
    private int flipBit;

    /** Ends after so many bytes. */
    void cutAfter(int bytes) {
      cutAt = bytes;
    }

    /** Damages one bit. */
    void flip(int at, int bit) {
      flipAt = at;
      flipBit = bit;
    }

    private void put(ByteBuffer bytes) {
      while (bytes.hasRemaining()) {
        int index = all.size();
        byte b = bytes.get();
        all.write(b);
        if (index >= cutAt) {
          cut = true;
        } else {
          waiting.write(index == flipAt ? b ^ (1 << flipBit) : b);
        }
      }
      cut |= all.size() >= cutAt;
    }

    private byte[] take(int max) {
      byte[] bytes = waiting.toByteArray();
      int n = Math.min(max, bytes.length);
      waiting.reset();
      waiting.write(bytes, n, bytes.length - n);
      return Arrays.copyOf(bytes, n);
    }

    void end() {
      cut = true;
    }

    boolean isCut() {
      return cut;
    }

    boolean isEmpty() {
      return waiting.size() == 0;
    }
  }

  /** One machine, its two wires, and how its operation went. */
  final class Side {
    final TlsMachine machine;
    private final Wire out;
    private final Wire in;
    final ByteArrayOutputStream received = new ByteArrayOutputStream();
    @Nullable ResourceException failure;
    private boolean ended;

    Side(TlsMachine machine, Wire out, Wire in) {
      this.machine = machine;
      this.out = out;
      this.in = in;
    }

    /** What it failed with; it must have. */
    ResourceException failed() {
      if (failure == null) {
        throw new AssertionError("it did not fail");
      }
      return failure;
    }

    /** The facts of the session; there must be some. */
    TlsInfo info() {
      return Objects.requireNonNull(machine.info());
    }

    /** What is to be sent, without sending it. */
    byte[] output() {
      ByteBuffer batch = machine.takeOutput();
      byte[] bytes = new byte[batch == null ? 0 : batch.remaining()];
      if (batch != null) {
        batch.get(bytes);
        machine.outputSent(batch);
      }
      return bytes;
    }

    Step handshake() {
      return () -> {
        machine.begin(System.currentTimeMillis());
        return machine.handshake();
      };
    }

    Step write(byte[] data) {
      ByteBuffer buffer = ByteBuffer.wrap(data);
      return () -> {
        TlsNeed need = machine.write(buffer);
        if (need == TlsNeed.NOTHING) {
          flush();
        }
        return need;
      };
    }

    Step read(int total) {
      return () -> {
        while (received.size() < total) {
          int before = received.size();
          TlsNeed need = readOnce();
          if (need != TlsNeed.NOTHING || received.size() == before) {
            return need;
          }
        }
        return TlsNeed.NOTHING;
      };
    }

    /** To the peer's close_notify. */
    Step readToEnd() {
      return () -> {
        while (true) {
          int before = received.size();
          TlsNeed need = readOnce();
          if (need != TlsNeed.NOTHING || received.size() == before) {
            return need;
          }
        }
      };
    }

    Step close() {
      return () -> {
        TlsNeed need = machine.closeOutbound();
        flush();
        return need;
      };
    }

    private TlsNeed readOnce() throws ResourceException {
      ByteBuffer into = ByteBuffer.allocate(readBytes.nextInt(20_000) + 1);
      TlsNeed need = machine.read(into);
      received.write(into.array(), 0, into.position());
      return need;
    }

    private static @Nullable Throwable failureOf(Runnable task) {
      try {
        task.run();
        return null;
      } catch (RuntimeException e) {
        return e;
      }
    }

    void flush() {
      ByteBuffer batch = machine.takeOutput();
      if (batch != null) {
        out.put(batch);
        machine.outputSent(batch);
      }
    }

    /** Takes a step and gives it what it needs, if that can be had. Returns whether it is done. */
    private Progress advance(Step step) {
      try {
        return switch (step.take()) {
          case NOTHING -> Progress.DONE;
          case SEND -> {
            flush();
            yield Progress.SOME;
          }
          case COMPUTE -> {
            Runnable task = machine.takeTask();
            if (task != null) {
              machine.taskDone(failureOf(task));
            }
            yield Progress.SOME;
          }
          case RECEIVE -> {
            byte[] bytes = in.take(pieceBytes.nextInt(maxPieceBytes) + 1);
            if (bytes.length > 0) {
              machine.feed(bytes);
              yield Progress.SOME;
            }
            if (in.cut && !ended) {
              ended = true;
              machine.feedEof();
              yield Progress.SOME;
            }
            yield Progress.STUCK;
          }
          case CHOOSE -> throw new AssertionError("the engine is there");
          case TURN -> throw new AssertionError("nobody else runs a computation");
        };
      } catch (ResourceException e) {
        failure = e;
        flush();
        out.end();
        return Progress.DONE;
      }
    }
  }

  private enum Progress {
    DONE,
    SOME,
    STUCK
  }

  final Wire toServer = new Wire();
  final Wire toClient = new Wire();
  final Side client;
  final Side server;
  private final Random pieceBytes;
  private final Random readBytes;
  private final int maxPieceBytes;

  private MachinePair(
      SSLEngine client,
      SSLEngine server,
      boolean https,
      long seed,
      int maxPiece,
      TlsBuffers buffers) {
    this.client =
        new Side(
            new TlsMachine(client, PeerDemands.NONE, TlsRole.CLIENT, https, buffers),
            toServer,
            toClient);
    this.server =
        new Side(
            new TlsMachine(server, PeerDemands.NONE, TlsRole.SERVER, https, buffers),
            toClient,
            toServer);
    this.pieceBytes = new Random(seed);
    this.readBytes = new Random(~seed);
    this.maxPieceBytes = maxPiece;
  }

  static MachinePair of(SSLEngine client, SSLEngine server) {
    return withBuffers(client, server, new FreshBuffers());
  }

  /** That client and the usual server. */
  static MachinePair of(TlsConfig client) {
    return of(
        TlsEngines.client(client, ServerName.of("server.test")).engine(),
        TlsEngines.server(SERVER).engine());
  }

  static MachinePair withBuffers(SSLEngine client, SSLEngine server, TlsBuffers buffers) {
    return new MachinePair(client, server, false, 1, 70_000, buffers);
  }

  static MachinePair of(TlsVersion version, long seed, int maxPieceBytes) {
    return of(version, false, seed, maxPieceBytes);
  }

  static MachinePair of(TlsVersion version, boolean https, long seed, int maxPieceBytes) {
    return new MachinePair(
        TlsEngines.client(stranger().withVersions(version), ServerName.of("server.test")).engine(),
        TlsEngines.server(SERVER).engine(),
        https,
        seed,
        maxPieceBytes,
        new FreshBuffers());
  }

  static MachinePair of(TlsVersion version) {
    return of(version, 1, 70_000);
  }

  /**
   * Runs an operation on each side until both are done, failed, or wait for each other.
   *
   * @return whether both are done
   */
  boolean run(Step clientStep, Step serverStep) {
    boolean clientDone = false;
    boolean serverDone = false;
    for (int turns = 0; turns < 1_000_000; turns++) {
      Progress c = clientDone ? Progress.DONE : client.advance(clientStep);
      Progress s = serverDone ? Progress.DONE : server.advance(serverStep);
      if (c == Progress.DONE && s == Progress.DONE) {
        return true;
      }
      boolean justDone = (c == Progress.DONE && !clientDone) || (s == Progress.DONE && !serverDone);
      clientDone = c == Progress.DONE;
      serverDone = s == Progress.DONE;
      if (c != Progress.SOME && s != Progress.SOME && !justDone) {
        return false;
      }
    }
    throw new AssertionError("the machines spin");
  }

  MachinePair handshaken() {
    if (!run(client.handshake(), server.handshake())
        || client.failure != null
        || server.failure != null) {
      throw new AssertionError("no handshake: " + client.failure + ", " + server.failure);
    }
    return this;
  }

  /** Heap memory, a new piece each time, so that a use after the return shows. */
  static final class FreshBuffers implements TlsBuffers {
    int lent;
    private int lentBytes;

    /** How many bytes were lent at the same time. */
    int mostLentBytes;

    @Override
    public ByteBuffer take(int atLeast) {
      lent++;
      lentBytes += atLeast;
      mostLentBytes = Math.max(mostLentBytes, lentBytes);
      return ByteBuffer.allocate(atLeast);
    }

    @Override
    public void giveBack(ByteBuffer buffer) {
      lent--;
      lentBytes -= buffer.capacity();
      buffer.clear();
      while (buffer.hasRemaining()) {
        buffer.put((byte) 0x55);
      }
    }
  }
}
