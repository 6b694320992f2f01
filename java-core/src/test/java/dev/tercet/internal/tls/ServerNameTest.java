package dev.tercet.internal.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.NetworkInterface;
import javax.net.ssl.SNIHostName;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The one form in which a server's name is sent and checked. */
class ServerNameTest {
  @ParameterizedTest
  @CsvSource({
    "server.test, server.test",
    "Server.TEST, server.test",
    "server.test., server.test",
    "b\u00fccher.test, xn--bcher-kva.test"
  })
  @DisplayName("TLS-M1 TLS-M3 a name is sent and checked in one form")
  void names(String name, String form) {
    ServerName read = ServerName.of(name);
    assertEquals(form, read.host());
    SNIHostName sni = read.sni();
    assertNotNull(sni);
    assertEquals(form, sni.getAsciiName());
  }

  @ParameterizedTest
  @CsvSource({"192.0.2.7, 192.0.2.7", "2001:DB8:0::1, 2001:db8::1"})
  @DisplayName("TLS-M2 an address is checked in its usual form, and not sent")
  void addresses(String name, String form) {
    ServerName read = ServerName.of(name);
    assertEquals(form, read.host());
    assertNull(read.sni());
  }

  @Test
  @DisplayName("TLS-M2 the zone of an address is of this machine, and in no certificate")
  void zone() throws Exception {
    int index = NetworkInterface.getNetworkInterfaces().nextElement().getIndex();
    assertEquals("fe80::1", ServerName.of("fe80::1%" + index).host());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "[::1]", "a..test"})
  @DisplayName("TLS-M1 TLS-M2 what is no name is refused")
  void noNames(String name) {
    assertThrows(IllegalArgumentException.class, () -> ServerName.of(name));
  }

  @Test
  @DisplayName("TLS-M1 a name that the JDK cannot send is refused, and named")
  void unsendable() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> ServerName.of("-ab.test"));
    assertTrue(String.valueOf(e.getMessage()).contains("\"-ab.test\""));
  }

  @Test
  @DisplayName("TLS-M9 a name with an underscore is not sent, and not left to the JDK to check")
  void underscore() {
    ServerName name = ServerName.of("My_Service.test.");
    assertEquals("my_service.test", name.host());
    assertNull(name.sni());
    assertTrue(name.isUnknownToTheJdk());
    assertFalse(ServerName.of("my-service.test").isUnknownToTheJdk());
  }
}
