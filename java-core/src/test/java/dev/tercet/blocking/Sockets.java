package dev.tercet.blocking;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.ResourceException;
import dev.tercet.loop.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Connected sockets, threads and descriptors for tests of real sockets. */
public final class Sockets {
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);

  private Sockets() {}

  /** Two ends of one connection. */
  public record Ends(SocketStream left, SocketStream right) {
    /** Closes both. */
    public void close() {
      left.closeForcefully();
      right.closeForcefully();
    }
  }

  /** A TCP connection whose left end waits on one loop, its right end on another. */
  public static Ends tcp(EventLoop left, EventLoop right) throws Exception {
    try (ListenerSocket listener = listener(right)) {
      StreamSocket client = StreamSocket.open(StandardProtocolFamily.INET, left.network());
      client.connect(java.util.Objects.requireNonNull(listener.localAddress()));
      return new Ends(SocketStream.wrap(client), SocketStream.wrap(listener.accept()));
    }
  }

  /** The same over a Unix socket. */
  public static Ends unix(EventLoop left, EventLoop right) throws Exception {
    Path directory = Files.createTempDirectory("sockets");
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("s"));
    try (ListenerSocket listener =
        ListenerSocket.open(StandardProtocolFamily.UNIX, right.network())) {
      listener.bind(address, 8);
      StreamSocket client = StreamSocket.open(StandardProtocolFamily.UNIX, left.network());
      client.connect(address);
      return new Ends(SocketStream.wrap(client), SocketStream.wrap(listener.accept()));
    } finally {
      Files.deleteIfExists(directory);
    }
  }

  /** A TCP listener on the loopback interface. */
  public static ListenerSocket listener(EventLoop loop) throws IOException {
    ListenerSocket listener = ListenerSocket.open(StandardProtocolFamily.INET, loop.network());
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    return listener;
  }

  /** What a thread of its own does. */
  public static <T> FutureTask<T> inThread(Callable<T> body) {
    FutureTask<T> task = new FutureTask<>(body);
    Thread thread = new Thread(task, "test");
    thread.setDaemon(true);
    thread.start();
    return task;
  }

  /** Starts all threads of the shared loop, whose descriptors would else appear in mid-test. */
  public static void startSharedLoop() throws Exception {
    for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
      EventLoop.shared().executor().submit(() -> {}).get();
    }
  }

  /** How an operation that was expected to fail did fail: the class of its exception. */
  public static Class<?> failureOf(Callable<?> body) throws Exception {
    try {
      return body.call() == null ? Void.class : Object.class;
    } catch (ResourceException e) {
      return e.getClass();
    }
  }

  /** Waits for something that must come. */
  public static void await(String what, Callable<Boolean> condition) throws Exception {
    long start = System.nanoTime();
    while (!condition.call()) {
      assertTrue(System.nanoTime() - start < LIMIT_NANOS, "waited in vain until " + what);
      LockSupport.parkNanos(200_000);
    }
  }

  /** How many sockets and selectors this process has open; -1 where the system does not tell. */
  public static int descriptors() throws IOException {
    int count = 0;
    try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path descriptor : all) {
        try {
          String target = Files.readSymbolicLink(descriptor).toString();
          if (target.startsWith("socket:") || target.startsWith("anon_inode:")) {
            count++;
          }
        } catch (NoSuchFileException gone) {
          // That of the directory itself, or one that was just closed.
        }
      }
    } catch (NoSuchFileException noProc) {
      return -1;
    }
    return count;
  }

  /** Waits until there are as many sockets and selectors as there were. */
  public static void awaitDescriptors(int before) throws Exception {
    await("there are " + before + " descriptors again", () -> descriptors() <= before);
  }
}
