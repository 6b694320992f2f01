package dev.tercet.testing.simulation;

import dev.tercet.proto.ByteQueue;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * One end of a simulated TCP connection, as a pure machine: what a kernel does between the calls of
 * a socket and the segments on the wire. It has no retransmission, for nothing is lost.
 *
 * <p>What is modelled is what programs can tell apart:
 *
 * <ul>
 *   <li>the room for bytes on the way and unread at the peer is limited, and is given back when the
 *       peer takes bytes out;
 *   <li>a close sends FIN behind all data; but RESET when bytes have arrived that nobody has read,
 *       and in answer to bytes that come after the close;
 *   <li>after a RESET what had arrived can still be read, then comes the error; writing fails at
 *       once.
 * </ul>
 *
 * <p>The directions are independent, so the state is five flags. {@code finSent}: by a shutdown or
 * the close. {@code finReceived}: the end comes after what is in the inbox. {@code readShut}: the
 * end comes now, and what arrives is thrown away. {@code reset} and {@code closed} concern both
 * directions and are absorbing.
 *
 * <pre>
 * input          open               finSent       finReceived   reset             closed
 * write          DATA               Closed        DATA          error             -
 * read           bytes, WINDOW      same          bytes, -1     bytes, error      -
 * shutdown       FIN                -             FIN           -                 -
 * close          FIN or RESET       - or RESET    FIN or RESET  -                 -
 * DATA arrives   inbox              inbox         (never)       ignored           answer RESET
 * FIN arrives    finReceived        finReceived   (never)       ignored           ignored
 * RESET arrives  reset              reset         reset         -                 ignored
 * WINDOW arrives more room          more room     more room     ignored           ignored
 * </pre>
 *
 * <p>Not thread-safe; the caller holds the lock of its socket. What is to be sent goes to the wire
 * given at construction, under that lock.
 */
final class TcpEnd {
  private final Consumer<Segment> wire;
  private final ByteQueue inbox = new ByteQueue();
  private int room;
  private boolean finSent;
  private boolean finReceived;
  private boolean readShut;
  private boolean reset;
  private boolean closed;

  /** The room is how many bytes may be on the way to the peer or unread there, 1 or more. */
  TcpEnd(int room, Consumer<Segment> wire) {
    this.room = room;
    this.wire = wire;
  }

  /** Sends what there is room for; returns how many bytes, 0 when one must wait. */
  int write(ByteBuffer data) throws IOException {
    if (reset) {
      throw new IOException("Broken pipe");
    }
    int n = Math.min(room, data.remaining());
    if (n > 0) {
      byte[] bytes = new byte[n];
      data.get(bytes);
      room -= n;
      wire.accept(Segment.data(bytes));
    }
    return n;
  }

  /** Reads what is there; returns how many bytes, 0 when one must wait, -1 at the end. */
  int read(ByteBuffer into) throws IOException {
    int n = inbox.take(into);
    if (n > 0) {
      if (!reset) {
        wire.accept(Segment.window(n));
      }
      return n;
    }
    if (!inbox.isEmpty()) {
      return 0; // no room in the buffer
    }
    if (readShut) {
      return -1;
    }
    if (reset) {
      throw new SocketException("Connection reset");
    }
    return finReceived ? -1 : 0;
  }

  void shutdownWrite() {
    if (!finSent && !reset) {
      finSent = true;
      wire.accept(Segment.fin());
    }
  }

  void shutdownRead() {
    readShut = true;
    discardInbox();
  }

  /** Ends both directions, in order if it can be done. */
  void close() {
    if (!closed) {
      if (inbox.isEmpty()) {
        shutdownWrite();
      } else if (!reset) {
        wire.accept(Segment.reset());
      }
      closed = true;
      inbox.clear();
    }
  }

  /** Ends both directions and tells the peer that something was wrong. */
  void abort() {
    if (!closed && !reset) {
      wire.accept(Segment.reset());
    }
    closed = true;
    inbox.clear();
  }

  void arrived(Segment segment) {
    if (closed) {
      if (segment.kind() == Segment.Kind.DATA) {
        wire.accept(Segment.reset());
      }
      return;
    }
    if (reset) {
      return;
    }
    switch (segment.kind()) {
      case DATA -> {
        inbox.append(segment.bytes());
        if (readShut) {
          discardInbox();
        }
      }
      case FIN -> finReceived = true;
      case RESET -> reset = true;
      case WINDOW -> room += segment.count();
    }
  }

  private void discardInbox() {
    if (!inbox.isEmpty()) {
      wire.accept(Segment.window(inbox.size()));
      inbox.clear();
    }
  }

  boolean isReadable() {
    return !inbox.isEmpty() || finReceived || readShut || reset || closed;
  }

  boolean isWritable() {
    return room > 0 || finSent || reset || closed;
  }

  /** Takes out what has arrived. */
  byte[] takeAll() {
    byte[] all = inbox.takeAll();
    if (all.length > 0 && !reset) {
      wire.accept(Segment.window(all.length));
    }
    return all;
  }

  boolean hasBytes() {
    return !inbox.isEmpty();
  }

  boolean hasEnded() {
    return finReceived || reset;
  }
}
