package dev.tercet.testing.certificates;

import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;

/**
 * A certificate of a {@link TestCa} that is not made yet. What is changed makes it good for one
 * thing and bad for another: expired, for clients only, without names.
 *
 * <p><i>Thread-safety:</i> immutable.
 */
public final class TestLeaf {
  private final TestCa ca;
  private final List<String> names;
  private final String commonName;
  private final Instant from;
  private final Instant to;
  private final Set<Usage> usages;
  private final TestKeyType keyType;
  private final boolean withIntermediates;

  /** What a certificate may be used for. */
  public enum Usage {
    /** To prove who a server is. */
    SERVER,
    /** To prove who a client is. */
    CLIENT
  }

  TestLeaf(TestCa ca, List<String> names) {
    this(
        ca,
        names,
        names.isEmpty() ? "nobody" : names.get(0),
        Instant.now().minus(Duration.ofDays(1)),
        Instant.now().plus(Duration.ofDays(365)),
        Set.of(Usage.SERVER, Usage.CLIENT),
        TestKeyType.EC,
        true);
  }

  private TestLeaf(
      TestCa ca,
      List<String> names,
      String commonName,
      Instant from,
      Instant to,
      Set<Usage> usages,
      TestKeyType keyType,
      boolean withIntermediates) {
    this.ca = ca;
    this.names = names;
    this.commonName = commonName;
    this.from = from;
    this.to = to;
    this.usages = usages;
    this.keyType = keyType;
    this.withIntermediates = withIntermediates;
  }

  /**
   * Sets the common name. Clients do not look at it; that of a certificate without names is there
   * to show it.
   *
   * @param commonName the first of the names by default
   * @return a copy
   */
  public TestLeaf withCommonName(String commonName) {
    return new TestLeaf(ca, names, commonName, from, to, usages, keyType, withIntermediates);
  }

  /**
   * Sets when it is valid.
   *
   * @param from yesterday by default
   * @param to in a year by default
   * @return a copy
   */
  public TestLeaf withValidity(Instant from, Instant to) {
    return new TestLeaf(ca, names, commonName, from, to, usages, keyType, withIntermediates);
  }

  /**
   * Sets what it is for.
   *
   * @param usages both by default; none for no restriction
   * @return a copy
   */
  public TestLeaf withUsage(Usage... usages) {
    return new TestLeaf(
        ca, names, commonName, from, to, Set.of(usages), keyType, withIntermediates);
  }

  /**
   * Sets the kind of its key.
   *
   * @param keyType {@link TestKeyType#EC} by default
   * @return a copy
   */
  public TestLeaf withKeyType(TestKeyType keyType) {
    return new TestLeaf(ca, names, commonName, from, to, usages, keyType, withIntermediates);
  }

  /**
   * Leaves the intermediate certificates out of what is sent: a common mistake of servers.
   *
   * @return a copy
   */
  public TestLeaf withoutIntermediates() {
    return new TestLeaf(ca, names, commonName, from, to, usages, keyType, false);
  }

  /**
   * Makes it, with a fresh key.
   *
   * @return the certificate, those above it but the root, and the key
   */
  public TestIdentity issue() {
    KeyPair keys = keyType.generate();
    CertificateMaker maker =
        new CertificateMaker(commonName, keys.getPublic(), ca.name(), ca.certificate(), from, to);
    if (!names.isEmpty()) {
      GeneralName[] alternatives =
          names.stream().map(TestLeaf::generalName).toArray(GeneralName[]::new);
      maker.extension(Extension.subjectAlternativeName, false, new GeneralNames(alternatives));
    }
    if (!usages.isEmpty()) {
      KeyPurposeId[] purposes =
          new TreeSet<>(usages)
              .stream()
                  .map(
                      usage ->
                          usage == Usage.SERVER
                              ? KeyPurposeId.id_kp_serverAuth
                              : KeyPurposeId.id_kp_clientAuth)
                  .toArray(KeyPurposeId[]::new);
      maker.extension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
    }
    List<X509Certificate> chain = new ArrayList<>();
    chain.add(maker.sign(ca.keys().getPrivate()));
    if (withIntermediates) {
      chain.addAll(ca.chainWithoutRoot());
    }
    return new TestIdentity(keys.getPrivate(), chain);
  }

  private static GeneralName generalName(String name) {
    boolean address = name.indexOf(':') >= 0 || name.matches("[0-9.]+");
    return new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, name);
  }

  @Override
  public String toString() {
    return "TestLeaf(" + names + ", " + from + " to " + to + ", " + usages + ")";
  }
}
