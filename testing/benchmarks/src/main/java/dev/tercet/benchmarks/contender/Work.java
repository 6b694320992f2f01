package dev.tercet.benchmarks.contender;

/** What a server does with each connection, until the peer ends it. */
public enum Work {
  /** Sends back what it receives. */
  ECHO(4096),
  /** The same, and holds no buffer while it waits, where a server can choose. */
  IDLE(4096),
  /** Receives, and throws away. */
  SINK(65536),
  /** Sends without end. */
  SOURCE(65536);

  private final int bufferBytes;

  Work(int bufferBytes) {
    this.bufferBytes = bufferBytes;
  }

  /**
   * The size of the buffer, the same for all contenders that choose one.
   *
   * @return in bytes
   */
  public int bufferBytes() {
    return bufferBytes;
  }
}
