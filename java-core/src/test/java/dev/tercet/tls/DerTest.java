package dev.tercet.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Elements of DER at the limits of what is read, and damaged ones. */
class DerTest {
  private static Der der(String hex) {
    return Der.of(HexFormat.of().parseHex(hex));
  }

  @Test
  @DisplayName("TLS-T7 no element has no tag")
  void end() throws Der.MalformedException {
    assertEquals(-1, der("").tag());
    Der one = der("0400");
    assertEquals(Der.OCTETS, one.tag());
    one.skipUntrusted(Der.OCTETS);
    assertEquals(-1, one.tag());
    one.requireEnd();
  }

  @ParameterizedTest
  @CsvSource({"04, 3", "047f, 127", "048180, 128", "04820080, 128", "0483000100, 256"})
  @DisplayName("TLS-T7 a length has up to three bytes")
  void lengths(String header, int length) throws Der.MalformedException {
    String whole = header.length() == 2 ? header + "03" : header;
    Der der = der(whole + "5a".repeat(length));
    byte[] expected = new byte[length];
    Arrays.fill(expected, (byte) 0x5a);
    assertArrayEquals(expected, der.contentUntrusted(Der.OCTETS));
    der.requireEnd();
  }

  @Test
  @DisplayName("TLS-T7 a length that is missing, cut, indefinite, or too large is an error")
  void badLengths() {
    String filler = "00".repeat(300);
    for (String damaged :
        new String[] {"", "04", "0481", "048201", "0480" + filler, "048400000001" + filler}) {
      assertMalformed(damaged);
    }
    // Room for less, by one byte.
    assertMalformed("04030102");
    assertMalformed("0481800" + "0".repeat(253));
  }

  private static void assertMalformed(String hex) {
    assertThrows(Der.MalformedException.class, () -> der(hex).contentUntrusted(Der.OCTETS), hex);
  }

  @Test
  @DisplayName("TLS-T7 what is inside of an element ends where the element does")
  void inside() throws Der.MalformedException {
    Der outer = der("3002040100");
    Der inner = outer.enterUntrusted(Der.SEQUENCE);
    assertThrows(Der.MalformedException.class, () -> inner.skipUntrusted(Der.OCTETS));
  }

  @ParameterizedTest
  @CsvSource({
    "2a00, 1.2.0",
    "0001, 0.0.1",
    "27, 0.39",
    "28, 1.0",
    "8837, 2.999",
    "2affffffffffffffff7f, 1.2.9223372036854775807"
  })
  @DisplayName("TLS-T7 the name of an object")
  void objects(String content, String name) throws Der.MalformedException {
    assertEquals(name, object(content));
  }

  private static String object(String content) throws Der.MalformedException {
    return der(String.format("06%02x%s", content.length() / 2, content)).objectUntrusted();
  }

  @Test
  @DisplayName("TLS-T7 a name has 32 bytes at most")
  void longestObject() throws Der.MalformedException {
    assertEquals("1.2" + ".1".repeat(31), object("2a" + "01".repeat(31)));
    assertThrows(Der.MalformedException.class, () -> object("2a" + "01".repeat(32)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "2a80", "2affffffffffffffffff7f"})
  @DisplayName("TLS-T7 no name, one that is cut, and a number of more than 63 bits are errors")
  void badObjects(String content) {
    assertThrows(Der.MalformedException.class, () -> object(content));
  }
}
