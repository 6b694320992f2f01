package dev.tercet.internal.nio;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/**
 * Asks, here and now, whether a channel is readable, and disturbs nobody who waits for it (spec
 * IO-K13). NIO can neither peek nor poll a single channel; a channel can be registered with several
 * selectors, so a private one is opened for the question. That costs some ten microseconds and, for
 * so long, up to three descriptors: fit for a question now and then, not for a loop.
 */
final class Probing {
  private Probing() {}

  /**
   * Whether a read would find bytes, the end, or an error.
   *
   * @param channel in non-blocking mode
   * @return false when it would find nothing
   * @throws IOException when no selector can be had, or the channel is closed
   */
  static boolean isReadable(SelectableChannel channel) throws IOException {
    try (Selector selector = Selector.open()) {
      channel.register(selector, SelectionKey.OP_READ);
      return selector.selectNow() > 0;
    }
  }
}
