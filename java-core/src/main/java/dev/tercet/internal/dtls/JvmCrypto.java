package dev.tercet.internal.dtls;

import java.security.SecureRandom;
import org.bouncycastle.jcajce.util.DefaultJcaJceHelper;
import org.bouncycastle.tls.crypto.TlsNonceGenerator;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCrypto;

/**
 * Bouncy Castle's protocol over the crypto providers that the JVM has; its own provider is several
 * times slower.
 *
 * <p>Nonces come straight from the source of randomness. Bouncy Castle stirs the time into them,
 * which adds nothing to a good source, and takes from a simulation that the same seed gives the
 * same bytes.
 */
final class JvmCrypto extends JcaTlsCrypto {
  JvmCrypto(SecureRandom random) {
    super(new DefaultJcaJceHelper(), random, random);
  }

  @Override
  public TlsNonceGenerator createNonceGenerator(byte[] seed) {
    return size -> {
      byte[] nonce = new byte[size];
      getSecureRandom().nextBytes(nonce);
      return nonce;
    };
  }
}
