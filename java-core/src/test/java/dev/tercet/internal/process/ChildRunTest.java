package dev.tercet.internal.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.ChildOutput;
import dev.tercet.ProcessOptions;
import dev.tercet.internal.loop.SelectorLoop;
import dev.tercet.internal.wait.Exclusive;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.Operation;
import dev.tercet.internal.wait.Operation.Need;
import dev.tercet.internal.wait.WaitPlace;
import dev.tercet.internal.wait.Waiter;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The run of a child whose end and whose pipe the test decides on. */
class ChildRunTest {
  /** A process that ends when the test says so. */
  private static final class Ending extends Process {
    private final CompletableFuture<Process> exit = new CompletableFuture<>();

    void end() {
      assertTrue(exit.complete(this));
    }

    @Override
    public CompletableFuture<Process> onExit() {
      return exit;
    }

    @Override
    public OutputStream getOutputStream() {
      return OutputStream.nullOutputStream();
    }

    @Override
    public InputStream getInputStream() {
      return InputStream.nullInputStream();
    }

    @Override
    public InputStream getErrorStream() {
      return InputStream.nullInputStream();
    }

    @Override
    public int waitFor() {
      return exitValue();
    }

    @Override
    public int exitValue() {
      if (!exit.isDone()) {
        throw new IllegalThreadStateException();
      }
      return 0;
    }

    @Override
    public void destroy() {}
  }

  /** A pipe without bytes. Whoever begins to wait for it makes something happen. */
  private static final class Silent implements PipeSource, WaitPlace {
    private final Exclusive turn = new Exclusive("another task is receiving");
    private final Runnable onWait;

    Silent(Runnable onWait) {
      this.onWait = onWait;
    }

    @Override
    public void install(Waiter waiter) {
      onWait.run();
    }

    @Override
    public boolean uninstall(Waiter waiter) {
      return true;
    }

    @Override
    public int receive(ByteBuffer into) {
      return 0;
    }

    @Override
    public Exclusive turn() {
      return turn;
    }

    @Override
    public WaitPlace place() {
      return this;
    }

    @Override
    public @Nullable SelectorLoop loop() {
      return null;
    }

    @Override
    public boolean isClosed() {
      return false;
    }

    @Override
    public void ensureOpen() {}

    @Override
    public void close() {}

    @Override
    public Latch released() {
      return new Latch();
    }
  }

  @Test
  @DisplayName("PROC-P1 PROC-P21 a child that ends between two looks at it is noticed")
  void endsBetweenLooks() throws Exception {
    Ending process = new Ending();
    ChildPipes.Ends pipes = new ChildPipes.Ends(null, new Silent(process::end), null);
    Child child = new Child(process, List.of("child"), pipes, null);
    ProcessOptions options = ProcessOptions.DEFAULT.withStdout(ChildOutput.CAPTURE);
    ChildRun run = ChildRun.of(List.of(child), options);
    assertEquals(Need.WITHIN, run.next());
    Operation part = run.part();
    assertEquals(Need.WAIT, part.next());
    AtomicBoolean woken = new AtomicBoolean();
    part.place().install(() -> woken.set(true));
    assertTrue(woken.get());
    assertEquals(Need.DONE, part.next());
  }
}
