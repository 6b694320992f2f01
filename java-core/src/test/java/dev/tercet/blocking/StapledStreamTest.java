package dev.tercet.blocking;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class StapledStreamTest {
  private final List<String> calls = new ArrayList<>();

  private class Sender implements SendStream {
    @Nullable IOException closing;

    @Override
    public void sendAll(ByteBuffer data) {
      calls.add("sendAll " + data.remaining());
    }

    @Override
    public void waitSendAllMightNotBlock() {
      calls.add("wait");
    }

    @Override
    public void close() throws IOException {
      calls.add("close send");
      if (closing != null) {
        throw closing;
      }
    }

    @Override
    public void closeForcefully() {
      calls.add("force send");
    }
  }

  private final class TwoWay extends Sender implements HalfCloseableStream {
    @Override
    public int receiveSome(ByteBuffer into) {
      throw new AssertionError("the sending side is not received from");
    }

    @Override
    public void sendEof() {
      calls.add("sendEof");
    }
  }

  private final class Receiver implements ReceiveStream {
    @Nullable IOException closing;

    @Override
    public int receiveSome(ByteBuffer into) {
      calls.add("receiveSome");
      return -1;
    }

    @Override
    public byte[] receiveSome(int maxBytes) {
      calls.add("receiveSome " + maxBytes);
      return new byte[0];
    }

    @Override
    public void close() throws IOException {
      calls.add("close receive");
      if (closing != null) {
        throw closing;
      }
    }

    @Override
    public void closeForcefully() {
      calls.add("force receive");
    }
  }

  @Test
  @DisplayName(
      "IO-H7 IO-H10 the streams keep their types, and each operation is passed on as it is")
  void delegates() throws Exception {
    Sender sender = new Sender();
    Receiver receiver = new Receiver();
    StapledStream<Sender, Receiver> stream = StapledStream.of(sender, receiver);
    assertSame(sender, stream.sendStream());
    assertSame(receiver, stream.receiveStream());
    stream.sendAll(new byte[3]);
    stream.sendAll(new byte[9], 4, 2);
    stream.waitSendAllMightNotBlock();
    stream.receiveSome(7);
    stream.receiveSome(ByteBuffer.allocate(1));
    assertEquals(List.of("sendAll 3", "sendAll 2", "wait", "receiveSome 7", "receiveSome"), calls);
  }

  @Test
  @DisplayName("IO-H8 sendEof is the sending stream's own, or else closes it")
  void sendEof() throws Exception {
    StapledStream.of(new TwoWay(), new Receiver()).sendEof();
    StapledStream.of(new Sender(), new Receiver()).sendEof();
    assertEquals(List.of("sendEof", "close send"), calls);
  }

  @Test
  @DisplayName("IO-H9 IO-A9 both are closed, in order, also when the first fails")
  void close() {
    Sender sender = new Sender();
    Receiver receiver = new Receiver();
    sender.closing = new IOException("first");
    receiver.closing = new IOException("second");
    StapledStream<Sender, Receiver> stream = StapledStream.of(sender, receiver);
    IOException thrown = assertThrows(IOException.class, stream::close);
    assertSame(sender.closing, thrown);
    assertArrayEquals(new Throwable[] {receiver.closing}, thrown.getSuppressed());
    sender.closing = null;
    assertSame(receiver.closing, assertThrows(IOException.class, stream::close));
    stream.closeForcefully();
    assertEquals(
        Arrays.asList(
            "close send",
            "close receive",
            "close send",
            "close receive",
            "force send",
            "force receive"),
        calls);
  }
}
