package dev.tercet.blocking;

import dev.tercet.EndOfChannelException;
import dev.tercet.Resource;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The receiving half of a channel of whole messages.
 *
 * @param <T> the type of the messages
 */
public interface MessageReceiveChannel<T extends @Nullable Object> extends Resource {
  /**
   * Waits for the next message.
   *
   * <p><i>Errors:</i> {@link EndOfChannelException} when everything was received and no sender is
   * left; {@link dev.tercet.BrokenResourceException} when the channel ended uncleanly; {@link
   * dev.tercet.ClosedResourceException} when this half was closed before or during the call; {@link
   * dev.tercet.BusyResourceException} only from channels whose documentation forbids sharing (spec
   * IO-CH1).
   *
   * <p><i>Interruption:</i> no effect: no message is lost.
   *
   * <p><i>Thread-safety:</i> any number of receivers, unless the channel's documentation forbids
   * it; each message goes to exactly one.
   *
   * @return the message
   * @throws IOException when there is none
   * @throws InterruptedException when interrupted before or while waiting
   */
  T receive() throws IOException, InterruptedException;

  /**
   * Receives messages until the end of the channel and runs a body for each.
   *
   * <p><i>Errors:</i> as {@link #receive}, without {@link EndOfChannelException}, which ends the
   * loop; and what the body throws.
   *
   * <p><i>Interruption:</i> as {@link #receive}.
   *
   * <p><i>Thread-safety:</i> as {@link #receive}.
   *
   * @param body what to do with each message
   * @throws IOException when the channel fails or the body does
   * @throws InterruptedException when interrupted before or while waiting
   */
  default void forEach(Body<? super T> body) throws IOException, InterruptedException {
    while (true) {
      T message;
      try {
        message = receive();
      } catch (EndOfChannelException end) {
        return;
      }
      body.accept(message);
    }
  }

  /**
   * What to do with a message.
   *
   * @param <T> the type of the messages
   */
  @FunctionalInterface
  interface Body<T extends @Nullable Object> {
    /**
     * Handles one message.
     *
     * <p><i>Errors:</i> {@link #forEach} throws them.
     *
     * <p><i>Interruption:</i> as the calls inside.
     *
     * <p><i>Thread-safety:</i> called on the thread of {@link #forEach}, one message at a time.
     *
     * @param message the message
     * @throws IOException when it cannot be handled
     * @throws InterruptedException when interrupted
     */
    void accept(T message) throws IOException, InterruptedException;
  }
}
