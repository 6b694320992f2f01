package dev.tercet.internal.dtls.bouncycastle;

import dev.tercet.tls.TlsIdentity;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Chooses among the keys of an identity, as JSSE does: its key manager is asked, and shown a {@link
 * StandInEngine}.
 *
 * <p>Keys are EC or RSA. RSA keys sign with PKCS#1 or PSS, whichever the peer knows. Keys that can
 * do PSS only, and those of Edwards curves, are not used.
 */
final class KeyChoice {
  static final String EC = "EC";
  static final String RSA = "RSA";

  private KeyChoice() {}

  /**
   * Chooses for a server.
   *
   * @param keyType EC or RSA
   * @return null when it has no such key
   */
  static @Nullable DtlsIdentity ofServer(
      TlsIdentity identity, String keyType, @Nullable String serverName) {
    List<SNIServerName> names = serverName == null ? List.of() : List.of(sni(serverName));
    X509ExtendedKeyManager manager = identity.keyManager();
    return found(manager, manager.chooseEngineServerAlias(keyType, null, engine(false, names)));
  }

  /**
   * Chooses for a client.
   *
   * @param keyTypes EC, RSA or both
   * @param issuers whom the server believes; empty for anybody
   * @return null when it has no such key
   */
  static @Nullable DtlsIdentity ofClient(
      TlsIdentity identity, List<String> keyTypes, List<? extends Principal> issuers) {
    X509ExtendedKeyManager manager = identity.keyManager();
    return found(
        manager,
        manager.chooseEngineClientAlias(
            keyTypes.toArray(String[]::new),
            issuers.isEmpty() ? null : issuers.toArray(Principal[]::new),
            engine(true, List.of())));
  }

  private static @Nullable DtlsIdentity found(
      X509ExtendedKeyManager manager, @Nullable String alias) {
    if (alias == null) {
      return null;
    }
    PrivateKey key = manager.getPrivateKey(alias);
    X509Certificate[] chain = manager.getCertificateChain(alias);
    return key == null || chain == null ? null : new DtlsIdentity(key, List.of(chain));
  }

  private static StandInEngine engine(boolean isClient, List<SNIServerName> names) {
    return new StandInEngine(null, new StandInSession(null, names), isClient, false);
  }

  /** In its bytes, because a name with an underscore is none to the JDK. */
  private static SNIServerName sni(String name) {
    try {
      return new SNIHostName(name);
    } catch (IllegalArgumentException e) {
      return new SNIServerName(0, name.getBytes(StandardCharsets.US_ASCII)) {};
    }
  }
}
