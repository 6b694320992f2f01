package dev.tercet.internal.names;

import dev.tercet.internal.text.ForeignError;
import dev.tercet.internal.wait.Latch;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The answer of somebody else's stage: a place to wait in, then the result. Whoever gives up says
 * {@link #abandon}; the answer is then ignored.
 *
 * <p>Users write resolvers, so nothing is taken for granted: it may throw instead of returning a
 * stage, return null, complete twice, or fail with anything. All of it becomes one answer or one
 * {@link IOException}. Not the failure itself, unless that is an IOException: an {@code
 * IllegalStateException} of a resolver would look like a mistake of our caller, and a {@code
 * CancellationException} like a cancel of his coroutine.
 */
public final class Reply<T extends @Nullable Object> {
  private final Latch answered = new Latch();
  private final @Nullable Abandonable abandonable;

  /** Written before the latch opens. */
  private @Nullable T value;

  private @Nullable IOException failure;

  private Reply(String what, Supplier<? extends @Nullable CompletionStage<T>> question) {
    abandonable =
        ask(
            what,
            question,
            (result, error) -> {
              value = result;
              failure = error;
              answered.open();
            });
  }

  /**
   * Asks.
   *
   * @param what what is asked, for messages: "looking up NAME"
   * @return wait for {@link #answered}
   */
  public static <T extends @Nullable Object> Reply<T> to(
      String what, Supplier<? extends @Nullable CompletionStage<T>> question) {
    return new Reply<>(what, question);
  }

  /**
   * Asks, and calls back exactly once, here or on any thread.
   *
   * @return what to tell when nobody waits any more; null when nobody wants to know
   */
  static <T extends @Nullable Object> @Nullable Abandonable ask(
      String what,
      Supplier<? extends @Nullable CompletionStage<T>> question,
      BiConsumer<@Nullable T, @Nullable IOException> answer) {
    AtomicBoolean isAnswered = new AtomicBoolean();
    BiConsumer<@Nullable T, @Nullable Throwable> once =
        (result, error) -> {
          if (isAnswered.compareAndSet(false, true)) {
            answer.accept(result, error == null ? null : failure(what, error));
          }
        };
    try {
      CompletionStage<T> stage = question.get();
      if (stage == null) {
        once.accept(null, new NullPointerException("the resolver returned null, not a stage"));
        return null;
      }
      stage.whenComplete(once);
      return stage instanceof Abandonable abandonable ? abandonable : null;
    } catch (Throwable e) {
      once.accept(null, e);
      return null;
    }
  }

  private static IOException failure(String what, Throwable error) {
    Throwable cause = error;
    Throwable inner = ForeignError.cause(cause);
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && inner != null) {
      cause = inner;
      inner = ForeignError.cause(cause);
    }
    return cause instanceof IOException e
        ? e
        : new IOException(what + " failed: " + ForeignError.text(cause), cause);
  }

  /**
   * Where to wait for the answer.
   *
   * @return opens once
   */
  public Latch answered() {
    return answered;
  }

  /**
   * The answer.
   *
   * @throws IOException when the stage failed, or there was none
   */
  @SuppressWarnings("NullAway") // null only if the stage of a T answers null
  public T result() throws IOException {
    if (failure != null) {
      throw failure;
    }
    return value;
  }

  /** Nobody waits any more. Has no effect after the answer. */
  public void abandon() {
    if (abandonable != null) {
      abandonable.abandon();
    }
  }
}
