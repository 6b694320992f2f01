package dev.tercet.tls;

import static dev.tercet.tls.TestCertificates.message;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.KeyStoreSpi;
import java.security.PrivateKey;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Collections;
import java.util.Date;
import java.util.Enumeration;
import java.util.List;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keys and certificates belong together, or there is no identity. */
class TlsIdentityTest {
  private static final KeyPair EC = TestCertificates.keys("EC");
  private static final X509Certificate OWN = TestCertificates.of(EC, "SHA256withECDSA", "CN=own");

  @ParameterizedTest
  @CsvSource({
    "RSA, SHA256withRSA",
    "EC, SHA256withECDSA",
    "Ed25519, Ed25519",
    "DSA, SHA256withDSA"
  })
  @DisplayName("TLS-T3 the key of a certificate is taken, another one of its kind is refused")
  void belongs(String algorithm, String signature) {
    KeyPair keys = TestCertificates.keys(algorithm);
    KeyPair others = TestCertificates.keys(algorithm);
    X509Certificate certificate = TestCertificates.of(keys, signature, "CN=own");
    TlsIdentity identity = TlsIdentity.of(keys.getPrivate(), certificate);
    assertEquals("TlsIdentity(CN=own)", identity.toString());
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> TlsIdentity.of(others.getPrivate(), certificate));
    assertTrue(message(e).contains("does not belong to the certificate of CN=own"), message(e));
  }

  @Test
  @DisplayName("TLS-T3 a key of another kind is refused, one that cannot be tried is taken")
  void otherKinds() {
    KeyPair rsa = TestCertificates.keys("RSA");
    assertThrows(IllegalArgumentException.class, () -> TlsIdentity.of(rsa.getPrivate(), OWN));
    KeyPair agreement = TestCertificates.keys("XDH");
    assertEquals("TlsIdentity(CN=own)", TlsIdentity.of(agreement.getPrivate(), OWN).toString());
  }

  @Test
  @DisplayName("TLS-T2 an identity has at least one certificate, and keeps its chain")
  void chain() {
    assertThrows(IllegalArgumentException.class, () -> TlsIdentity.of(EC.getPrivate()));
    X509ExtendedKeyManager manager = TlsIdentity.of(EC.getPrivate(), OWN).keyManager();
    String alias = manager.chooseEngineServerAlias("EC", null, null);
    assertArrayEquals(new X509Certificate[] {OWN}, manager.getCertificateChain(alias));
    assertEquals(EC.getPrivate(), manager.getPrivateKey(alias));
  }

  @Test
  @DisplayName("TLS-T2 the keys of a key store, and a key manager of one's own")
  void stores() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    char[] password = "secret".toCharArray();
    store.setKeyEntry("own", EC.getPrivate(), password, new X509Certificate[] {OWN});
    TlsIdentity identity = TlsIdentity.of(store, password);
    assertEquals("TlsIdentity(a key store)", identity.toString());
    assertTrue(identity.keyManager().getServerAliases("EC", null).length > 0);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> TlsIdentity.of(store, "guess".toCharArray()));
    assertTrue(message(e).startsWith("the key store cannot be used: "), message(e));
    X509ExtendedKeyManager own = identity.keyManager();
    assertSame(own, TlsIdentity.of(own).keyManager());
    assertEquals("TlsIdentity(a key manager)", TlsIdentity.of(own).toString());
  }

  private static KeyPair pss() {
    try {
      return KeyPairGenerator.getInstance("RSASSA-PSS").generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  @DisplayName("TLS-T3 an RSASSA-PSS key of another certificate is refused")
  void pssKeys() {
    KeyPair keys = pss();
    PSSParameterSpec parameters =
        new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1);
    X509Certificate certificate = TestCertificates.of(keys, "RSASSA-PSS", parameters, "CN=pss");
    assertEquals("TlsIdentity(CN=pss)", TlsIdentity.of(keys.getPrivate(), certificate).toString());
    for (PrivateKey other :
        List.of(pss().getPrivate(), TestCertificates.keys("RSA").getPrivate(), EC.getPrivate())) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> TlsIdentity.of(other, certificate));
      assertTrue(message(e).contains("does not belong"), message(e));
    }
  }

  @Test
  @DisplayName("TLS-T4 a key store without a private key is refused")
  void emptyStore() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    assertThrows(IllegalArgumentException.class, () -> TlsIdentity.of(store, new char[0]));
    store.setCertificateEntry("authority", OWN);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> TlsIdentity.of(store, new char[0]));
    assertTrue(message(e).contains("no private key"), message(e));
  }

  @Test
  @DisplayName("TLS-T3 RSASSA-PSS keys that demand parameters belong together with these")
  void pssParameters() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSASSA-PSS");
    PSSParameterSpec strong =
        new PSSParameterSpec("SHA-384", "MGF1", MGF1ParameterSpec.SHA384, 48, 1);
    generator.initialize(new RSAKeyGenParameterSpec(1024, RSAKeyGenParameterSpec.F4, strong));
    KeyPair keys = generator.generateKeyPair();
    assertTrue(KeyMatch.belongs(keys.getPrivate(), keys.getPublic()));
    assertFalse(KeyMatch.belongs(keys.getPrivate(), generator.generateKeyPair().getPublic()));
  }

  @Test
  @DisplayName("TLS-T4 the keys of a store are read once")
  void readOnce() throws Exception {
    char[] password = "secret".toCharArray();
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    for (String alias : List.of("one", "two")) {
      store.setKeyEntry(alias, EC.getPrivate(), password, new X509Certificate[] {OWN});
    }
    X509ExtendedKeyManager manager = TlsIdentity.of(store, password).keyManager();
    store.deleteEntry("one");
    store.deleteEntry("two");
    String alias = manager.chooseEngineServerAlias("EC", null, null);
    assertNotNull(alias);
    assertEquals(EC.getPrivate(), manager.getPrivateKey(alias));
  }

  @Test
  @DisplayName("TLS-T4 keys that cannot leave their store are used in it")
  void keysThatStay() throws Exception {
    KeyStore store = new KeyStore(new StoreOfOne(), Security.getProvider("SUN"), "one") {};
    store.load(null, null);
    X509ExtendedKeyManager manager = TlsIdentity.of(store, new char[0]).keyManager();
    String alias = manager.chooseEngineServerAlias("EC", null, null);
    assertInstanceOf(KeyThatStays.class, manager.getPrivateKey(alias));
  }

  /** As in a token: it can be used and not be read. */
  private record KeyThatStays() implements PrivateKey {
    @Override
    public String getAlgorithm() {
      return "EC";
    }

    @Override
    public @Nullable String getFormat() {
      return null;
    }

    @Override
    public byte @Nullable [] getEncoded() {
      return null;
    }
  }

  private static final class StoreOfOne extends KeyStoreSpi {
    @Override
    public Key engineGetKey(String alias, char[] password) {
      return new KeyThatStays();
    }

    @Override
    public Certificate[] engineGetCertificateChain(String alias) {
      return new Certificate[] {OWN};
    }

    @Override
    public Certificate engineGetCertificate(String alias) {
      return OWN;
    }

    @Override
    public Date engineGetCreationDate(String alias) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void engineSetKeyEntry(String alias, Key key, char[] password, Certificate[] chain) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void engineSetKeyEntry(String alias, byte[] key, Certificate[] chain) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void engineSetCertificateEntry(String alias, Certificate certificate) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void engineDeleteEntry(String alias) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Enumeration<String> engineAliases() {
      return Collections.enumeration(List.of("one"));
    }

    @Override
    public boolean engineContainsAlias(String alias) {
      return alias.equals("one");
    }

    @Override
    public int engineSize() {
      return 1;
    }

    @Override
    public boolean engineIsKeyEntry(String alias) {
      return true;
    }

    @Override
    public boolean engineIsCertificateEntry(String alias) {
      return false;
    }

    @Override
    public @Nullable String engineGetCertificateAlias(Certificate certificate) {
      return null;
    }

    @Override
    public void engineStore(OutputStream stream, char[] password) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void engineLoad(@Nullable InputStream stream, char @Nullable [] password) {}
  }
}
