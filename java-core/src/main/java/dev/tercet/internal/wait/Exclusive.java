package dev.tercet.internal.wait;

import dev.tercet.BusyResourceException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An operation that only one task may be in at a time. The second one is told so at once (spec
 * IO-E3); it does not wait, since an order of senders that nobody chose would be a silent bug.
 */
public final class Exclusive extends AtomicBoolean {
  private static final long serialVersionUID = 1L;

  private final String operation;

  /**
   * Makes a free one.
   *
   * @param operation what the task inside is doing, as in "another task is sending"
   */
  public Exclusive(String operation) {
    this.operation = operation;
  }

  /** Enters, or throws {@link BusyResourceException}. */
  public void enter() {
    if (!compareAndSet(false, true)) {
      throw new BusyResourceException(operation);
    }
  }

  /** Enters if nobody is inside. */
  public boolean tryEnter() {
    return compareAndSet(false, true);
  }

  /** Leaves. Only for who has entered. */
  public void exit() {
    // With a fence: who leaves and then looks at a flag must see what somebody has set who, after
    // that, did not get in. A release alone lets the look come first.
    set(false);
  }
}
