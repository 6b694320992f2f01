package dev.tercet.samples;

import dev.tercet.blocking.Stream;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A stream of one's own: rotates letters by 13, whatever the transport. */
record JavaRot13Stream(Stream transport) implements Stream {
  @Override
  public void sendAll(ByteBuffer data) throws IOException, InterruptedException {
    transport.sendAll(rot13(data));
  }

  @Override
  public void waitSendAllMightNotBlock() throws IOException, InterruptedException {
    transport.waitSendAllMightNotBlock();
  }

  @Override
  public int receiveSome(ByteBuffer into) throws IOException, InterruptedException {
    int start = into.position();
    int n = transport.receiveSome(into);
    for (int i = start; i < into.position(); i++) {
      into.put(i, rot13(into.get(i)));
    }
    return n;
  }

  @Override
  public void close() throws IOException {
    transport.close();
  }

  @Override
  public void closeForcefully() {
    transport.closeForcefully();
  }

  private static ByteBuffer rot13(ByteBuffer data) {
    ByteBuffer rotated = ByteBuffer.allocate(data.remaining());
    while (data.hasRemaining()) {
      rotated.put(rot13(data.get()));
    }
    return rotated.flip();
  }

  static byte rot13(byte b) {
    if (b >= 'a' && b <= 'z') {
      return (byte) ('a' + (b - 'a' + 13) % 26);
    }
    return b >= 'A' && b <= 'Z' ? (byte) ('A' + (b - 'A' + 13) % 26) : b;
  }
}
