package dev.tercet.blocking;

import java.io.IOException;
import java.io.InterruptedIOException;

/**
 * How the adapters of JDK types call a stream. Those types know no InterruptedException, so an
 * interrupt becomes an {@link InterruptedIOException} and the flag is kept, for the code above to
 * find; an expired cancel scope becomes one too.
 */
final class JdkCalls {
  private JdkCalls() {}

  interface Receive {
    int run() throws IOException, InterruptedException;
  }

  interface Send {
    void run() throws IOException, InterruptedException;
  }

  static int receive(Receive receive) throws IOException {
    try {
      return receive.run();
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (CancelledException e) {
      throw because("the time of a cancel scope is over", e);
    }
  }

  static void send(Send send) throws IOException {
    try {
      send.run();
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (CancelledException e) {
      throw because("the time of a cancel scope is over", e);
    }
  }

  private static InterruptedIOException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return because("interrupted", cause);
  }

  private static InterruptedIOException because(String reason, Exception cause) {
    InterruptedIOException e = new InterruptedIOException(reason);
    e.initCause(cause);
    return e;
  }
}
