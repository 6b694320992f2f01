package dev.tercet.blocking;

import org.jspecify.annotations.Nullable;

/**
 * A channel of whole messages in both directions.
 *
 * @param <T> the type of the messages
 */
public interface MessageChannel<T extends @Nullable Object>
    extends MessageSendChannel<T>, MessageReceiveChannel<T> {}
