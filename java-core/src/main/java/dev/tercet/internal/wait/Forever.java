package dev.tercet.internal.wait;

/** Waits until it is given up: the part of an operation that only lets time pass. */
public final class Forever extends Operation {
  private final Latch never = new Latch();

  /** One that has not begun. */
  public Forever() {}

  @Override
  public Need next() {
    return Need.WAIT;
  }

  @Override
  public WaitPlace place() {
    return never;
  }

  @Override
  public boolean failed(Throwable e) {
    return false;
  }

  @Override
  public void cancelled(Throwable e) {
    // That is how it ends.
  }
}
