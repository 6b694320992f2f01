package dev.tercet.benchmarks.load;

import dev.tercet.benchmarks.tls.BenchContexts;
import dev.tercet.benchmarks.tls.DtlsPeer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Datagrams of one kind that get no answer, in batches. The last message of a batch is a true one
 * that asks for an answer: a socket gives out datagrams in their order, so when it comes, the
 * server is through with the batch, and nothing was lost for want of room. An operation is a
 * datagram without the one that asks.
 */
final class DtlsFloodLoad extends DtlsExchangeLoad {
  /** What is sent. */
  enum Kind {
    /** Application records. */
    RECORDS,
    /** From the address of a client, and not even the beginning of a record. */
    RANDOM,
    /** From the address of a client, a record to look at, whose seal is wrong. */
    FORGED,
    /** From somewhere else, a hello without a cookie. */
    HELLOS,
  }

  /** Two clients together send less than a socket of Linux has room for, hellos too. */
  private static final int BATCH = 32;

  private static final int BYTES = 200;

  /** Of AES-GCM in DTLS 1.2: the header, the nonce and the tag around so many bytes. */
  private static final int RECORD_BYTES = 13 + 8 + BYTES + 16;

  private static final int APPLICATION_DATA = 23;
  private static final int DTLS_1_2 = 0xfefd;

  private final Kind kind;
  private final Random random = new Random(1);
  private final ByteBuffer message = ByteBuffer.allocate(BYTES);
  private final ByteBuffer junk = ByteBuffer.allocateDirect(RECORD_BYTES);
  private final ByteBuffer hello = DtlsPeer.hello(BenchContexts.dtlsClient());
  private final DatagramChannel stranger = DatagramChannel.open();

  private DtlsFloodLoad(int port, Kind kind) throws IOException {
    super(port);
    this.kind = kind;
    stranger.connect(Generator.loopback(port));
  }

  static String run(int port, Kind kind, int channels, Supplier<Window> toCome) throws IOException {
    try (DtlsFloodLoad load = new DtlsFloodLoad(port, kind)) {
      return load.run(channels, toCome);
    }
  }

  @Override
  void message(Client client, ByteBuffer answer) throws IOException {
    answered(client, answer.getLong(1), BATCH - 1);
  }

  @Override
  void begin(Client client) throws IOException {
    long now = System.nanoTime();
    for (int i = 1; i < BATCH; i++) {
      switch (kind) {
        case RECORDS -> client.send(message.clear().put(0, (byte) 0));
        case RANDOM -> client.channel.write(randomUntil(0));
        case FORGED -> client.channel.write(forged());
        case HELLOS -> stranger.write(hello.rewind());
      }
    }
    client.send(message.clear().put(0, Generator.ASKS).putLong(1, now));
  }

  /** Random from there to the end; what begins it is no type of a record. */
  private ByteBuffer randomUntil(int from) {
    junk.clear();
    for (int i = from; i + 8 <= RECORD_BYTES; i += 8) {
      junk.putLong(i, random.nextLong());
    }
    if (from == 0) {
      junk.put(0, (byte) (junk.get(0) | 0x80));
    }
    return junk;
  }

  /** Its number is none that was seen, so that it is the seal that gives it away. */
  private ByteBuffer forged() {
    randomUntil(13);
    junk.put(0, (byte) APPLICATION_DATA).putShort(1, (short) DTLS_1_2).putShort(3, (short) 1);
    junk.putShort(5, (short) 1).putInt(7, random.nextInt());
    return junk.putShort(11, (short) (RECORD_BYTES - 13));
  }

  @Override
  public void close() throws IOException {
    try (stranger) {
      super.close();
    }
  }
}
