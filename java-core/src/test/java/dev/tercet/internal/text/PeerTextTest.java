package dev.tercet.internal.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLKeyException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLProtocolException;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nothing that a peer has chosen moves a cursor, turns a line around, or begins a new one. */
class PeerTextTest {
  /** An escape, a line end, C1, overrides of direction, marks, separators, half a character. */
  private static final String HOSTILE =
      "a\u001b[2Jb\r\nc\u009bd\u202ee\u2066f\u200bg\u2028h\u2029i\ud800j\u0000k\u007fl\ue000m\ufeffn";

  private static void assertHarmless(String text) {
    assertTrue(
        text.codePoints()
            .allMatch(
                c ->
                    c >= ' '
                        && c != 0x7f
                        && Character.getType(c) != Character.CONTROL
                        && Character.getType(c) != Character.FORMAT
                        && Character.getType(c) != Character.SURROGATE
                        && c != 0x2028
                        && c != 0x2029),
        text);
  }

  @Test
  @DisplayName("TLS-M10 names are cut, and have nothing in them that is not seen")
  void names() {
    assertHarmless(PeerText.name(HOSTILE));
    assertTrue(PeerText.name(HOSTILE).startsWith("a?[2Jb??c"), PeerText.name(HOSTILE));
    assertEquals(
        "m\u00fcller \u65e5\u672c \ud83d\ude00",
        PeerText.name("m\u00fcller \u65e5\u672c \ud83d\ude00"));
    assertEquals("x".repeat(100), PeerText.name("x".repeat(100)));
    assertEquals("x".repeat(100) + "...", PeerText.name("x".repeat(101)));
    assertEquals("CN=a", PeerText.name(new X500Principal("CN=a")));
    assertEquals("/tmp/a?b", PeerText.path("/tmp/a\nb"));
  }

  @Test
  @DisplayName("TLS-M10 a message is one line, and cut")
  void messages() {
    assertHarmless(PeerText.message(HOSTILE));
    assertEquals("first second", PeerText.message("first\n  second\n"));
    assertEquals(1503, PeerText.message("x".repeat(20_000)).length());
  }

  private static String trace(Throwable e) {
    StringWriter text = new StringWriter();
    e.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  @Test
  @DisplayName("TLS-M10 errors that quote the peer are copied with their causes, others kept")
  void errors() {
    SSLException fine = new SSLException("fine", new CertificateException("fine"));
    assertSame(fine, PeerErrors.harmless(fine));
    CertPathValidatorException path =
        new CertPathValidatorException(
            HOSTILE, new IllegalStateException(HOSTILE), null, -1, BasicReason.EXPIRED);
    SSLHandshakeException outer = new SSLHandshakeException("fine");
    outer.initCause(new CertificateException("fine", path));
    outer.addSuppressed(new IOException(HOSTILE));
    Throwable copy = PeerErrors.harmless((Throwable) outer);
    assertEquals(SSLHandshakeException.class, copy.getClass());
    assertEquals("fine", copy.getMessage());
    assertEquals(outer.getStackTrace().length, copy.getStackTrace().length);
    assertInstanceOf(CertificateException.class, copy.getCause());
    CertPathValidatorException copiedPath =
        assertInstanceOf(CertPathValidatorException.class, copy.getCause().getCause());
    assertEquals(BasicReason.EXPIRED, copiedPath.getReason());
    String trace = trace(copy);
    assertFalse(trace.contains("\u001b"), trace);
    assertFalse(trace.contains("\u202e"), trace);
    assertTrue(trace.contains("java.lang.IllegalStateException: a?[2Jb"), trace);
    assertTrue(trace.contains("Suppressed: java.io.IOException"), trace);
  }

  @Test
  @DisplayName("TLS-M10 a copy has the type of the original, as far as the JDK has it")
  void types() {
    for (Throwable each :
        new Throwable[] {
          new SSLException(HOSTILE),
          new SSLHandshakeException(HOSTILE),
          new SSLProtocolException(HOSTILE),
          new SSLKeyException(HOSTILE),
          new SSLPeerUnverifiedException(HOSTILE),
          new CertificateException(HOSTILE),
          new CertificateExpiredException(HOSTILE),
          new CertificateNotYetValidException(HOSTILE),
          new CertPathBuilderException(HOSTILE),
          new IOException(HOSTILE),
        }) {
      Throwable copy = PeerErrors.harmless(each);
      assertEquals(each.getClass(), copy.getClass());
      assertHarmless(copy.toString());
    }
    assertNull(PeerErrors.harmless(new SSLException(HOSTILE)).getCause());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("TLS-M10 an error whose text fails, and a chain without an end, are survived")
  void odd(boolean fails) {
    Exception odd =
        new Exception() {
          private static final long serialVersionUID = 1;

          @Override
          public String getMessage() {
            if (fails) {
              throw new IllegalStateException("of the test");
            }
            return "a\nb";
          }
        };
    Throwable chain = odd;
    for (int i = 0; i < 100; i++) {
      chain = new Exception("fine", chain);
    }
    SSLException outer = new SSLException("fine");
    outer.initCause(odd);
    assertFalse(trace(PeerErrors.harmless(outer)).contains("a\nb"));
    Throwable copy = PeerErrors.harmless(new Exception("fine", chain));
    int depth = 0;
    for (Throwable e = copy; e != null; e = e.getCause()) {
      depth++;
    }
    assertEquals(20, depth);
  }
}
