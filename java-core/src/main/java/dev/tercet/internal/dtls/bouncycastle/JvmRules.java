package dev.tercet.internal.dtls.bouncycastle;

import dev.tercet.internal.text.CertificateText;
import java.nio.ByteBuffer;
import java.security.AlgorithmConstraints;
import java.security.CryptoPrimitive;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import java.util.Vector;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.bouncycastle.tls.HashAlgorithm;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.SignatureScheme;
import org.jspecify.annotations.Nullable;

/**
 * What this JVM allows in TLS: cipher suites, groups, signature schemes, and the version itself.
 * DTLS allows the same (spec DTLS-L22).
 *
 * <p><b>The problem.</b> {@code jdk.tls.disabledAlgorithms}, {@code
 * jdk.certpath.disabledAlgorithms} and the {@code jdk.tls.*} system properties are the operator's
 * word. Bouncy Castle's protocol does not know them. The JDK has no public parser for them, and
 * before JDK 20 no way to ask which groups and schemes are left.
 *
 * <p><b>The strategy.</b> The JDK's own DTLS engine is asked for the ClientHello that it would
 * send, and that is read: what it does not offer is neither offered nor accepted here. The hello is
 * never sent. Whoever has disabled DTLS 1.2 gets no hello, and no handshake. For certificates there
 * is the JDK's {@link AlgorithmConstraints}.
 *
 * <p>SHA-1 and MD5 sign no handshake, also on JDKs that still offer it (RFC 9155).
 *
 * <p>The properties are read once, as the JDK reads them. Read on the engine's thread, since that
 * loads the JDK's TLS.
 */
final class JvmRules {
  /** Record and message, before the body of the hello. */
  private static final int BODY_AT = 13 + 12;

  private static final int SUPPORTED_GROUPS = 10;
  private static final int SIGNATURE_ALGORITHMS = 13;

  private static final Set<CryptoPrimitive> SIGNING = EnumSet.of(CryptoPrimitive.SIGNATURE);

  private final Set<Integer> suites = new HashSet<>();
  private final Set<Integer> groups = new HashSet<>();
  private final Set<Integer> signatures = new HashSet<>();
  private final @Nullable AlgorithmConstraints constraints;
  private final @Nullable SSLException refusal;

  private static final class Lazy {
    static final JvmRules RULES = new JvmRules();
  }

  private JvmRules() {
    AlgorithmConstraints ofTls = null;
    SSLException refused = null;
    try {
      SSLContext context = SSLContext.getInstance("DTLSv1.2");
      context.init(null, null, null);
      SSLEngine engine = context.createSSLEngine();
      engine.setUseClientMode(true);
      engine.setEnabledProtocols(new String[] {"DTLSv1.2"});
      engine.setEnabledCipherSuites(Suites.names());
      ofTls = engine.getSSLParameters().getAlgorithmConstraints();
      ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
      engine.wrap(ByteBuffer.allocate(0), hello);
      read(hello.flip());
    } catch (SSLException e) {
      refused = e;
    } catch (GeneralSecurityException | RuntimeException e) {
      refused = new SSLException("this JVM has no DTLS to take its rules from", e);
    }
    constraints = ofTls;
    refusal = refused;
  }

  /** The rules of this JVM. */
  static JvmRules get() {
    return Lazy.RULES;
  }

  /** Fails when this JVM allows no DTLS 1.2 with the suites that are spoken here. */
  void requireDtls() throws SSLHandshakeException {
    if (refusal != null) {
      SSLHandshakeException refused =
          new SSLHandshakeException(
              "DTLS handshake failed: this JVM allows no DTLS 1.2, see its security property"
                  + " jdk.tls.disabledAlgorithms: "
                  + refusal.getMessage());
      refused.initCause(refusal);
      throw refused;
    }
  }

  /** Those of some suites that are allowed. */
  int[] suites(int[] some) {
    return Arrays.stream(some).filter(suites::contains).toArray();
  }

  boolean allowsGroup(int group) {
    return groups.contains(group);
  }

  /** Those of some signature algorithms that are allowed; none of none. */
  @SuppressWarnings("JdkObsolete") // Bouncy Castle wants them so
  Vector<SignatureAndHashAlgorithm> signatures(@Nullable Vector<?> some) {
    Vector<SignatureAndHashAlgorithm> allowed = new Vector<>();
    for (int i = 0; some != null && i < some.size(); i++) {
      SignatureAndHashAlgorithm each = (SignatureAndHashAlgorithm) some.get(i);
      if (signatures.contains(SignatureScheme.from(each))
          && each.getHash() != HashAlgorithm.sha1
          && each.getHash() != HashAlgorithm.md5) {
        allowed.add(each);
      }
    }
    return allowed;
  }

  /** Those of some groups that are allowed. */
  @SuppressWarnings("JdkObsolete") // Bouncy Castle wants them so
  @Nullable Vector<Integer> groups(@Nullable Vector<?> some) {
    if (some == null) {
      return null;
    }
    Vector<Integer> allowed = new Vector<>();
    for (Object each : some) {
      if (groups.contains((Integer) each)) {
        allowed.add((Integer) each);
      }
    }
    return allowed;
  }

  /** The constraints as an engine of the JDK has them; null for none. */
  @Nullable AlgorithmConstraints constraints() {
    return constraints;
  }

  /**
   * Checks a chain that a trust manager has believed which knows no constraints, as the JDK does it
   * for TLS. The signature of an authority on itself says nothing, so it is not looked at.
   */
  void check(X509Certificate[] chain) throws CertificateException {
    for (X509Certificate each : chain) {
      if (constraints == null) {
        return;
      }
      boolean isRoot = each.getSubjectX500Principal().equals(each.getIssuerX500Principal());
      if (!constraints.permits(SIGNING, each.getPublicKey())
          || (!isRoot && !constraints.permits(SIGNING, each.getSigAlgName(), null))) {
        throw new CertificateException(
            "the certificate of "
                + CertificateText.subject(each)
                + " has a key or a signature that this JVM does not allow: "
                + each.getPublicKey().getAlgorithm()
                + ", "
                + each.getSigAlgName());
      }
    }
  }

  private void read(ByteBuffer hello) {
    hello.position(BODY_AT + 2 + 32);
    skip(hello, hello.get() & 0xFF);
    skip(hello, hello.get() & 0xFF);
    for (int left = hello.getShort() & 0xFFFF; left > 0; left -= 2) {
      suites.add(hello.getShort() & 0xFFFF);
    }
    skip(hello, hello.get() & 0xFF);
    hello.getShort();
    while (hello.hasRemaining()) {
      int type = hello.getShort() & 0xFFFF;
      int end = (hello.getShort() & 0xFFFF) + hello.position();
      Set<Integer> into =
          type == SUPPORTED_GROUPS ? groups : type == SIGNATURE_ALGORITHMS ? signatures : null;
      if (into != null) {
        hello.getShort();
        while (hello.position() < end) {
          into.add(hello.getShort() & 0xFFFF);
        }
      }
      hello.position(end);
    }
  }

  private static void skip(ByteBuffer in, int bytes) {
    in.position(in.position() + bytes);
  }
}
