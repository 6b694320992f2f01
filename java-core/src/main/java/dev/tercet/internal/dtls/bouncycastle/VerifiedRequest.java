package dev.tercet.internal.dtls.bouncycastle;

import dev.tercet.proto.dtls.ClientHello;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.jcajce.util.DefaultJcaJceHelper;
import org.bouncycastle.tls.DTLSRequest;
import org.bouncycastle.tls.DTLSVerifier;
import org.bouncycastle.tls.DatagramSender;
import org.bouncycastle.tls.crypto.TlsHMAC;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCrypto;
import org.jspecify.annotations.Nullable;

/**
 * Makes Bouncy Castle's server begin with a hello that our cookie gate has accepted.
 *
 * <p><b>The problem.</b> Its server takes the second hello only as a {@code DTLSRequest}, and those
 * come only from its own {@code DTLSVerifier}, whose cookies have no salt, no age, and a key of its
 * own. The cookie is in the transcript, so it cannot be exchanged for one that the verifier likes.
 *
 * <p><b>The strategy.</b> The verifier compares the cookie with what a MAC gives, and gets the MAC
 * from the crypto object that it was made with. Ours gives it the very cookie that the hello has:
 * the decision was made before, by {@link dev.tercet.proto.dtls.CookieGate}.
 *
 * <p>Bouncy Castle counts its own records on from the number of the request. The number on the wire
 * is the client's choice, so the request has number 0.
 */
final class VerifiedRequest {
  /** In the header of a record, behind type, version and epoch. */
  private static final int NUMBER_AT = 5;

  private static final int NUMBER_BYTES = 6;

  private VerifiedRequest() {}

  /** Makes a request, null when Bouncy Castle does not accept the hello for another reason. */
  static @Nullable DTLSRequest of(ClientHello hello, SecureRandom random) {
    byte[] record = hello.record().clone();
    Arrays.fill(record, NUMBER_AT, NUMBER_AT + NUMBER_BYTES, (byte) 0);
    return new DTLSVerifier(new AgreeingCrypto(random, hello.cookie()))
        .verifyRequest(new byte[0], record, 0, record.length, new SendingNothing());
  }

  private static final class SendingNothing implements DatagramSender {
    @Override
    public int getSendLimit() {
      return 0;
    }

    @Override
    public void send(byte[] buffer, int offset, int length) {}
  }

  private static final class AgreeingCrypto extends JcaTlsCrypto {
    private final byte[] cookie;

    AgreeingCrypto(SecureRandom random, byte[] cookie) {
      super(new DefaultJcaJceHelper(), random, random);
      this.cookie = cookie;
    }

    @Override
    public TlsHMAC createHMAC(int algorithm) {
      return new AgreeingMac(cookie);
    }
  }

  private static final class AgreeingMac implements TlsHMAC {
    private final byte[] cookie;

    AgreeingMac(byte[] cookie) {
      this.cookie = cookie;
    }

    @Override
    public void setKey(byte[] key, int offset, int length) {}

    @Override
    public void update(byte[] input, int offset, int length) {}

    @Override
    public byte[] calculateMAC() {
      return cookie.clone();
    }

    @Override
    public void calculateMAC(byte[] output, int offset) {
      System.arraycopy(cookie, 0, output, offset, cookie.length);
    }

    @Override
    public int getMacLength() {
      return cookie.length;
    }

    @Override
    public int getInternalBlockSize() {
      return 64;
    }

    @Override
    public void reset() {}
  }
}
