package dev.tercet.internal.process;

import dev.tercet.internal.loop.LoopGroup;
import dev.tercet.internal.loop.SelectorLoop;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import org.jspecify.annotations.Nullable;

/**
 * The pipes of one child, in the order in which they come about: planned before it is started,
 * opened after it. Which kind there will be is decided once, see {@link #areOnLoops}.
 */
abstract class ChildPipes {
  /** For users whose system lies about its descriptors: {@code threads}. */
  private static final String SWITCH = "dev.tercet.process.pipes";

  private static volatile @Nullable Boolean onLoops;

  private ChildPipes() {}

  static ChildPipes plan(LoopGroup group) throws IOException {
    return areOnLoops() ? new OnLoop(group.forNewChannel()) : new OnThreads();
  }

  /** The pipes of a child that is there: all three, as the JDK has made them. */
  static OnThreads onThreads() {
    OnThreads pipes = new OnThreads();
    pipes.stdin = true;
    pipes.stdout = true;
    pipes.stderr = true;
    return pipes;
  }

  /** Where the child reads from. */
  abstract Redirect stdin() throws IOException;

  /** Where the child writes to. */
  abstract Redirect stdout() throws IOException;

  /** Where the child writes its errors to. */
  abstract Redirect stderr() throws IOException;

  /** The child has been started. */
  abstract Ends open(Process process) throws IOException;

  /** There is no child: gives everything back. */
  abstract void abandon();

  /** Our ends; null for those that were not planned. */
  record Ends(@Nullable PipeSink stdin, @Nullable PipeSource stdout, @Nullable PipeSource stderr) {
    void close() {
      if (stdin != null) {
        stdin.close();
      }
      if (stdout != null) {
        stdout.close();
      }
      if (stderr != null) {
        stderr.close();
      }
    }
  }

  /** Whether pipes can be on event loops here. Tried once; a failure for other reasons is none. */
  static boolean areOnLoops() throws IOException {
    Boolean known = onLoops;
    if (known == null) {
      known = !"threads".equals(System.getProperty(SWITCH)) && PipePath.isKnown() && tried();
      onLoops = known;
    }
    return known;
  }

  private static boolean tried() throws IOException {
    PipePath pipe = PipePath.open();
    pipe.close();
    return true;
  }

  private static final class OnLoop extends ChildPipes {
    private final SelectorLoop loop;
    private @Nullable PipePath stdin;
    private @Nullable PipePath stdout;
    private @Nullable PipePath stderr;

    OnLoop(SelectorLoop loop) {
      this.loop = loop;
    }

    @Override
    Redirect stdin() throws IOException {
      stdin = PipePath.open();
      return Redirect.from(stdin.path().toFile());
    }

    @Override
    Redirect stdout() throws IOException {
      stdout = PipePath.open();
      return Redirect.appendTo(stdout.path().toFile());
    }

    @Override
    Redirect stderr() throws IOException {
      stderr = PipePath.open();
      return Redirect.appendTo(stderr.path().toFile());
    }

    @Override
    Ends open(Process process) throws IOException {
      // The child has its own; ours would hide the end from us, and from it.
      if (stdin != null) {
        PipePath.closeQuietly(stdin.pipe().source());
      }
      for (PipePath output : new PipePath[] {stdout, stderr}) {
        if (output != null) {
          PipePath.closeQuietly(output.pipe().sink());
        }
      }
      return new Ends(
          stdin == null ? null : LoopPipe.sink(stdin.pipe().sink(), loop),
          stdout == null ? null : LoopPipe.source(stdout.pipe().source(), loop),
          stderr == null ? null : LoopPipe.source(stderr.pipe().source(), loop));
    }

    @Override
    void abandon() {
      for (PipePath pipe : new PipePath[] {stdin, stdout, stderr}) {
        if (pipe != null) {
          pipe.close();
        }
      }
    }
  }

  static final class OnThreads extends ChildPipes {
    private boolean stdin;
    private boolean stdout;
    private boolean stderr;

    @Override
    Redirect stdin() {
      stdin = true;
      return Redirect.PIPE;
    }

    @Override
    Redirect stdout() {
      stdout = true;
      return Redirect.PIPE;
    }

    @Override
    Redirect stderr() {
      stderr = true;
      return Redirect.PIPE;
    }

    @Override
    Ends open(Process process) {
      return new Ends(
          stdin ? ThreadPipe.sink(process.getOutputStream()) : null,
          stdout ? ThreadPipe.source(process.getInputStream()) : null,
          stderr ? ThreadPipe.source(process.getErrorStream()) : null);
    }

    @Override
    void abandon() {
      // The JDK has closed what it has made.
    }
  }
}
