package dev.tercet.internal.serve;

import dev.tercet.ServeReport;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The door to the driver of servers. Java has no word for "this module only", and the driver is in
 * a package that imports this one.
 */
public final class ServerAccess {
  private static volatile @Nullable Door door;

  private ServerAccess() {}

  /** What is behind the door. */
  @FunctionalInterface
  public interface Door {
    /**
     * Serves until stopped.
     *
     * @param handler a {@code dev.tercet.blocking.StreamHandler}
     * @param listeners {@code dev.tercet.blocking.Listener}s of what the handler takes
     * @param options {@code dev.tercet.blocking.ServeOptions}
     * @param below what is known of the connections
     * @param onServing run when the accept loops have begun
     * @return the counts
     * @throws IOException from a listener or a handler
     * @throws InterruptedException when interrupted
     */
    ServeReport serve(
        Object handler, List<?> listeners, Object options, ServedBelow below, Runnable onServing)
        throws IOException, InterruptedException;
  }

  /**
   * Called once, by the class of the options when it is initialized, and so before there are any.
   *
   * @param door to the driver
   */
  public static void open(Door door) {
    ServerAccess.door = door;
  }

  /**
   * The driver.
   *
   * @return what serves
   */
  public static Door door() {
    Door door = ServerAccess.door;
    if (door == null) {
      throw new IllegalStateException("no options of a server have been made");
    }
    return door;
  }
}
