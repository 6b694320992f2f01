package dev.tercet.testing;

import static org.junit.jupiter.api.Assertions.assertTrue;

/** What an error says. */
public final class Message {
  private Message() {}

  public static void contains(Throwable error, String text) {
    String message = String.valueOf(error.getMessage());
    assertTrue(message.contains(text), message);
  }
}
