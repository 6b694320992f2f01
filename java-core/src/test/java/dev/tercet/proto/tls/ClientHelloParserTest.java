package dev.tercet.proto.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.tls.ClientHello;
import dev.tercet.tls.TlsVersion;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is found in hellos, and what is said about those that are none. */
class ClientHelloParserTest {
  private static MalformedHelloException refused(TlsAlert alert, String part, byte[] bytes) {
    MalformedHelloException e =
        assertThrows(MalformedHelloException.class, () -> Hellos.parse(bytes));
    assertTrue(e.reason().contains(part), e.reason());
    assertEquals(alert, e.alert(), e.reason());
    return e;
  }

  private static byte[] b(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  @DisplayName("TLS-N2 name, protocols and versions of the JDK's hellos are found")
  void ofTheJdk() throws Exception {
    assertEquals(
        new ClientHello("server.test", List.of("h2", "http/1.1"), List.of("TLSv1.3", "TLSv1.2")),
        Hellos.parse(Hellos.real(TlsVersion.values())));
    assertEquals(
        new ClientHello("server.test", List.of("h2", "http/1.1"), List.of("TLSv1.3")),
        Hellos.parse(Hellos.real(TlsVersion.TLS_1_3)));
    assertEquals(
        new ClientHello(null, List.of(), List.of("TLSv1.2")),
        Hellos.parse(Hellos.real(null, new String[0], TlsVersion.TLS_1_2)));
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-N3 a hello may be cut anywhere, and every prefix of it is waited for")
  void everySplit(TlsVersion version) throws Exception {
    byte[] whole = Hellos.real(version);
    ClientHello hello = Hellos.parse(whole);
    assertNotNull(hello);
    for (int at = 0; at < whole.length; at++) {
      byte[] head = Arrays.copyOf(whole, at);
      byte[] tail = Arrays.copyOfRange(whole, at, whole.length);
      assertNull(Hellos.parse(head), "cut at " + at);
      assertEquals(hello, Hellos.parse(head, tail), "cut at " + at);
    }
    ClientHelloParser parser = new ClientHelloParser();
    for (byte b : whole) {
      assertNull(parser.hello());
      parser.feedUntrusted(ByteBuffer.wrap(new byte[] {b}));
    }
    assertEquals(hello, parser.hello());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 17, 100, 512})
  @DisplayName("TLS-N3 a hello in many records is one hello")
  void manyRecords(int fragmentBytes) throws Exception {
    byte[] whole = Hellos.real(TlsVersion.values());
    byte[] cut = Hellos.fragmented(whole, fragmentBytes);
    assertEquals(Hellos.parse(whole), Hellos.parse(cut));
    assertNull(Hellos.parse(Arrays.copyOf(cut, cut.length - 1)));
  }

  @Test
  @DisplayName("TLS-N3 a hello of many kilobytes is no problem, as keys of the future need them")
  void large() throws Exception {
    byte[] keys = Hellos.extension(51, new byte[50_000]);
    byte[] body = Hellos.body(Hellos.part(2, Hellos.join(keys, Hellos.serverName("a.test"))));
    byte[] message = Hellos.message(1, body);
    byte[] records = Hellos.fragmented(Hellos.join(new byte[5], message), 1 << 14);
    ClientHello hello = Hellos.parse(records);
    assertNotNull(hello);
    assertEquals("a.test", hello.serverName());
  }

  @Test
  @DisplayName("TLS-N2 what comes behind the hello is not looked at")
  void trailing() throws Exception {
    byte[] hello = Hellos.hello(Hellos.serverName("a.test"));
    assertNotNull(Hellos.parse(Hellos.join(hello, b("GET / HTTP/1.1"))));
    assertNotNull(Hellos.parse(hello, new byte[100_000]));
  }

  @Test
  @DisplayName("TLS-N2 a hello of an old client has no extensions, and says its highest version")
  void old() throws Exception {
    assertEquals(
        new ClientHello(null, List.of(), List.of("TLSv1.2")),
        Hellos.parse(Hellos.record(Hellos.message(1, Hellos.body(new byte[0])))));
  }

  @Test
  @DisplayName("TLS-N2 names in upper case are the same names; made-up versions are left out")
  void tidy() throws Exception {
    byte[] versions =
        Hellos.extension(
            43,
            Hellos.part(
                1,
                Hellos.join(
                    Hellos.number(2, 0x3a3a), Hellos.number(2, 0x0304), Hellos.number(2, 0x0301))));
    assertEquals(
        new ClientHello("xn--bcher-kva.test", List.of(), List.of("TLSv1.3", "TLSv1")),
        Hellos.parse(Hellos.hello(Hellos.serverName("XN--Bcher-KVA.Test"), versions)));
    byte[] other =
        Hellos.extension(
            0,
            Hellos.part(
                2,
                Hellos.join(
                    new byte[] {7},
                    Hellos.part(2, b("\0\1")),
                    new byte[] {0},
                    Hellos.part(2, b("a_b.test")))));
    ClientHello hello = Hellos.parse(Hellos.hello(other));
    assertNotNull(hello);
    assertEquals("a_b.test", hello.serverName());
  }

  @Test
  @DisplayName("TLS-N2 each byte of a protocol's name is one character, as for the JDK's engine")
  void protocols() throws Exception {
    byte[] names = Hellos.join(Hellos.part(1, b("h2")), Hellos.part(1, new byte[] {10, -1}));
    ClientHello hello = Hellos.parse(Hellos.hello(Hellos.extension(16, Hellos.part(2, names))));
    assertNotNull(hello);
    assertEquals(List.of("h2", "\n\u00ff"), hello.alpn());
  }

  @Test
  @DisplayName("TLS-N2 a name that no DNS name can be is refused, and shown without its tricks")
  void hostileNames() {
    for (String name :
        List.of(
            "a\0.test",
            "a/../b",
            "a b.test",
            "a\n.test",
            "m\u00fcller.test",
            "[::1]",
            "*.test",
            "a:443",
            "\u007f")) {
      MalformedHelloException e =
          refused(
              TlsAlert.ILLEGAL_PARAMETER,
              " has the byte 0x",
              Hellos.hello(Hellos.serverName(name)));
      assertTrue(e.reason().chars().allMatch(c -> c >= ' ' && c <= '~'), e.reason());
    }
    for (String name : List.of(".test", "a..test", "..", ".")) {
      refused(
          TlsAlert.ILLEGAL_PARAMETER, "has an empty label", Hellos.hello(Hellos.serverName(name)));
    }
    refused(
        TlsAlert.ILLEGAL_PARAMETER,
        "\"server.test.\" ends with a dot",
        Hellos.hello(Hellos.serverName("server.test.")));
    refused(
        TlsAlert.ILLEGAL_PARAMETER,
        "has 256 bytes, more than 255",
        Hellos.hello(Hellos.serverName("a".repeat(256))));
    refused(
        TlsAlert.DECODE_ERROR,
        "the server name has 1 to 65535 bytes, and declares 0",
        Hellos.hello(Hellos.serverName("")));
  }

  @Test
  @DisplayName("TLS-N2 a length that lies is refused, with the field and the place")
  void lyingLengths() {
    byte[] honest = Hellos.serverName("a.test");
    byte[] longName = honest.clone();
    longName[8] = 100;
    refused(
        TlsAlert.DECODE_ERROR,
        "at byte 88: the server name declares 100 bytes, and 6 are left of the list of"
            + " server names",
        Hellos.hello(longName));
    byte[] longList = honest.clone();
    longList[5] = 10;
    refused(
        TlsAlert.DECODE_ERROR,
        "the list of server names declares 10 bytes, and 9 are left of the extension 0",
        Hellos.hello(longList));
    byte[] shortList = honest.clone();
    shortList[5] = 5;
    refused(TlsAlert.DECODE_ERROR, "the extension 0 has 4 bytes too many", Hellos.hello(shortList));
    byte[] longExtension = honest.clone();
    longExtension[3] = 99;
    refused(
        TlsAlert.DECODE_ERROR,
        "the extension 0 declares 99 bytes, and 11 are left of the list of extensions",
        Hellos.hello(longExtension));
    refused(
        TlsAlert.DECODE_ERROR,
        "the list of server names has 1 to 65535 bytes, and declares 0",
        Hellos.hello(Hellos.extension(0, Hellos.number(2, 0))));
    refused(
        TlsAlert.DECODE_ERROR,
        "the length of the list of server names has 2 bytes, and 0 are left",
        Hellos.hello(Hellos.extension(0, new byte[0])));
    refused(
        TlsAlert.DECODE_ERROR,
        "the message has 3 bytes too many",
        Hellos.record(
            Hellos.message(1, Hellos.body(Hellos.join(Hellos.number(2, 0), new byte[3])))));
    refused(
        TlsAlert.DECODE_ERROR,
        "the name of an application protocol has 1 to 255 bytes, and declares 0",
        Hellos.hello(Hellos.extension(16, Hellos.part(2, new byte[2]))));
    refused(
        TlsAlert.DECODE_ERROR,
        "a version has 2 bytes, and 1 are left of the list of versions",
        Hellos.hello(Hellos.extension(43, Hellos.part(1, new byte[] {3, 4, 3}))));
    refused(
        TlsAlert.DECODE_ERROR,
        "the random declares 32 bytes, and 8 are left",
        Hellos.record(Hellos.message(1, Hellos.join(Hellos.number(2, 0x0303), new byte[8]))));
    refused(
        TlsAlert.DECODE_ERROR, "the version has 2 bytes", Hellos.record(Hellos.message(1, b(""))));
  }

  @Test
  @DisplayName("TLS-N2 what must be there once is not there twice")
  void duplicates() {
    refused(
        TlsAlert.ILLEGAL_PARAMETER,
        "the extension 0 is there twice",
        Hellos.hello(Hellos.serverName("a.test"), Hellos.serverName("b.test")));
    refused(
        TlsAlert.ILLEGAL_PARAMETER,
        "the extension 4242 is there twice",
        Hellos.hello(Hellos.extension(4242, b("x")), Hellos.extension(4242, b("y"))));
    byte[] name = Hellos.join(new byte[1], Hellos.part(2, b("a.test")));
    refused(
        TlsAlert.ILLEGAL_PARAMETER,
        "there are two server names of type 0",
        Hellos.hello(Hellos.extension(0, Hellos.part(2, Hellos.join(name, name)))));
  }

  @Test
  @DisplayName("TLS-N2 what is no hello is told by its name, at its first wrong byte")
  void noHello() {
    refused(TlsAlert.UNEXPECTED_MESSAGE, "a record of type 71 at byte 0", b("G"));
    refused(TlsAlert.UNEXPECTED_MESSAGE, "an alert at byte 0", new byte[] {21});
    refused(TlsAlert.UNEXPECTED_MESSAGE, "a record of type 23 at byte 0", new byte[] {23});
    refused(TlsAlert.PROTOCOL_VERSION, "a record of version 2.x at byte 1", new byte[] {22, 2});
    refused(
        TlsAlert.PROTOCOL_VERSION, "SSL 2, or no TLS at all (0x80)", new byte[] {(byte) 0x80, 46});
    refused(
        TlsAlert.UNEXPECTED_MESSAGE,
        "a record of handshake without content at byte 4",
        new byte[] {22, 3, 1, 0, 0});
    refused(
        TlsAlert.RECORD_OVERFLOW,
        "a record of 16385 bytes, more than 16384 at byte 4",
        new byte[] {22, 3, 1, 0x40, 1});
    refused(
        TlsAlert.UNEXPECTED_MESSAGE,
        "a handshake message of type 2 at byte 8",
        Hellos.record(Hellos.message(2, b("x"))));
    byte[] old = Hellos.message(1, Hellos.join(Hellos.number(2, 0x0200), new byte[70]));
    refused(TlsAlert.PROTOCOL_VERSION, "the version is 0x0200", Hellos.record(old));
  }

  @Test
  @DisplayName("TLS-R4 a hello that is too long is refused when it says so")
  void announced() {
    byte[] header = Hellos.join(Hellos.number(1, 1), Hellos.number(3, 65_528));
    refused(
        TlsAlert.ILLEGAL_PARAMETER,
        "ClientHello declares 65528 bytes; with all around it, it may have 65536",
        Hellos.record(header));
    refused(
        TlsAlert.ILLEGAL_PARAMETER,
        "declares 16777215 bytes",
        Hellos.record(new byte[] {1, -1, -1, -1}));
  }

  @Test
  @DisplayName("TLS-R4 a hello in ever more records is refused after 64 KiB of them, not later")
  void smuggled() throws Exception {
    byte[] message = Hellos.message(1, new byte[60_000]);
    byte[] records = Hellos.fragmented(Hellos.join(new byte[5], message), 1);
    ClientHelloParser parser = new ClientHelloParser();
    parser.feedUntrusted(ByteBuffer.wrap(records, 0, 64 * 1024));
    assertNull(parser.hello());
    MalformedHelloException e =
        assertThrows(
            MalformedHelloException.class,
            () -> parser.feedUntrusted(ByteBuffer.wrap(records, 64 * 1024, 1)));
    assertTrue(e.reason().contains("not whole within 65536 bytes"), e.reason());
    assertEquals(TlsAlert.ILLEGAL_PARAMETER, e.alert());
  }

  @Test
  @DisplayName("TLS-R4 the limit of 64 KiB counts in the middle of a record as well")
  void smuggledInLargerRecords() {
    byte[] message = Hellos.message(1, new byte[65_000]);
    refused(
        TlsAlert.ILLEGAL_PARAMETER,
        "not whole within 65536 bytes",
        Hellos.fragmented(Hellos.join(new byte[5], message), 100));
  }

  @Test
  @DisplayName("TLS-N2 each character that a name may have is accepted, and its neighbours are not")
  void characters() throws Exception {
    ClientHello hello = Hellos.parse(Hellos.hello(Hellos.serverName("-09az_AZ.test")));
    assertNotNull(hello);
    assertEquals("-09az_az.test", hello.serverName());
    for (char c : "`{@[/:,~^".toCharArray()) {
      refused(
          TlsAlert.ILLEGAL_PARAMETER,
          "\"a" + c + " ~.\" has the byte 0x" + Integer.toHexString(c),
          Hellos.hello(Hellos.serverName("a" + c + " ~\u007f")));
    }
    ClientHello longest = Hellos.parse(Hellos.hello(Hellos.serverName("a".repeat(255))));
    assertNotNull(longest);
    assertEquals("a".repeat(255), longest.serverName());
  }

  @Test
  @DisplayName("TLS-R4 a hello that declares as much as it may have is waited for")
  void longest() throws Exception {
    byte[] header = Hellos.join(Hellos.number(1, 1), Hellos.number(3, 65_527));
    assertNull(Hellos.parse(Hellos.record(header)));
  }

  @Test
  @DisplayName("TLS-N2 SSL 2 is suspected in the first byte only")
  void laterRecord() {
    byte[] start = Hellos.record(Hellos.number(1, 1));
    refused(
        TlsAlert.UNEXPECTED_MESSAGE,
        "a record of type 128 at byte 6",
        Hellos.join(start, new byte[] {(byte) 0x80}));
    refused(TlsAlert.UNEXPECTED_MESSAGE, "a record of type 127 at byte 0", new byte[] {0x7f});
  }

  @Test
  @DisplayName("TLS-N2 lists at their limits: 32 bytes of a session, suites of two bytes each")
  void limits() throws Exception {
    byte[] start = Hellos.join(Hellos.number(2, 0x0303), new byte[32]);
    byte[] end = Hellos.join(Hellos.part(1, new byte[1]));
    refused(
        TlsAlert.DECODE_ERROR,
        "the id of the session has 0 to 32 bytes, and declares 33",
        Hellos.record(
            Hellos.message(
                1,
                Hellos.join(
                    start,
                    Hellos.part(1, new byte[33]),
                    Hellos.part(2, Hellos.number(2, 0x1301)),
                    end))));
    refused(
        TlsAlert.DECODE_ERROR,
        "half a cipher suite",
        Hellos.record(
            Hellos.message(
                1, Hellos.join(start, new byte[1], Hellos.part(2, new byte[] {0x13, 1, 0}), end))));
    assertNotNull(
        Hellos.parse(
            Hellos.record(
                Hellos.message(
                    1,
                    Hellos.join(
                        start, new byte[1], Hellos.part(2, Hellos.number(2, 0x1301)), end)))));
    refused(
        TlsAlert.DECODE_ERROR,
        "the extension 16 has 1 bytes too many",
        Hellos.hello(
            Hellos.extension(
                16, Hellos.join(Hellos.part(2, Hellos.part(1, b("h2"))), new byte[1]))));
    refused(
        TlsAlert.DECODE_ERROR,
        "the extension 43 has 1 bytes too many",
        Hellos.hello(
            Hellos.extension(
                43, Hellos.join(Hellos.part(1, Hellos.number(2, 0x0304)), new byte[1]))));
  }

  @Test
  @DisplayName("TLS-N2 each version that has a name has it")
  void versions() throws Exception {
    byte[] all =
        Hellos.join(
            Hellos.number(2, 0x0300),
            Hellos.number(2, 0x0301),
            Hellos.number(2, 0x0302),
            Hellos.number(2, 0x0303),
            Hellos.number(2, 0x0304),
            Hellos.number(2, 0x0305));
    ClientHello hello = Hellos.parse(Hellos.hello(Hellos.extension(43, Hellos.part(1, all))));
    assertNotNull(hello);
    assertEquals(List.of("SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"), hello.versions());
  }
}
