package dev.tercet.testing.certificates;

import dev.tercet.tls.TlsIdentity;
import dev.tercet.tls.TlsTrust;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/**
 * A certificate authority for tests: made in memory, trusted by nobody but the test. It makes good
 * certificates, and bad ones of every kind.
 *
 * <pre>{@code
 * TestCa ca = TestCa.create();
 * TlsServerConfig server = TlsServerConfig.of(ca.issue("server.test"));
 * TlsConfig client = TlsConfig.DEFAULT.withTrust(ca.trust());
 * }</pre>
 *
 * <p>Needs Bouncy Castle, {@code bcpkix-jdk18on}, which this module does not bring along.
 *
 * <p><i>Thread-safety:</i> immutable.
 */
public final class TestCa {
  private final String name;
  private final KeyPair keys;
  private final List<X509Certificate> chain;

  private TestCa(String name, KeyPair keys, List<X509Certificate> chain) {
    this.name = name;
    this.keys = keys;
    this.chain = chain;
  }

  /**
   * Makes an authority with a fresh key.
   *
   * <p><i>Errors:</i> as {@link #create(String)}.
   *
   * @return a root, valid from yesterday for ten years
   */
  public static TestCa create() {
    return create("Tercet test root");
  }

  /**
   * Makes an authority with a fresh key and a name.
   *
   * <p><i>Errors:</i> {@link IllegalStateException} when Bouncy Castle is not among the
   * dependencies, saying what to add.
   *
   * @param name its common name
   * @return a root, valid from yesterday for ten years
   */
  public static TestCa create(String name) {
    requireBouncyCastle();
    KeyPair keys = TestKeyType.EC.generate();
    X509Certificate root = CertificateMaker.authority(name, keys, name, keys, null);
    return new TestCa(name, keys, List.of(root));
  }

  private static void requireBouncyCastle() {
    try {
      Class.forName(
          "org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder",
          false,
          TestCa.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(
          "TestCa needs Bouncy Castle: add org.bouncycastle:bcpkix-jdk18on (1.84 or later) to the"
              + " dependencies of the tests",
          e);
    }
  }

  /**
   * Makes an authority below this one.
   *
   * @param name its common name
   * @return an intermediate, whose certificates have this one's behind them
   */
  public TestCa intermediate(String name) {
    KeyPair below = TestKeyType.EC.generate();
    List<X509Certificate> longer = new ArrayList<>();
    longer.add(CertificateMaker.authority(name, below, this.name, keys, certificate()));
    longer.addAll(chain);
    return new TestCa(name, below, List.copyOf(longer));
  }

  /**
   * Makes a good certificate, for servers and clients.
   *
   * @param names the DNS names and IP addresses that it is for; {@code *.example.test} is for all
   *     names one level below; at least one
   * @return who has it
   */
  public TlsIdentity issue(String... names) {
    return leaf(names).issue().identity();
  }

  /**
   * Begins a certificate whose properties are still to be chosen.
   *
   * @param names as in {@link #issue}; none for a certificate without names
   * @return what {@link #issue} would make, as a start
   */
  public TestLeaf leaf(String... names) {
    return new TestLeaf(this, List.of(names));
  }

  /**
   * Trust in the root of this authority, and in nobody else.
   *
   * @return the trust
   */
  public TlsTrust trust() {
    return TlsTrust.of(chain.get(chain.size() - 1));
  }

  /**
   * The own certificate.
   *
   * @return of the root, or of the intermediate
   */
  public X509Certificate certificate() {
    return chain.get(0);
  }

  /**
   * The own certificate in PEM.
   *
   * @return a block with a line feed at its end
   */
  public String certificatePem() {
    return Pem.certificate(certificate());
  }

  String name() {
    return name;
  }

  KeyPair keys() {
    return keys;
  }

  /** Without the root, which a peer has or does not believe. */
  List<X509Certificate> chainWithoutRoot() {
    return chain.subList(0, chain.size() - 1);
  }

  @Override
  public String toString() {
    return "TestCa(" + name + ")";
  }
}
