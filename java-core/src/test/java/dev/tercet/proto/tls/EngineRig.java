package dev.tercet.proto.tls;

import dev.tercet.tls.TlsInfo;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import org.jspecify.annotations.Nullable;

/** The parts of a machine, one by one, over a scripted engine. */
final class EngineRig {
  final MachinePair.FreshBuffers buffers = new MachinePair.FreshBuffers();
  final TlsState state = new TlsState();
  final TlsInbox inbox = new TlsInbox();
  final TlsOutbox outbox = new TlsOutbox(buffers);
  final KeysInUse keys;
  final TlsEnding ending;
  final EngineCalls calls;
  final ScriptedEngine engine;

  EngineRig(boolean server) {
    engine = new ScriptedEngine(!server);
    keys = new KeysInUse(server);
    ending = new TlsEnding(server, state, outbox, keys);
    calls = new EngineCalls(server, state, inbox, outbox, keys, ending);
  }

  static EngineRig client() {
    return new EngineRig(false).begun(PeerDemands.NONE);
  }

  static EngineRig server() {
    return new EngineRig(true).begun(PeerDemands.NONE);
  }

  EngineRig begun(PeerDemands demands) {
    engine.status = HandshakeStatus.NEED_UNWRAP;
    calls.use(engine, demands);
    calls.begin(0);
    return this;
  }

  /** After a handshake of that version. */
  EngineRig open(String version) {
    state.open(info(version));
    engine.session.open(version);
    engine.status = HandshakeStatus.NOT_HANDSHAKING;
    calls.taskDone(null);
    return this;
  }

  static TlsInfo info(String version) {
    return new TlsInfo(version, "NOTHING", null, List.of(), List.of(), false);
  }

  /** The getter says so, and the calls have heard it. */
  EngineRig wish(HandshakeStatus status) {
    engine.status = status;
    calls.taskDone(null);
    return this;
  }

  /** All that is to be sent. */
  byte[] output() {
    ByteBuffer batch = outbox.take();
    byte[] bytes = new byte[batch == null ? 0 : batch.remaining()];
    if (batch != null) {
      batch.get(bytes);
      outbox.sent(batch);
    }
    return bytes;
  }

  /** Whether all output is what the peer waits for. */
  boolean isUrgent() {
    return outbox.endsUrgently();
  }

  /** Why it failed. */
  @Nullable String reason() {
    return state.failure() == null ? null : state.failure().reason();
  }

  /** What it failed with. */
  Throwable cause() {
    return Objects.requireNonNull(Objects.requireNonNull(state.failure()).getCause());
  }
}
