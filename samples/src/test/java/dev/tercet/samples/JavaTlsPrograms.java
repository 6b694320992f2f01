package dev.tercet.samples;

import dev.tercet.OnHandlerError;
import dev.tercet.blocking.BufferedReceiveStream;
import dev.tercet.blocking.ListenOptions;
import dev.tercet.blocking.Net;
import dev.tercet.blocking.Nursery;
import dev.tercet.blocking.ReceiveStream;
import dev.tercet.blocking.ServeOptions;
import dev.tercet.blocking.SocketStream;
import dev.tercet.blocking.TlsListener;
import dev.tercet.blocking.TlsStream;
import dev.tercet.blocking.Unwrapped;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsIdentity;
import dev.tercet.tls.TlsServerConfig;
import dev.tercet.tls.TlsTrust;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The programs with TLS in Java, as short as the API's design promises, whose numbers they have;
 * {@code TlsProgramsRealSocketSpec} runs them. What they would print they return.
 */
final class JavaTlsPrograms {
  private JavaTlsPrograms() {}

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static List<String> lines(ReceiveStream stream) throws IOException, InterruptedException {
    var buffered = BufferedReceiveStream.wrap(stream);
    List<String> lines = new ArrayList<>();
    String line = buffered.receiveLine(8192);
    while (line != null) {
      lines.add(line);
      line = buffered.receiveLine(8192);
    }
    return lines;
  }

  /** Program 3: a TLS client to a web server, with ALPN. */
  static List<String> getOverTls(String host, int port, TlsTrust trust)
      throws IOException, InterruptedException {
    var config = TlsConfig.DEFAULT.withTrust(trust).withAlpn("http/1.1").withHttpsCompatible(true);
    try (TlsStream<SocketStream> stream = Net.openTlsOverTcpStream(host, port, config)) {
      stream.doHandshake(); // optional: the first send or receive does it
      List<String> printed = new ArrayList<>();
      var subject = stream.info().peerCertificates().get(0).getSubjectX500Principal();
      printed.add(stream.info().version() + " " + stream.info().alpn() + " " + subject);
      stream.sendAll(bytes("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"));
      printed.addAll(lines(stream));
      return printed;
    }
  }

  /** Program 4: a TLS server from PEM files, and a client to try it. */
  static String echoOverTls(Path chain, Path key, TlsConfig trusting)
      throws IOException, InterruptedException {
    TlsServerConfig config = TlsServerConfig.of(TlsIdentity.fromPem(chain, key)).withAlpn("echo");
    var serve = ServeOptions.DEFAULT.withOnHandlerError(OnHandlerError.LOG);
    return Nursery.call(
        nursery -> {
          List<TlsListener<SocketStream>> listeners =
              nursery.start(
                  status ->
                      Net.serveTlsOverTcp(
                          0,
                          config,
                          stream -> {
                            try (stream) { // sends close_notify
                              EchoServer.echo(stream);
                            }
                          },
                          ListenOptions.DEFAULT,
                          serve,
                          status));
          int port = listeners.get(0).port();
          String answer;
          try (var client =
              Net.openTlsOverTcpStream("localhost", port, trusting.withAlpn("echo"))) {
            client.sendAll(bytes("hello"));
            String echoed = new String(client.receiveSome(100), StandardCharsets.UTF_8);
            answer = client.info().alpn() + ": " + echoed;
          }
          nursery.cancelChildren();
          return answer;
        });
  }

  /** Program 5: HTTPS through an HTTPS proxy, so TLS in TLS. */
  static List<String> getThroughProxy(int proxyPort, String site, TlsConfig https)
      throws IOException, InterruptedException {
    try (TlsStream<SocketStream> proxy = Net.openTlsOverTcpStream("localhost", proxyPort, https)) {
      proxy.sendAll(bytes("CONNECT " + site + ":443 HTTP/1.1\r\nHost: " + site + "\r\n\r\n"));
      var reply = BufferedReceiveStream.wrap(proxy);
      String line = reply.receiveLine(8192);
      if (line == null || !line.contains(" 200 ")) {
        throw new IOException("proxy said no: " + line);
      }
      while (line != null && !line.isEmpty()) {
        line = reply.receiveLine(8192);
      }
      try (var stream = TlsStream.wrapClient(proxy, site, https, reply.takeBuffered())) {
        stream.sendAll(bytes("GET /index.html HTTP/1.0\r\n\r\n"));
        return lines(stream);
      }
    }
  }

  /** Program 6: STARTTLS, and back. Returns what the server has said when it had left TLS too. */
  static String startTls(int port, TlsConfig config) throws IOException, InterruptedException {
    try (SocketStream stream = Net.openTcpStream("localhost", port)) {
      var plain = BufferedReceiveStream.wrap(stream);
      stream.sendAll(bytes("STARTTLS\r\n"));
      if (!"220 ready".equals(plain.receiveLine(8192)) || plain.buffered() > 0) {
        throw new IOException("refused, or plaintext injected");
      }
      var tls = TlsStream.wrapClient(stream, "mail.test", config);
      tls.sendAll(bytes("LEAVE TLS\r\n"));
      Unwrapped<SocketStream> left = tls.unwrap();
      left.transportStream().sendAll(bytes("plain again\r\n"));
      left.transportStream().sendEof();
      byte[] rest = left.transportStream().asInputStream().readAllBytes();
      // What was received past close_notify comes first.
      return new String(left.trailingBytes(), StandardCharsets.UTF_8)
          + new String(rest, StandardCharsets.UTF_8);
    }
  }
}
