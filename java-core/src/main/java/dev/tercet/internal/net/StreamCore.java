package dev.tercet.internal.net;

import dev.tercet.AddressText;
import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.ResourceException;
import dev.tercet.internal.loop.SelectorLoop;
import dev.tercet.internal.thread.VirtualThreads;
import dev.tercet.internal.wait.LoopAttempt;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * A connected socket as a byte stream: the rules of {@code SocketStream}, without the waiting, once
 * for both languages.
 *
 * <p>What it adds to the socket: the system's errors become {@link BrokenResourceException} and are
 * latched (spec IO-R8); and after {@link #sendEof} sending is closed (spec IO-H1).
 *
 * <p>There is a latch for each direction. When a send fails, bytes that the peer has sent before
 * may be in the system's buffer: its last words, often the reason. They are received first. What
 * comes after them is Broken and not the end, though the system says so: the failed send has
 * consumed the error. When a receive fails, there is nothing left in either direction.
 *
 * <p><i>Thread-safety:</i> as {@link NonBlockingSocket}.
 */
public final class StreamCore implements Receiving {
  /** For writes without a fence, which nobody waits for, and without an object for each. */
  private static final AtomicLongFieldUpdater<StreamCore> RECEIVED =
      AtomicLongFieldUpdater.newUpdater(StreamCore.class, "bytesReceived");

  private static final AtomicLongFieldUpdater<StreamCore> SENT =
      AtomicLongFieldUpdater.newUpdater(StreamCore.class, "bytesSent");

  private final NonBlockingSocket socket;

  /** Why nothing can be sent any more. */
  private volatile @Nullable IOException sendBrokenBy;

  /** Why nothing can be received any more; set when all that had arrived was received. */
  private volatile @Nullable IOException receiveBrokenBy;

  private volatile boolean eofSent;

  /**
   * The last receive took all that there was, so the next one would find nothing: wait first.
   * Guarded by {@code socket.receiving}.
   */
  private boolean drained;

  /** One writer each: who has entered the direction. Read by anybody. */
  private volatile long bytesReceived;

  private volatile long bytesSent;

  /**
   * Makes the stream of a socket.
   *
   * @throws IllegalArgumentException when it is not
   */
  public StreamCore(NonBlockingSocket socket) {
    if (socket.remoteAddress() == null) {
      throw new IllegalArgumentException("the socket is not connected");
    }
    this.socket = socket;
  }

  /** The socket below. */
  public NonBlockingSocket socket() {
    return socket;
  }

  /**
   * Receives what is there.
   *
   * <p>On the loop's own thread a receive that follows one which took everything does not ask the
   * system, but says "wait": readiness is level-triggered, so what may have come meanwhile wakes at
   * once, and in an exchange of messages, where nothing has come, a system call is saved. So on a
   * thread that sleeps in the kernel by itself. On others a wait costs more than the call.
   *
   * @param into with room
   * @return how many bytes, 0 when one must wait, -1 at the end
   * @throws ResourceException when broken or closed
   */
  @Override
  public int receive(ByteBuffer into) throws ResourceException {
    socket.ensureOpen();
    throwIfBroken(receiveBrokenBy);
    if (drained) {
      drained = false;
      if (isWaitCheap()) {
        return 0;
      }
    }
    try {
      int asked = socket.bytesPerCall(into);
      int n = socket.read(into);
      if (n > 0) {
        drained = n < asked;
        RECEIVED.lazySet(this, bytesReceived + n);
      } else if (n < 0) {
        receiveBrokenBy = sendBrokenBy;
        throwIfBroken(receiveBrokenBy);
      }
      return n;
    } catch (ResourceException e) {
      throw e;
    } catch (IOException e) {
      throw receiveFailure(e);
    }
  }

  private boolean isWaitCheap() {
    SelectorLoop loop = socket.loop();
    return (loop != null && loop.isCurrent())
        || (socket.readable().hasOwnPoll() && !VirtualThreads.isVirtual(Thread.currentThread()));
  }

  /**
   * A receive that an event loop does for the thread that waits for it, into an array.
   *
   * @param maxBytes 1 or more
   * @return to be passed to {@link dev.tercet.internal.wait.Parking}, and then asked
   */
  public ReceivedArray receiveOnLoop(int maxBytes) {
    return new ReceivedArray(this, maxBytes);
  }

  /** A receive by the event loop, into an array. */
  public static final class ReceivedArray extends LoopAttempt {
    private final StreamCore core;
    private final int maxBytes;
    private byte @Nullable [] bytes;

    private ReceivedArray(StreamCore core, int maxBytes) {
      this.core = core;
      this.maxBytes = maxBytes;
    }

    @Override
    protected void tryNow() throws IOException {
      bytes = core.receive(maxBytes);
    }

    /**
     * What came of it, as {@link StreamCore#receive(int)} returns it.
     *
     * @return null also when there was no attempt
     */
    public byte @Nullable [] bytes() {
      return bytes;
    }
  }

  /**
   * A receive that an event loop does for the thread that waits for it.
   *
   * @param into with room
   * @return to be passed to {@link dev.tercet.internal.wait.Parking}, and then asked
   */
  public Received receiveOnLoop(ByteBuffer into) {
    return new Received(this, into);
  }

  /** A receive by the event loop. */
  public static final class Received extends LoopAttempt {
    private final StreamCore core;
    private final ByteBuffer into;
    private int bytes;

    private Received(StreamCore core, ByteBuffer into) {
      this.core = core;
      this.into = into;
    }

    @Override
    protected void tryNow() throws IOException {
      bytes = core.receive(into);
    }

    /**
     * What came of it, as {@link StreamCore#receive(ByteBuffer)} returns it.
     *
     * @return 0 also when there was no attempt
     */
    public int bytes() {
      return bytes;
    }
  }

  /**
   * Sends what there is room for.
   *
   * @return how many bytes, 0 when one must wait; 0 also for no data
   * @throws ResourceException when broken or closed
   */
  public int send(ByteBuffer data) throws ResourceException {
    ensureCanSendData();
    if (!data.hasRemaining()) {
      return 0;
    }
    try {
      int n = socket.write(data);
      if (n > 0) {
        SENT.lazySet(this, bytesSent + n);
      }
      return n;
    } catch (ResourceException e) {
      throw e;
    } catch (IOException e) {
      throw sendFailure(e);
    }
  }

  /**
   * Sends from a file what there is room for. It may wait for a disk, and an interrupt of its
   * thread would close the channels.
   *
   * @param file what to send
   * @param position where the bytes are in the file
   * @param count how many at most, 1 or more
   * @return how many bytes, 0 when one must wait, -1 at the end of the file
   * @throws ResourceException when broken or closed
   * @throws IOException when the file cannot be read; the stream is as good as before
   */
  long transferFrom(FileSource file, long position, long count) throws IOException {
    ensureCanSendData();
    FileChannel transferable = file.transferable();
    if (transferable == null) {
      return copyFrom(file, position, count);
    }
    try {
      long n = socket.transferFrom(transferable, position, count);
      if (n > 0) {
        SENT.lazySet(this, bytesSent + n);
        return n;
      }
      // No room, or the file has ended, or its size is wrong: those of /proc say 0, those of /sys
      // a page.
      if (position >= file.size()) {
        return copyFrom(file, position, count);
      }
      return hasMore(file, position) ? 0 : -1;
    } catch (ResourceException e) {
      throw e;
    } catch (IOException e) {
      // Whose fault it was, the system does not say.
      boolean unused = hasMore(file, position);
      throw sendFailure(e);
    }
  }

  /** What was read and found no room is read again. */
  private long copyFrom(FileSource file, long position, long count) throws IOException {
    ByteBuffer scratch = Scratch.take();
    try {
      scratch.limit((int) Math.min(count, Scratch.BYTES));
      return file.read(scratch, position) < 0 ? -1 : send(scratch.flip());
    } finally {
      Scratch.giveBack(scratch);
    }
  }

  private static boolean hasMore(FileSource file, long position) throws IOException {
    ByteBuffer scratch = Scratch.take();
    try {
      return file.read(scratch.limit(1), position) > 0;
    } finally {
      Scratch.giveBack(scratch);
    }
  }

  /**
   * Checks what must hold before data is sent.
   *
   * @throws ResourceException when broken or closed, or when the end was sent
   */
  void ensureCanSendData() throws ResourceException {
    ensureCanSend();
    if (eofSent) {
      throw new ClosedResourceException("can't send data after sending EOF");
    }
  }

  /**
   * Checks what must hold before waiting for room to send.
   *
   * @return false when there is nothing to wait for, since the end was sent (spec IO-H4)
   * @throws ResourceException when broken or closed
   */
  public boolean canWaitToSend() throws ResourceException {
    ensureCanSend();
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
    ensureCanSend();
    try {
      socket.shutdown(false, true);
      eofSent = true;
    } catch (ResourceException e) {
      throw e;
    } catch (IOException e) {
      throw sendFailure(e);
    }
  }

  /**
   * How many bytes have been received.
   *
   * @return 0 or more
   */
  public long bytesReceived() {
    return bytesReceived;
  }

  /**
   * How many bytes have been handed to the kernel.
   *
   * @return 0 or more
   */
  public long bytesSent() {
    return bytesSent;
  }

  /**
   * Throws what sending on a closed or broken stream throws. Closed outranks broken.
   *
   * @throws ResourceException when broken or closed
   */
  public void ensureCanSend() throws ResourceException {
    socket.ensureOpen();
    throwIfBroken(sendBrokenBy);
  }

  private ResourceException sendFailure(IOException e) {
    if (socket.isClosed()) {
      return closedByUs();
    }
    sendBrokenBy = e;
    return broken(e);
  }

  private ResourceException receiveFailure(IOException e) {
    if (socket.isClosed()) {
      return closedByUs();
    }
    receiveBrokenBy = e;
    if (sendBrokenBy == null) {
      sendBrokenBy = e;
    }
    return broken(e);
  }

  /** Whatever the system made of a close in the middle of a call: it was ours (spec IO-E8). */
  private static ClosedResourceException closedByUs() {
    return new ClosedResourceException("this socket was closed");
  }

  private void throwIfBroken(@Nullable IOException cause) throws BrokenResourceException {
    if (cause != null) {
      throw broken(cause);
    }
  }

  private BrokenResourceException broken(IOException cause) {
    SocketAddress peer = socket.remoteAddress();
    String who = peer == null ? "" : " with " + AddressText.of(peer);
    return new BrokenResourceException(
        "socket connection" + who + " broken: " + cause.getMessage(), cause);
  }

  @Override
  public String toString() {
    return socket + (sendBrokenBy == null ? "" : ", broken") + (eofSent ? ", EOF sent" : "");
  }
}
