package dev.tercet.stream;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/** A {@link ReceiveStream} as the JDK's type. */
final class ReceiveStreamInput extends InputStream {
  private final ReceiveStream stream;

  ReceiveStreamInput(ReceiveStream stream) {
    this.stream = stream;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (length == 0) {
      return 0;
    }
    return JdkCalls.receive(() -> stream.receiveSome(ByteBuffer.wrap(bytes, offset, length)));
  }

  @Override
  public void close() throws IOException {
    JdkCalls.send(stream::close);
  }

  @Override
  public String toString() {
    return "InputStream(" + stream + ")";
  }
}
