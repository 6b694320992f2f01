package dev.tercet.internal.dtls;

import org.bouncycastle.tls.AlertLevel;

/**
 * The last alert that Bouncy Castle has told its peer object of. Whoever has the turn touches it.
 */
final class ReceivedAlert {
  private int level = -1;
  private int description = -1;

  /** Notes one. */
  void note(int level, int description) {
    this.level = level;
    this.description = description;
  }

  /** Whether it was this one. */
  boolean is(int level, int description) {
    return this.level == level && this.description == description;
  }

  /** Whether it ends the connection. */
  boolean isFatal() {
    return level == AlertLevel.fatal;
  }
}
