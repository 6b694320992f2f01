package dev.tercet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tercet.ConnectAttempt.Outcome;
import dev.tercet.internal.nio.ConnectErrors;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AddressTextTest {
  private static final byte[] LINK_LOCAL = {
    (byte) 0xfe, (byte) 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
  };

  private static InetSocketAddress at(String literal, int port) throws IOException {
    return new InetSocketAddress(InetAddress.getByName(literal), port);
  }

  @Test
  @DisplayName(
      "IO-E10 addresses are written as RFC 5952 says, with zone, and brackets before a port")
  void addresses() throws Exception {
    assertEquals("[::1]:443", AddressText.of(at("::1", 443)));
    assertEquals("[2001:db8:99::13]:1", AddressText.of(at("2001:db8:99:0:0:0:0:13", 1)));
    assertEquals("127.0.0.1:80", AddressText.of(at("127.0.0.1", 80)));
    assertEquals("fe80::1%7", AddressText.of(Inet6Address.getByAddress(null, LINK_LOCAL, 7)));
    assertEquals(
        "[fe80::1%7]:5",
        AddressText.of(new InetSocketAddress(Inet6Address.getByAddress(null, LINK_LOCAL, 7), 5)));
    assertEquals("db.test:5", AddressText.of(InetSocketAddress.createUnresolved("db.test", 5)));
    assertEquals("unix:/run/x", AddressText.of(UnixDomainSocketAddress.of("/run/x")));
    assertEquals("?", AddressText.of((SocketAddress) null));
    assertEquals("2001:db8::1 (first)", new RankedAddress(at("2001:db8::1", 5), "first") + "");
  }

  private static ConnectAttempt failed(String literal, IOException error) throws IOException {
    Duration some = Duration.ofMillis(1);
    InetSocketAddress address = at(literal, 80);
    IOException timed = ConnectErrors.after(error, some.toNanos());
    String reason = ConnectErrors.reason(error, address);
    return new ConnectAttempt(address, "why", some, some, Outcome.FAILED, timed, reason);
  }

  private static ConnectAttempt refused(String literal) throws IOException {
    return failed(
        literal, ConnectErrors.withAddress(new ConnectException("refused"), at(literal, 80)));
  }

  private static String message(ConnectAttempt... attempts) {
    List<ConnectAttempt> all = new ArrayList<>(List.of(attempts));
    return ""
        + new ConnectFailedException(
                new ConnectReport("db.test", 80, Duration.ZERO, all, null, Duration.ZERO))
            .getMessage();
  }

  @Test
  @DisplayName(
      "IO-HE11 the message of a failed connect has the reason, or the first one of several")
  void reasons() throws Exception {
    ConnectAttempt one = refused("::1");
    ConnectAttempt two = refused("127.0.0.1");
    ConnectAttempt other = failed("127.0.0.2", new NoRouteToHostException("no route"));
    ConnectAttempt nameless = failed("127.0.0.3", new NoRouteToHostException());
    String all = "all attempts to connect to db.test:80 failed";
    assertEquals(all, message());
    assertEquals(all + ": refused", message(one));
    assertEquals(all + ": refused", message(one, two));
    assertEquals(all + ": NoRouteToHostException", message(nameless));
    assertEquals(
        "all 3 attempts to connect to db.test:80 failed, the first one: refused",
        message(one, two, other));
    assertEquals("::1: failed, 1.0 ms to 1.0 ms, refused (why)", one + "");
  }

  @Test
  @DisplayName("IO-HE11 only what we have added is taken off: other texts of the same form stay")
  void foreignErrors() throws Exception {
    IOException proxy = new IOException("proxy: refused", new IOException("refused"));
    assertEquals("proxy: refused", ConnectErrors.reason(proxy, at("::1", 80)));
    IOException ours = ConnectErrors.withAddress(proxy, at("::1", 80));
    assertEquals("Error connecting to [::1]:80: proxy: refused", ours.getMessage());
    assertEquals(
        "Error connecting to [::1]:80: proxy: refused", ConnectErrors.reason(ours, at("::1", 81)));
    assertEquals("proxy: refused", ConnectErrors.reason(ours, at("::1", 80)));
    IOException mute = ConnectErrors.withAddress(new NoRouteToHostException(), at("::1", 80));
    assertEquals("NoRouteToHostException", ConnectErrors.reason(mute, at("::1", 80)));
  }
}
