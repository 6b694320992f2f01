package dev.tercet.internal.dtls.bouncycastle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import org.bouncycastle.tls.DigitallySigned;
import org.bouncycastle.tls.SignatureScheme;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.crypto.TlsStreamSigner;
import org.bouncycastle.tls.crypto.TlsStreamVerifier;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsRSAPSSSigner;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsRSAPSSVerifier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JvmCryptoTest {
  /** A suite that is offered and cannot be spoken would end handshakes that need not end. */
  @Test
  void dtlsL13_onlySuitesAreOfferedThatTheJvmsProvidersCanSpeak() {
    JvmCrypto crypto = new JvmCrypto(new SecureRandom());
    int[] all = Suites.all();
    assertArrayEquals(all, TlsUtils.getSupportedCipherSuites(crypto, all));
    assertTrue(all.length >= 4);
  }

  /** OpenSSL signs so with every RSA key. */
  @ParameterizedTest
  @ValueSource(
      ints = {
        SignatureScheme.rsa_pss_rsae_sha256,
        SignatureScheme.rsa_pss_rsae_sha384,
        SignatureScheme.rsa_pss_rsae_sha512
      })
  void dtlsL13_rsaKeysSignWithPssByTheProvidersOfTheJvm(int scheme) throws IOException {
    JvmCrypto crypto = new JvmCrypto(new SecureRandom());
    byte[] message = "said in a handshake".getBytes(StandardCharsets.UTF_8);
    TlsStreamSigner signer =
        new JcaTlsRSAPSSSigner(crypto, Identities.RSA.key(), scheme)
            .getStreamSigner(SignatureScheme.getSignatureAndHashAlgorithm(scheme));
    signer.getOutputStream().write(message);
    DigitallySigned signed =
        new DigitallySigned(
            SignatureScheme.getSignatureAndHashAlgorithm(scheme), signer.getSignature());
    TlsStreamVerifier verifier =
        new JcaTlsRSAPSSVerifier(crypto, Identities.RSA.chain().get(0).getPublicKey(), scheme)
            .getStreamVerifier(signed);
    verifier.getOutputStream().write(message);
    assertTrue(verifier.isVerified());
  }
}
