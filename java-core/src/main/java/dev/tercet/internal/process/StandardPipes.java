package dev.tercet.internal.process;

/**
 * The standard streams of this program: one of each, since two readers would take each other's
 * bytes without knowing it.
 */
public final class StandardPipes {
  private StandardPipes() {}

  /**
   * The standard input.
   *
   * @return the same each time
   */
  public static PipeSource input() {
    return Input.SOURCE;
  }

  /**
   * The standard output.
   *
   * @return the same each time
   */
  public static PipeSink output() {
    return Output.SINK;
  }

  /**
   * The standard error.
   *
   * @return the same each time
   */
  public static PipeSink error() {
    return Errors.SINK;
  }

  private static final class Input {
    static final PipeSource SOURCE = new StandardSource(StandardFile.IN);
  }

  private static final class Output {
    static final PipeSink SINK = new StandardSink(StandardFile.OUT);
  }

  private static final class Errors {
    static final PipeSink SINK = new StandardSink(StandardFile.ERR);
  }
}
