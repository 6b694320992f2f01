package dev.tercet.internal.nio;

import dev.tercet.AddressText;
import dev.tercet.ClosedResourceException;
import dev.tercet.internal.loop.LoopGroup;
import dev.tercet.internal.loop.Readiness;
import dev.tercet.internal.loop.SelectorLoop;
import dev.tercet.internal.net.NonBlockingDatagram;
import dev.tercet.internal.net.Scratch;
import dev.tercet.internal.wait.Exclusive;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.PortUnreachableException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A non-blocking datagram socket: everything about it but waiting, once for both languages.
 *
 * <p><b>What NIO does</b>, measured on JDK 17 and 25, the same on both:
 *
 * <ul>
 *   <li>What does not fit into the buffer is dropped without a word. The kernel would say it
 *       (MSG_TRUNC), the JDK does not ask.
 *   <li>An empty datagram on a connected channel is never sent, by {@code write} or by {@code
 *       send}: no system call is made, and 0 comes back. On one that is not connected {@code send}
 *       does send it, and says 0 too, the same as when there is no room.
 *   <li>{@code read} says -1 for an empty datagram. {@code receive} gives its source.
 *   <li>{@code connect} throws away what has arrived already, and binds.
 *   <li>{@code receive} on a channel that is not bound binds it to a port that nobody knows.
 *   <li>An ICMP "port unreachable" is the exception of the next call, of either direction, without
 *       text; a send that throws it has sent nothing. The channel stays open.
 *   <li>A broadcast without SO_BROADCAST is a {@link BindException}.
 *   <li>An interrupted thread may send and receive; only blocking channels are closed by it.
 * </ul>
 *
 * <p><b>The strategy.</b> A datagram is received into a direct buffer of 64 KiB from a small pool,
 * and copied from there: so it is known whether it was longer than the user's. For a heap buffer
 * the JDK copies anyway; for a direct one it costs the copy of what has arrived, and is spared when
 * there is room for every datagram. Errors get the address. The rest is refused above, in {@link
 * Datagrams}.
 *
 * <p><b>What we do not do.</b> No disconnect: a channel that was connected has lost what had
 * arrived, and a fresh one is as cheap. No filtering of our own.
 *
 * <p><i>Thread-safety:</i> {@link #close} any thread; sending and receiving by whoever has entered
 * {@link #sending} or {@link #receiving}.
 */
public final class NioDatagram extends NioResource<DatagramChannel> implements NonBlockingDatagram {
  private final Exclusive sending = new Exclusive("another task is sending");
  private final Exclusive receiving = new Exclusive("another task is receiving");
  private final ConcurrentHashMap<Membership, MembershipKey> memberships =
      new ConcurrentHashMap<>(0);

  /** Cached, for after the close; guarded by being idempotent. */
  private volatile @Nullable InetSocketAddress localAddress;

  private volatile @Nullable InetSocketAddress remoteAddress;

  private volatile boolean truncated;

  private record Membership(InetAddress group, NetworkInterface on) {}

  private NioDatagram(DatagramChannel channel, SelectorLoop loop, ProtocolFamily family)
      throws IOException {
    super(channel, loop, family, "this socket was closed");
    localAddress = (InetSocketAddress) channel.getLocalAddress();
    remoteAddress = (InetSocketAddress) channel.getRemoteAddress();
    Leak.watch(this, readiness);
  }

  /**
   * Opens a socket that is neither bound nor connected.
   *
   * @param group on one of whose loops it will wait
   * @param family INET or INET6
   * @throws IOException when the system cannot
   * @throws UnsupportedOperationException when the system does not know the family
   */
  public static NioDatagram open(LoopGroup group, ProtocolFamily family) throws IOException {
    SelectorLoop loop = group.forNewChannel();
    return of(DatagramChannel.open(family), loop, family);
  }

  /**
   * Takes over a channel.
   *
   * @param channel open, and registered with no selector; closed when this throws an IOException
   * @param group on one of whose loops it will wait
   * @throws IOException when the channel cannot be configured, or the loop was closed
   * @throws IllegalArgumentException when it is registered with a selector or closed
   */
  public static NioDatagram of(DatagramChannel channel, LoopGroup group) throws IOException {
    Readiness.requireFree(channel);
    SelectorLoop loop;
    try {
      loop = group.forNewChannel();
    } catch (ClosedResourceException e) {
      channel.close();
      throw e;
    }
    SocketAddress local = channel.getLocalAddress();
    return of(
        channel,
        loop,
        local != null && Addresses.isIpv4(local)
            ? StandardProtocolFamily.INET
            : StandardProtocolFamily.INET6);
  }

  private static NioDatagram of(DatagramChannel channel, SelectorLoop loop, ProtocolFamily family)
      throws IOException {
    try {
      return new NioDatagram(channel, loop, family);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public boolean send(ByteBuffer data, @Nullable InetSocketAddress to) throws IOException {
    ensureOpen();
    InetSocketAddress peer = remoteAddress;
    InetSocketAddress target = Objects.requireNonNull(peer == null ? to : peer);
    int bytes = data.remaining();
    try {
      int sent = peer == null ? channel.send(data, target) : channel.write(data);
      if (localAddress == null) {
        localAddress = (InetSocketAddress) channel.getLocalAddress();
      }
      return sent == bytes;
    } catch (ClosedChannelException e) {
      throw closedBehindOurBack();
    } catch (PortUnreachableException e) {
      throw unreachable(
          target, "an earlier datagram was refused there, and this one was not sent", e);
    } catch (SocketException e) {
      boolean forbidden =
          e instanceof BindException
              && Boolean.FALSE.equals(channel.getOption(StandardSocketOptions.SO_BROADCAST));
      String what = "send " + bytes + " bytes" + (forbidden ? " without SO_BROADCAST to" : " to");
      throw ConnectErrors.cannot(what, target, e);
    }
  }

  @Override
  public @Nullable InetSocketAddress receive(ByteBuffer into) throws IOException {
    ensureOpen();
    try {
      if (into.isDirect() && into.remaining() >= MAX_BYTES) {
        InetSocketAddress from = (InetSocketAddress) channel.receive(into);
        if (from != null) {
          truncated = false;
        }
        return from;
      }
      ByteBuffer scratch = Scratch.take();
      try {
        InetSocketAddress from = (InetSocketAddress) channel.receive(scratch);
        if (from != null) {
          copy(scratch.flip(), into);
        }
        return from;
      } finally {
        Scratch.giveBack(scratch);
      }
    } catch (ClosedChannelException e) {
      throw closedBehindOurBack();
    } catch (PortUnreachableException e) {
      throw unreachable(remoteAddress, "a datagram that was sent there was refused", e);
    }
  }

  private void copy(ByteBuffer datagram, ByteBuffer into) {
    boolean fits = datagram.remaining() <= into.remaining();
    truncated = !fits;
    if (!fits) {
      datagram.limit(into.remaining());
    }
    into.put(datagram);
  }

  @Override
  public boolean wasTruncated() {
    return truncated;
  }

  @Override
  public boolean isReadable() throws IOException {
    ensureOpen();
    try {
      return Probing.isReadable(channel);
    } catch (ClosedChannelException e) {
      throw closedBehindOurBack();
    }
  }

  @Override
  public void bind(InetSocketAddress address) throws IOException {
    ensureOpen();
    try {
      channel.bind(address);
    } catch (SocketException e) {
      throw ConnectErrors.cannot("bind to", address, e);
    }
    localAddress = (InetSocketAddress) channel.getLocalAddress();
  }

  @Override
  public void connect(InetSocketAddress address) throws IOException {
    ensureOpen();
    try {
      channel.connect(address);
    } catch (SocketException e) {
      throw ConnectErrors.withAddress(e, address);
    }
    // In this order: who sees the peer may rely on the rest.
    localAddress = (InetSocketAddress) channel.getLocalAddress();
    remoteAddress = (InetSocketAddress) channel.getRemoteAddress();
  }

  @Override
  public void joinGroup(InetAddress group, NetworkInterface on) throws IOException {
    ensureOpen();
    try {
      memberships.put(new Membership(group, on), channel.join(group, on));
    } catch (SocketException e) {
      SocketException named =
          new SocketException(
              "cannot join "
                  + AddressText.of(group)
                  + " on "
                  + on.getName()
                  + ": "
                  + e.getMessage());
      named.initCause(e);
      throw named;
    }
  }

  @Override
  public void leaveGroup(InetAddress group, NetworkInterface on) throws IOException {
    ensureOpen();
    MembershipKey key = memberships.remove(new Membership(group, on));
    if (key == null) {
      throw new IllegalStateException(
          "not a member of " + AddressText.of(group) + " on " + on.getName());
    }
    key.drop();
  }

  @Override
  public Exclusive sending() {
    return sending;
  }

  @Override
  public Exclusive receiving() {
    return receiving;
  }

  @Override
  public @Nullable InetSocketAddress localAddress() {
    return localAddress;
  }

  @Override
  public @Nullable InetSocketAddress remoteAddress() {
    return remoteAddress;
  }

  private static PortUnreachableException unreachable(
      @Nullable InetSocketAddress peer, String what, PortUnreachableException cause) {
    PortUnreachableException named =
        new PortUnreachableException("nobody receives at " + AddressText.of(peer) + ": " + what);
    named.initCause(cause);
    return named;
  }

  @Override
  public String toString() {
    return AddressText.of(localAddress)
        + (remoteAddress == null ? "" : " -> " + AddressText.of(remoteAddress))
        + (readiness.isClosed() ? ", closed" : "");
  }
}
