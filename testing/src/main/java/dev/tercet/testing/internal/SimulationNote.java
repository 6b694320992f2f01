package dev.tercet.testing.internal;

/**
 * What a failure in a simulation carries as suppressed exception: how to run it again, and what the
 * network saw (KIT-R1). The failure itself keeps its type.
 */
public final class SimulationNote extends Exception {
  private static final long serialVersionUID = 1L;

  /** How much of the trace is shown. */
  public static final int LINES = 60;

  /**
   * Makes a note, which has no stack of its own.
   *
   * @param trace the end of the trace of its network
   */
  public SimulationNote(long seed, String trace) {
    super(
        "this run had seed " + seed + (trace.isEmpty() ? "" : "; its network saw:\n" + trace),
        null,
        false,
        false);
  }
}
