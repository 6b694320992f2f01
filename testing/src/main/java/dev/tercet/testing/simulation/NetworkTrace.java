package dev.tercet.testing.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What has happened on a {@link SimulatedNetwork}, in order and with virtual times (KIT-R35). The
 * same seed gives the same trace, byte for byte.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public final class NetworkTrace {
  private final VirtualTime time;

  /** Guarded by this. */
  private final List<NetworkEvent> events = new ArrayList<>();

  /** What each open socket is. Guarded by this. */
  private final TreeMap<Integer, String> open = new TreeMap<>();

  /** Guarded by this. */
  private int sockets;

  NetworkTrace(VirtualTime time) {
    this.time = time;
  }

  /** A new socket; returns its number. */
  synchronized int opened(NetworkEvent.Kind kind, String what) {
    int number = ++sockets;
    open.put(number, what);
    record(kind, number, what);
    return number;
  }

  synchronized void closed(int socket) {
    open.remove(socket);
    record(NetworkEvent.Kind.CLOSE, socket, "");
  }

  synchronized void record(NetworkEvent.Kind kind, int socket, String detail) {
    events.add(new NetworkEvent(Duration.ofNanos(time.nanoTime()), kind, socket, detail));
  }

  /**
   * Everything so far.
   *
   * @return a copy
   */
  public synchronized List<NetworkEvent> events() {
    return List.copyOf(events);
  }

  /**
   * Everything of one kind so far.
   *
   * @param kind what is looked for
   * @return in order
   */
  public synchronized List<NetworkEvent> events(NetworkEvent.Kind kind) {
    return events.stream().filter(event -> event.kind() == kind).toList();
  }

  /**
   * Everything of one socket so far.
   *
   * @param socket its number
   * @return in order
   */
  public synchronized List<NetworkEvent> of(int socket) {
    return events.stream().filter(event -> event.socket() == socket).toList();
  }

  /**
   * The sockets and listeners that programs have opened or accepted and not closed.
   *
   * @return their numbers
   */
  public synchronized List<Integer> openSockets() {
    return List.copyOf(open.keySet());
  }

  /**
   * Checks that no socket and no listener is open.
   *
   * <p><i>Errors:</i> {@link AssertionError} that names those that are and shows the trace.
   */
  public synchronized void assertNothingOpen() {
    if (!open.isEmpty()) {
      String left =
          open.entrySet().stream()
              .map(entry -> "#" + entry.getKey() + " " + entry.getValue())
              .collect(Collectors.joining(", "));
      throw new AssertionError("left open: " + left + "; this is what happened:\n" + this);
    }
  }

  /**
   * The last lines, for the messages of failures.
   *
   * @param lines how many at most
   * @return one line for each event
   */
  public synchronized String last(int lines) {
    int from = Math.max(0, events.size() - lines);
    return (from == 0 ? "" : "(" + from + " lines before)\n") + lines(from);
  }

  private String lines(int from) {
    return events.subList(from, events.size()).stream()
        .map(NetworkEvent::toString)
        .collect(Collectors.joining("\n"));
  }

  /** One line for each event. */
  @Override
  public synchronized String toString() {
    return lines(0);
  }
}
