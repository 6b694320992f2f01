package dev.tercet.blocking;

import java.io.Closeable;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A port that takes connections on 127.0.0.1 and swallows them on 127.0.0.2, 127.0.0.5 and
 * 127.0.0.6: there the queue of a listener is full, and Linux drops what comes then, as a dead host
 * would.
 */
public final class DeadAddress implements Closeable {
  private final List<ServerSocket> listeners = new ArrayList<>();
  private final List<Socket> queued = new ArrayList<>();
  private int port;

  private DeadAddress() {}

  public static DeadAddress open() throws IOException {
    return open("127.0.0.1");
  }

  /** With ::1 as the live address. */
  public static DeadAddress openDual() throws IOException {
    return open("::1");
  }

  /** A port that is free on the first address may be somebody else's on another: then the next. */
  private static DeadAddress open(String live) throws IOException {
    while (true) {
      DeadAddress dead = new DeadAddress();
      try {
        dead.listen(live, 50);
        dead.port = dead.listeners.get(0).getLocalPort();
        for (InetAddress address : dead.addresses()) {
          dead.listen(address.getHostAddress(), 1);
        }
        for (InetAddress address : dead.addresses()) {
          dead.fill(address);
        }
        return dead;
      } catch (BindException taken) {
        dead.close();
        if (dead.port == 0) {
          throw taken;
        }
      } catch (IOException e) {
        dead.close();
        throw e;
      }
    }
  }

  private void listen(String address, int backlog) throws IOException {
    listeners.add(new ServerSocket(port, backlog, InetAddress.getByName(address)));
  }

  private void fill(InetAddress address) throws IOException {
    while (true) {
      Socket socket = new Socket();
      queued.add(socket);
      try {
        socket.connect(new InetSocketAddress(address, port), 100);
      } catch (SocketTimeoutException full) {
        socket.close();
        return;
      }
    }
  }

  public int port() {
    return port;
  }

  /** Those that swallow. */
  public List<InetAddress> addresses() throws IOException {
    return List.of(
        InetAddress.getByName("127.0.0.2"),
        InetAddress.getByName("127.0.0.5"),
        InetAddress.getByName("127.0.0.6"));
  }

  /** How many connects to this port are under way, on this machine. */
  public long synSent() throws IOException {
    long count = 0;
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      if (Files.exists(Path.of(table))) {
        count +=
            Files.readAllLines(Path.of(table)).stream()
                .skip(1)
                .map(line -> line.trim().split(" +"))
                .filter(f -> f[2].endsWith(String.format(":%04X", port)) && f[3].equals("02"))
                .count();
      }
    }
    return count;
  }

  @Override
  public void close() throws IOException {
    for (Socket socket : queued) {
      socket.close();
    }
    for (ServerSocket listener : listeners) {
      listener.close();
    }
  }
}
