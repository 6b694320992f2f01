package dev.tercet.interop;

import dev.tercet.EndOfChannelException;
import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.DtlsChannel;
import dev.tercet.blocking.DtlsEndpoint;
import dev.tercet.blocking.Nursery;
import dev.tercet.blocking.ServeOptions;
import dev.tercet.blocking.UdpSocket;
import dev.tercet.testing.certificates.TestCa;
import dev.tercet.tls.DtlsConfig;
import dev.tercet.tls.DtlsServerConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A client that sends more than its socket has room for, inside a namespace whose loopback is slow.
 * A message of 1000 bytes is its number: first with little time, and if that was not enough, again
 * with as much as it takes. Prints what was given up, and what has arrived, in its order.
 */
final class DtlsRoomProgram {
  private static final int MESSAGES = 30;

  /** The kernel's least is 4608: two messages. */
  private static final int SEND_BUFFER_BYTES = 4608;

  private DtlsRoomProgram() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    TestCa ca = TestCa.create();
    DtlsServerConfig serving = DtlsServerConfig.of(ca.issue("server.test"));
    List<Integer> arrived = new ArrayList<>();
    List<Integer> givenUp = new ArrayList<>();
    CountDownLatch closeNotify = new CountDownLatch(1);
    Nursery.run(
        nursery -> {
          DtlsEndpoint server =
              nursery.start(
                  status -> {
                    try (var endpoint = DtlsEndpoint.wrap(UdpSocket.bind("127.0.0.1", 0))) {
                      var unused =
                          endpoint.serve(
                              serving,
                              channel -> takeAll(channel, arrived, closeNotify),
                              ServeOptions.DEFAULT,
                              status);
                    }
                  });
          UdpSocket socket = UdpSocket.bind("127.0.0.1", 0);
          socket.setOption(StandardSocketOptions.SO_SNDBUF, SEND_BUFFER_BYTES);
          try (DtlsEndpoint client = DtlsEndpoint.wrap(socket)) {
            InetSocketAddress to = Objects.requireNonNull(server.socket().localAddress());
            DtlsChannel channel =
                client.connect(to, "server.test", DtlsConfig.DEFAULT.withTrust(ca.trust()));
            sendAll(channel, givenUp);
            // The close_notify has to wait for room as well.
            channel.close();
            boolean hasCome = closeNotify.await(30, TimeUnit.SECONDS);
            System.out.println(hasCome ? "close_notify" : "no close_notify");
          }
          nursery.cancelChildren();
        });
    System.out.println(givenUp);
    System.out.println(arrived);
  }

  private static void sendAll(DtlsChannel channel, List<Integer> givenUp)
      throws IOException, InterruptedException {
    channel.doHandshake();
    for (int i = 0; i < MESSAGES; i++) {
      byte[] hasty = message(i);
      boolean isGivenUp =
          CancelScope.moveOnAfter(Duration.ofMillis(5)).run(() -> channel.send(hasty));
      if (isGivenUp) {
        givenUp.add(i);
        channel.send(message(100 + i));
      }
    }
  }

  private static byte[] message(int number) {
    byte[] message = new byte[1000];
    message[0] = (byte) number;
    return message;
  }

  private static void takeAll(
      DtlsChannel channel, List<Integer> arrived, CountDownLatch closeNotify)
      throws IOException, InterruptedException {
    try {
      while (true) {
        arrived.add(channel.receive()[0] & 0xFF);
      }
    } catch (EndOfChannelException e) {
      closeNotify.countDown();
    }
  }
}
