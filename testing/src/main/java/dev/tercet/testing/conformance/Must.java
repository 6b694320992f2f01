package dev.tercet.testing.conformance;

import dev.tercet.BrokenResourceException;
import dev.tercet.blocking.IoAction;
import dev.tercet.blocking.ReceiveStream;
import dev.tercet.blocking.SendStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/** What the checks demand; the error says what was seen instead. */
final class Must {
  private Must() {}

  static void hold(boolean condition, Supplier<String> otherwise) {
    if (!condition) {
      throw new AssertionError(otherwise.get());
    }
  }

  static void fail(Class<? extends Throwable> type, IoAction action) throws InterruptedException {
    try {
      action.run();
    } catch (Throwable thrown) {
      if (type.isInstance(thrown)) {
        return;
      }
      if (thrown instanceof InterruptedException cancelled) {
        throw cancelled;
      }
      throw new AssertionError("threw " + thrown + " instead of " + type.getSimpleName(), thrown);
    }
    throw new AssertionError("returned instead of throwing " + type.getSimpleName());
  }

  /** Sends until the stream is Broken, which it must be in the end. */
  static void beBrokenInTheEnd(SendStream stream) throws IOException, InterruptedException {
    try {
      for (int i = 0; i < 100_000; i++) {
        stream.sendAll(new byte[100]);
      }
    } catch (BrokenResourceException e) {
      return;
    }
    throw new AssertionError("100,000 sends to a closed peer, and never Broken");
  }

  /** Receives until there is as much as the text is long, which it must be. */
  static void receive(ReceiveStream stream, String text) throws IOException, InterruptedException {
    ByteBuffer buffer = ByteBuffer.allocate(text.length());
    while (buffer.hasRemaining()) {
      int n = stream.receiveSome(buffer);
      Must.hold(
          n != -1,
          () -> "the end came after " + buffer.position() + " of " + text.length() + " bytes");
    }
    beText(buffer.array(), text);
  }

  static void beText(byte[] received, String text) {
    String seen = new String(received, StandardCharsets.UTF_8);
    Must.hold(seen.equals(text), () -> "received \"" + seen + "\" instead of \"" + text + "\"");
  }

  static void beAtEnd(ReceiveStream stream) throws IOException, InterruptedException {
    int n = stream.receiveSome(ByteBuffer.allocate(10));
    Must.hold(n == -1, () -> "received " + n + " bytes where the end should be");
  }

  /** Receives until the end. */
  static byte[] receiveAll(ReceiveStream stream) throws IOException, InterruptedException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    receiveAll(stream, all);
    return all.toByteArray();
  }

  /** Receives until the end; what came is also there after a failure. */
  static void receiveAll(ReceiveStream stream, ByteArrayOutputStream all)
      throws IOException, InterruptedException {
    ByteBuffer buffer = ByteBuffer.allocate(ReceiveStream.DEFAULT_RECEIVE_BYTES);
    while (true) {
      int n = stream.receiveSome(buffer.clear());
      if (n == -1) {
        return;
      }
      Must.hold(
          n > 0 && n == buffer.position(),
          () -> "receiveSome returned " + n + " and advanced the buffer by " + buffer.position());
      all.write(buffer.array(), 0, n);
    }
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
