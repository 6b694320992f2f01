package dev.tercet.internal.wait;

/** A wait as a part of another operation, which may give it a limit. */
public final class WaitOnce extends Operation {
  private final WaitPlace place;
  private boolean hasWaited;

  /** Makes one that has not begun. */
  public WaitOnce(WaitPlace place) {
    this.place = place;
  }

  @Override
  public Need next() {
    if (hasWaited) {
      return Need.DONE;
    }
    hasWaited = true;
    return Need.WAIT;
  }

  @Override
  public WaitPlace place() {
    return place;
  }

  @Override
  public boolean failed(Throwable e) {
    return false;
  }

  @Override
  public void cancelled(Throwable e) {
    // Nothing was begun.
  }
}
