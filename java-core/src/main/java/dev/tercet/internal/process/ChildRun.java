package dev.tercet.internal.process;

import dev.tercet.CalledProcessException;
import dev.tercet.ChildInput;
import dev.tercet.ChildOutput;
import dev.tercet.CompletedProcess;
import dev.tercet.ExitStatus;
import dev.tercet.ProcessOptions;
import dev.tercet.internal.wait.Bell;
import dev.tercet.internal.wait.Operation;
import dev.tercet.internal.wait.WaitPlace;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The run of one child, or of several in a row, to the end: gives them their input, takes what they
 * write, and waits until all have ended.
 *
 * <p><b>The problem.</b> A child may fill one pipe while somebody reads the other, or write before
 * it has read. So all pipes must be served at the same time; and after the end of the child another
 * process may hold a pipe open, for ever.
 *
 * <p><b>The strategy.</b> One task serves all of them: it moves what can be moved, and waits for
 * news of any at a {@link Bell}. After the end of the last child the rest of the output has the
 * drain time (spec PROC-P31).
 *
 * <p>When this fails or is cancelled, the children are to be ended.
 */
public final class ChildRun extends Operation {
  /** A child that is ended by a broken pipe reports this: 128 + SIGPIPE. */
  private static final int ENDED_BY_PIPE = 141;

  private enum Phase {
    RUNNING,
    DRAINING,
    OVER
  }

  private final List<Child> children;
  private final ProcessOptions options;
  private final List<Flow> flows = new ArrayList<>();
  private final List<Flow.@Nullable Captured> errors = new ArrayList<>();
  private Flow.@Nullable Captured output;
  private Phase phase = Phase.RUNNING;

  private ChildRun(List<Child> children, ProcessOptions options) {
    this.children = children;
    this.options = options;
  }

  /**
   * The run of children whose pipes the caller does not use: PIPE is left to him.
   *
   * @param children in the order of their pipes
   * @param options what they were started with
   * @return an operation that has not begun
   */
  public static ChildRun of(List<Child> children, ProcessOptions options) {
    ChildRun run = new ChildRun(children, options);
    byte[] input = options.stdin().bytes();
    PipeSink stdin = children.get(0).stdin();
    if (stdin != null && input != null) {
      run.flows.add(new Flow.Fed(stdin, input));
    }
    if (options.stdout().kind() == ChildOutput.Kind.CAPTURE) {
      run.output = run.capture(children.get(children.size() - 1).stdout());
    }
    for (Child child : children) {
      boolean isCaptured = options.stderr().kind() == ChildOutput.Kind.CAPTURE;
      run.errors.add(isCaptured ? run.capture(child.stderr()) : null);
    }
    return run;
  }

  /**
   * What is left when the caller does not use the pipes any more: the child finds the end of its
   * input, and its output is thrown away until it has ended.
   *
   * @param child whose pipes nobody else uses
   * @param options what it was started with
   * @return an operation that has not begun
   */
  public static ChildRun rest(Child child, ProcessOptions options) {
    ChildRun run = new ChildRun(List.of(child), options);
    if (options.stdin().kind() == ChildInput.Kind.PIPE && child.stdin() != null) {
      child.stdin().close();
    }
    if (options.stdout().kind() == ChildOutput.Kind.PIPE && child.stdout() != null) {
      run.flows.add(new Flow.Discarded(child.stdout()));
    }
    if (options.stderr().kind() == ChildOutput.Kind.PIPE && child.stderr() != null) {
      run.flows.add(new Flow.Discarded(child.stderr()));
    }
    return run;
  }

  private Flow.@Nullable Captured capture(@Nullable PipeSource source) {
    if (source == null) {
      return null;
    }
    Flow.Captured captured = new Flow.Captured(source, options.maxCaptured());
    flows.add(captured);
    return captured;
  }

  @Override
  public Need next() {
    return phase == Phase.OVER ? Need.DONE : Need.WITHIN;
  }

  @Override
  public Operation part() {
    return new Moving(phase == Phase.RUNNING);
  }

  @Override
  public @Nullable Duration limit() {
    return phase == Phase.DRAINING ? options.drain() : null;
  }

  @Override
  public void ended(boolean expired) {
    if (phase == Phase.RUNNING) {
      phase = Phase.DRAINING;
    } else {
      phase = Phase.OVER;
      flows.forEach(Flow::close);
    }
  }

  @Override
  public boolean failed(Throwable e) {
    flows.forEach(Flow::close);
    return false;
  }

  @Override
  public void cancelled(Throwable e) {
    flows.forEach(Flow::close);
  }

  /**
   * How the children have ended; to be asked when this is done.
   *
   * @return in their order; only the last has standard output
   * @throws CalledProcessException when one has failed and the options say to check; the last that
   *     has failed. A child but the last that was ended by a broken pipe has not failed: who reads
   *     it has had enough
   */
  public List<CompletedProcess> results() throws CalledProcessException {
    List<CompletedProcess> results = new ArrayList<>();
    CompletedProcess failure = null;
    int last = children.size() - 1;
    for (int i = 0; i <= last; i++) {
      ExitStatus status = children.get(i).status();
      if (status == null) {
        throw new IllegalStateException("not ended yet: " + children.get(i));
      }
      CompletedProcess result =
          new CompletedProcess(
              children.get(i).command(),
              status,
              i == last && output != null ? output.bytes() : null,
              bytes(errors.get(i)));
      results.add(result);
      if (!status.isSuccess() && (i == last || status.code() != ENDED_BY_PIPE)) {
        failure = result;
      }
    }
    if (failure != null && options.check()) {
      throw new CalledProcessException(failure);
    }
    return results;
  }

  private static byte @Nullable [] bytes(Flow.@Nullable Captured captured) {
    return captured == null ? null : captured.bytes();
  }

  /** Moves bytes until all children have ended, or until there is nothing left to move. */
  private final class Moving extends Operation {
    private final boolean untilExit;
    private final Bell bell = new Bell();
    private final List<Bell.Rope> ropes = new ArrayList<>();

    Moving(boolean untilExit) {
      this.untilExit = untilExit;
    }

    @Override
    public Need next() throws IOException {
      cutRopes();
      bell.reset();
      for (Flow flow : flows) {
        flow.move();
      }
      List<WaitPlace> awaited = awaited();
      for (WaitPlace place : awaited) {
        ropes.add(bell.hang(place));
      }
      return awaited.isEmpty() ? Need.DONE : Need.WAIT;
    }

    /**
     * Where there can be news; none when this is over. Each is looked at once: one that opens after
     * the look rings when the rope is hung.
     */
    private List<WaitPlace> awaited() {
      List<WaitPlace> running = new ArrayList<>();
      if (untilExit) {
        for (Child child : children) {
          if (!child.exited().isOpen()) {
            running.add(child.exited());
          }
        }
        if (running.isEmpty()) {
          return running;
        }
      }
      for (Flow flow : flows) {
        if (!flow.isOver()) {
          running.add(flow.pipe().place());
        }
      }
      return running;
    }

    private void cutRopes() {
      ropes.forEach(Bell.Rope::cut);
      ropes.clear();
    }

    @Override
    public WaitPlace place() {
      return bell;
    }

    @Override
    public boolean failed(Throwable e) {
      cutRopes();
      return false;
    }

    @Override
    public void cancelled(Throwable e) {
      cutRopes();
    }
  }
}
