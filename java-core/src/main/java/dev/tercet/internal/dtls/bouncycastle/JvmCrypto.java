package dev.tercet.internal.dtls.bouncycastle;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import org.bouncycastle.jcajce.util.DefaultJcaJceHelper;
import org.bouncycastle.jcajce.util.JcaJceHelper;
import org.bouncycastle.tls.crypto.TlsNonceGenerator;
import org.bouncycastle.tls.crypto.TlsStreamSigner;
import org.bouncycastle.tls.crypto.TlsStreamVerifier;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCrypto;
import org.jspecify.annotations.Nullable;

/**
 * Bouncy Castle's protocol over the crypto providers that the JVM has; its own provider is several
 * times slower.
 *
 * <p>Signatures of RSA with PSS have a name of their own in Bouncy Castle, {@code
 * SHA256withRSAandMGF1}, which the JVM's providers do not know; theirs is {@code RSASSA-PSS} for
 * all hashes. The hash is in the parameters, which Bouncy Castle always sets.
 *
 * <p>Nonces come straight from the source of randomness. Bouncy Castle stirs the time into them,
 * which adds nothing to a good source, and takes from a simulation that the same seed gives the
 * same bytes.
 */
final class JvmCrypto extends JcaTlsCrypto {
  private static final String PSS_OF_BOUNCY_CASTLE = "WITHRSAANDMGF1";
  private static final String PSS = "RSASSA-PSS";

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

  @Override
  protected TlsStreamSigner createStreamSigner(
      JcaJceHelper helper,
      String algorithm,
      @Nullable AlgorithmParameterSpec parameter,
      PrivateKey key,
      @Nullable SecureRandom random)
      throws GeneralSecurityException {
    return super.createStreamSigner(helper, jvmName(algorithm), parameter, key, random);
  }

  @Override
  protected TlsStreamVerifier createStreamVerifier(
      String algorithm, @Nullable AlgorithmParameterSpec parameter, byte[] signature, PublicKey key)
      throws IOException {
    return super.createStreamVerifier(jvmName(algorithm), parameter, signature, key);
  }

  private static String jvmName(String algorithm) {
    return algorithm.endsWith(PSS_OF_BOUNCY_CASTLE) ? PSS : algorithm;
  }
}
