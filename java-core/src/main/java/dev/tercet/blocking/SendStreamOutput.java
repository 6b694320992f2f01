package dev.tercet.blocking;

import java.io.IOException;
import java.io.OutputStream;

/** A {@link SendStream} as the JDK's type. Holds nothing back, so there is nothing to flush. */
final class SendStreamOutput extends OutputStream {
  private final SendStream stream;

  SendStreamOutput(SendStream stream) {
    this.stream = stream;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    JdkCalls.send(() -> stream.sendAll(bytes, offset, length));
  }

  @Override
  public void close() throws IOException {
    JdkCalls.send(stream::close);
  }

  @Override
  public String toString() {
    return "OutputStream(" + stream + ")";
  }
}
