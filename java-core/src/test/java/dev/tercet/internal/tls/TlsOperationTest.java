package dev.tercet.internal.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.internal.wait.Operation.Need;
import dev.tercet.tls.PemFixtures;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsServerConfig;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Operations of two sessions, met by hand on one thread. */
class TlsOperationTest {
  private static final byte[] NOTHING = {};

  private final TlsSession client =
      TlsSession.client("localhost", TlsConfig.DEFAULT.withTrust(PemFixtures.trust()), NOTHING);
  private final TlsSession server =
      TlsSession.server(TlsServerConfig.of(PemFixtures.identity()), NOTHING);

  /** Bytes under way, by the session that will get them. */
  private final Deque<byte[]> toClient = new ArrayDeque<>();

  private final Deque<byte[]> toServer = new ArrayDeque<>();

  /** Counts how often it is taken. */
  private static final class CountingLock extends ReentrantLock {
    private static final long serialVersionUID = 1L;
    int count;

    @Override
    public void lock() {
      count++;
      super.lock();
    }
  }

  private static CountingLock count(TlsSession session) throws ReflectiveOperationException {
    Field field = TlsSession.class.getDeclaredField("lock");
    field.setAccessible(true);
    CountingLock lock = new CountingLock();
    field.set(session, lock);
    return lock;
  }

  /** Meets needs until the operation is done, or needs bytes that are not there. */
  private boolean isDone(TlsOperation operation, Deque<byte[]> in, Deque<byte[]> out, Need before)
      throws IOException {
    Need need = before;
    while (true) {
      switch (need) {
        case DONE -> {
          return true;
        }
        case SEND -> out.add(copy(operation.output()));
        case RECEIVE -> {
          byte[] bytes = in.poll();
          if (bytes == null) {
            return false;
          }
          operation.received(bytes);
        }
        case COMPUTE -> operation.compute();
        case WITHIN -> {
          TlsOperation part = (TlsOperation) operation.part();
          if (!isDone(part, in, out, part.next())) {
            throw new IllegalStateException("a part waits");
          }
          operation.ended(false);
        }
        default -> throw new IllegalStateException("alone, it needs " + need);
      }
      need = operation.next();
    }
  }

  private static byte[] copy(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    return copy;
  }

  /** The steps of a handshake, which two take in turn. */
  @BeforeEach
  void handshake() throws IOException {
    HandshakeSteps one = new HandshakeSteps(client, false);
    HandshakeSteps other = new HandshakeSteps(server, false);
    boolean isOneDone = isDone(one, toClient, toServer, one.next());
    boolean isOtherDone = isDone(other, toServer, toClient, other.next());
    while (!isOneDone || !isOtherDone) {
      isOneDone = isOneDone || isDone(one, toClient, toServer, Need.RECEIVE);
      isOtherDone = isOtherDone || isDone(other, toServer, toClient, Need.RECEIVE);
    }
  }

  private void send(byte[] data) throws IOException {
    TlsSend send = client.send();
    send.begin(ByteBuffer.wrap(data));
    assertTrue(isDone(send, toClient, toServer, send.next()));
    send.end();
  }

  @Test
  @DisplayName("TLS-R8 a small send takes the session lock twice, a receive that waits too")
  void locks() throws Exception {
    CountingLock sending = count(client);
    CountingLock receiving = count(server);
    send(new byte[100]);
    assertEquals(2, sending.count);

    TlsReceive receive = server.receive();
    receive.begin(1000);
    assertTrue(isDone(receive, toServer, toClient, receive.next()));
    assertArrayEquals(new byte[100], receive.bytes());
    receive.end();
    assertEquals(2, receiving.count);
  }

  @Test
  @DisplayName("TLS-C9 a task that is cancelled while it waits for the turn to send takes nothing")
  void cancelledBeforeTheTurn() throws Exception {
    TlsSend first = client.send();
    first.begin(ByteBuffer.wrap(new byte[10]));
    assertSame(Need.SEND, first.next());
    TlsClose close = new TlsClose(client);
    assertSame(Need.DONE, close.next(), "a close does not wait for a task that sends");

    SendAlert second = new SendAlert(client);
    assertSame(Need.WAIT, second.next());
    second.cancelled(new CancellationException());
    toServer.add(copy(first.output()));
    assertSame(Need.DONE, first.next());
    first.end();
    assertFalse(client.lifecycle.isBroken());
  }

  @Test
  @DisplayName("TLS-C5 a send that was cut short breaks sending, and its turn is left")
  void cutShort() throws Exception {
    TlsSend send = client.send();
    send.begin(ByteBuffer.wrap(new byte[10]));
    assertSame(Need.SEND, send.next());
    send.cancelled(new CancellationException());
    send.end();
    assertTrue(client.sendTurn.tryEnter());
    client.sendTurn.exit();

    send.begin(ByteBuffer.wrap(new byte[10]));
    assertThrows(BrokenResourceException.class, send::next);
    send.end();

    // What arrives is received all the same.
    TlsSend answer = server.send();
    answer.begin(ByteBuffer.wrap(new byte[] {7}));
    assertTrue(isDone(answer, toServer, toClient, answer.next()));
    answer.end();
    TlsReceive receive = client.receive();
    receive.begin(10);
    assertTrue(isDone(receive, toClient, toServer, receive.next()));
    assertArrayEquals(new byte[] {7}, receive.bytes());
    receive.end();
  }

  @Test
  @DisplayName("TLS-R8 who waits for bytes of a long send looks again after each batch")
  void pulses() throws Exception {
    TlsSend send = client.send();
    send.begin(ByteBuffer.allocate(300_000));
    assertSame(Need.SEND, send.next());
    long exits = client.sendTurn.exits();
    toServer.add(copy(send.output()));
    assertSame(Need.SEND, send.next());
    assertTrue(client.sendTurn.exits() > exits, "a batch is out");
    assertFalse(client.sendTurn.tryEnter(), "the turn is kept");
    toServer.add(copy(send.output()));
    assertTrue(isDone(send, toClient, toServer, send.next()));
    send.end();
    assertTrue(client.sendTurn.tryEnter());
  }

  @Test
  @DisplayName("TLS-D9 what the transport cannot receive is the outcome, and the turn is left")
  void receiveFails() throws Exception {
    TlsReceive receive = client.receive();
    receive.begin(10);
    Need need = receive.next();
    assertSame(Need.RECEIVE, need);
    assertFalse(receive.failed(new IOException("gone")));
    receive.end();
    assertTrue(client.receiveTurn.tryEnter());
  }
}
