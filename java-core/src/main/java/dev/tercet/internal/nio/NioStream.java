package dev.tercet.internal.nio;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.ResourceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A connected socket as a byte stream: the rules of {@code SocketStream}, without the waiting, once
 * for both languages.
 *
 * <p>What it adds to the socket: the system's errors become {@link BrokenResourceException} and are
 * latched, since the JDK repeats a reset on reads but reports a clean end once a write has consumed
 * it (spec IO-R8); and after {@link #sendEof} sending is closed (spec IO-H1).
 *
 * <p><i>Thread-safety:</i> as {@link NioSocket}.
 */
public final class NioStream {
  private final NioSocket socket;
  private volatile @Nullable IOException brokenBy;
  private volatile boolean eofSent;

  /** Counts calls that moved bytes; racy on purpose, a hint for who looks for idle connections. */
  private volatile int moves;

  /**
   * Makes the stream of a socket.
   *
   * @param socket connected
   * @throws IllegalArgumentException when it is not
   */
  public NioStream(NioSocket socket) {
    if (socket.remoteAddress() == null) {
      throw new IllegalArgumentException("the socket is not connected");
    }
    this.socket = socket;
  }

  /**
   * The socket below.
   *
   * @return the socket given at construction
   */
  public NioSocket socket() {
    return socket;
  }

  /**
   * Receives what is there.
   *
   * @param into with room
   * @return how many bytes, 0 when one must wait, -1 at the end
   * @throws ResourceException when broken or closed
   */
  public int receive(ByteBuffer into) throws ResourceException {
    ensureUsable();
    try {
      int n = socket.read(into);
      if (n > 0) {
        moved();
      }
      return n;
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /**
   * Sends what there is room for.
   *
   * @param data what is left to send
   * @return whether everything is sent; if not, one must wait
   * @throws ResourceException when broken or closed
   */
  public boolean send(ByteBuffer data) throws ResourceException {
    ensureUsable();
    ensureEofNotSent();
    if (!data.hasRemaining()) {
      return true;
    }
    try {
      if (socket.write(data) > 0) {
        moved();
      }
      return !data.hasRemaining();
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /**
   * Whether a call of {@link #send} that sent something stopped because it had sent enough for one
   * call, rather than because there is no more room.
   *
   * @param before {@code data.position()} before the call
   * @param data what was sent from
   * @return true when it is worth trying again at once
   */
  public boolean shouldSendMore(int before, ByteBuffer data) {
    return data.position() != before;
  }

  /**
   * Checks what must hold before waiting for room to send.
   *
   * @return false when there is nothing to wait for, since the end was sent (spec IO-H4)
   * @throws ResourceException when broken or closed
   */
  public boolean canWaitToSend() throws ResourceException {
    ensureUsable();
    return !eofSent;
  }

  /**
   * Sends the end; the second time does nothing, also after a close (spec IO-H2).
   *
   * @throws ResourceException when broken or closed
   */
  public void sendEof() throws ResourceException {
    if (eofSent) {
      return;
    }
    ensureUsable();
    try {
      socket.shutdown(false, true);
      eofSent = true;
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /**
   * A number that changes when bytes move.
   *
   * @return any value
   */
  public int moves() {
    return moves;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // a lost count is no harm: the value has changed
  private void moved() {
    moves++;
  }

  /**
   * Throws what every operation of a closed or broken stream throws. Closed outranks broken.
   *
   * @throws ResourceException when broken or closed
   */
  public void ensureUsable() throws ResourceException {
    socket.ensureOpen();
    IOException cause = brokenBy;
    if (cause != null) {
      throw broken(cause);
    }
  }

  /**
   * Throws when the end was sent.
   *
   * @throws ClosedResourceException after {@link #sendEof}
   */
  public void ensureEofNotSent() throws ClosedResourceException {
    if (eofSent) {
      throw new ClosedResourceException("can't send data after sending EOF");
    }
  }

  private ResourceException failure(IOException e) {
    if (e instanceof ClosedResourceException closed) {
      return closed;
    }
    brokenBy = e;
    return broken(e);
  }

  private static BrokenResourceException broken(IOException cause) {
    return new BrokenResourceException("socket connection broken: " + cause.getMessage(), cause);
  }

  @Override
  public String toString() {
    return socket + (brokenBy == null ? "" : ", broken") + (eofSent ? ", EOF sent" : "");
  }
}
