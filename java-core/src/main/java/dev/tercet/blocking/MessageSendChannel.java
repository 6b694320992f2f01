package dev.tercet.blocking;

import dev.tercet.Resource;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The sending half of a channel of whole messages.
 *
 * @param <T> the type of the messages
 */
public interface MessageSendChannel<T extends @Nullable Object> extends Resource {
  /**
   * Sends one message, waiting until it is taken or there is room for it.
   *
   * <p><i>Errors:</i> {@link dev.tercet.BrokenResourceException} when no receiver is left; {@link
   * dev.tercet.ClosedResourceException} when this half was closed before or during the call; {@link
   * dev.tercet.BusyResourceException} only from channels whose documentation forbids sharing (spec
   * IO-CH1).
   *
   * <p><i>Interruption:</i> no effect: the message was not sent (spec IO-CH5).
   *
   * <p><i>Thread-safety:</i> any number of senders, unless the channel's documentation forbids it.
   *
   * @param message what to send
   * @throws IOException when it could not be sent
   * @throws InterruptedException when interrupted before or while waiting
   */
  void send(T message) throws IOException, InterruptedException;
}
