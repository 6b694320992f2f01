package dev.tercet.proto.serve;

/**
 * Finds a connection that moves no bytes, without a timer per connection: somebody looks at all of
 * them four times per idle time, and whoever has not moved in four looks in a row is idle. So a
 * connection is given at least the idle time and at most a quarter more.
 *
 * <p>Not thread-safe; the caller owns it.
 */
public final class IdleCount {
  /** How often to look, per idle time. */
  public static final int LOOKS = 4;

  private long bytesBefore = -1;
  private int unchanged;

  /** Makes the count of a connection that has not been looked at. */
  public IdleCount() {}

  /**
   * Looks.
   *
   * @param bytes how many the connection has moved since it was made
   * @return whether it has been idle for the idle time
   */
  public boolean isIdle(long bytes) {
    unchanged = bytes == bytesBefore ? unchanged + 1 : 0;
    bytesBefore = bytes;
    return unchanged >= LOOKS;
  }
}
