package dev.tercet.benchmarks.load;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** The name that clients connect to, and the addresses behind it: all of them answer. */
public final class DialTargets {
  /** A name that no system knows: the table of each client does. */
  public static final String NAME = "dial.bench";

  /** On Linux all of 127/8 is ours. */
  private static final int COUNT = System.getProperty("os.name", "").startsWith("Linux") ? 4 : 1;

  private DialTargets() {}

  /**
   * The addresses.
   *
   * @return in the order in which they should be tried
   */
  public static List<InetAddress> addresses() {
    List<InetAddress> addresses = new ArrayList<>();
    try {
      for (int i = 1; i <= COUNT; i++) {
        addresses.add(InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) i}));
      }
    } catch (IOException e) {
      throw new AssertionError("four bytes are an address", e);
    }
    return addresses;
  }
}
