package dev.tercet.blocking;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.internal.wait.Parking;
import dev.tercet.support.ClosedPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the tests of real sockets share. */
public final class RealSockets {
  /** A port that refuses. Bound before sockets are counted. */
  public static final int CLOSED_PORT = ClosedPort.tcp();

  private static int baseline = -1;

  private RealSockets() {}

  /** Connected streams. */
  public record Pair(SocketStream left, SocketStream right) implements AutoCloseable {
    @Override
    public void close() {
      left.close();
      right.close();
    }
  }

  /** A body that may throw anything. */
  public interface Body {
    void run() throws Exception;
  }

  public static Pair tcp() throws IOException, InterruptedException {
    try (SocketListener listener =
        Net.openTcpListeners(0, ListenOptions.DEFAULT.withHost("127.0.0.1")).get(0)) {
      return new Pair(Net.openTcpStream("127.0.0.1", listener.port()), listener.accept());
    }
  }

  public static Pair unix() throws IOException, InterruptedException {
    AtomicReference<@Nullable Pair> pair = new AtomicReference<>();
    inDirectory(
        directory -> {
          Path path = directory.resolve("s");
          try (SocketListener listener = Net.openUnixListener(path, ListenOptions.DEFAULT)) {
            pair.set(new Pair(Net.openUnixSocket(path), listener.accept()));
          }
        });
    return java.util.Objects.requireNonNull(pair.get());
  }

  /** Something to do in a directory. */
  public interface InDirectory {
    void run(Path directory) throws IOException, InterruptedException;
  }

  public static void inDirectory(InDirectory body) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("tercet-test");
    try {
      body.run(directory);
    } finally {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /** The IP address of a socket address, as text. */
  public static String ip(@Nullable SocketAddress address) {
    return ((InetSocketAddress) java.util.Objects.requireNonNull(address))
        .getAddress()
        .getHostAddress();
  }

  /** How many descriptors of this process are sockets. */
  public static int open() throws IOException {
    return open("socket:");
  }

  /** How many descriptors of this process are of a kind, as /proc names it. */
  static int open(String kind) throws IOException {
    try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
      return (int)
          fds.filter(
                  fd -> {
                    try {
                      return Files.readSymbolicLink(fd).toString().startsWith(kind);
                    } catch (IOException gone) {
                      return false;
                    }
                  })
              .count();
    }
  }

  /** Before each test: waits until the sockets of the one before are gone. */
  public static void before() throws Exception {
    if (baseline < 0) {
      // The JDK keeps a socket pair of its own from the first close of a socket on.
      tcp().close();
      baseline = open();
    }
    // What the test before has closed may take a turn of its loop; what it has leaked is not ours.
    for (int i = 0; i < 200 && open() > baseline; i++) {
      Thread.sleep(5);
    }
    baseline = open();
  }

  /** After each test: fails when sockets are left open. */
  public static void after() throws Exception {
    eventually("more than " + baseline + " sockets are open", () -> open() <= baseline);
  }

  public static void eventually(String what, Callable<Boolean> condition) throws Exception {
    for (int i = 0; i < 2000; i++) {
      if (condition.call()) {
        return;
      }
      Thread.sleep(5);
    }
    throw new AssertionError(what);
  }

  /** Sends until there is no room, which is asked three times: the kernel may make some late. */
  public static void clog(SocketStream stream) throws IOException, InterruptedException {
    for (int full = 0; full < 3; ) {
      long before = stream.bytesSent();
      CancelScope.moveOnAfter(Duration.ofMillis(40))
          .run(
              () -> {
                while (true) {
                  stream.sendAll(ByteBuffer.allocate(65_536));
                }
              });
      full = stream.bytesSent() == before ? full + 1 : 0;
    }
    // The kernel may make room late, but not so much.
    stream.setOption(StandardSocketOptions.SO_SNDBUF, 1);
  }

  /** A thread that runs something, and what came of it. */
  public static final class Other {
    private final AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    private final Thread thread;

    private Other(ThreadFactory threads, Body body) {
      thread =
          threads.newThread(
              () -> {
                try {
                  body.run();
                } catch (Throwable e) {
                  thrown.set(e);
                }
              });
    }

    /** What it has thrown. */
    public @Nullable Throwable end() throws InterruptedException {
      thread.join(30_000);
      assertTrue(!thread.isAlive(), "still running");
      return thrown.get();
    }

    public void interrupt() {
      thread.interrupt();
    }

    public boolean isAlive() {
      return thread.isAlive();
    }
  }

  /** Runs something beside, and returns when it waits (or has ended). */
  public static Other beside(Body body) throws Exception {
    return beside(Thread::new, body);
  }

  /** The same in a thread of some kind. */
  public static Other beside(ThreadFactory threads, Body body) throws Exception {
    Other other = new Other(threads, body);
    other.thread.start();
    eventually(
        "it does not wait", () -> Parking.isWaiting(other.thread) || !other.thread.isAlive());
    return other;
  }

  public static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  /** One receive, as text; null at the end. */
  public static @Nullable String text(SocketStream stream)
      throws IOException, InterruptedException {
    ByteBuffer buffer = ByteBuffer.allocate(100);
    return stream.receiveSome(buffer) == -1
        ? null
        : new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
  }
}
