package dev.tercet.internal.dtls.bouncycastle;

import dev.tercet.proto.dtls.DtlsRecord;
import dev.tercet.proto.dtls.RecordProtection;
import dev.tercet.tls.DtlsInfo;
import dev.tercet.tls.TlsAlertException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Arrays;
import javax.net.ssl.SSLException;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.AlertLevel;
import org.bouncycastle.tls.DTLSTransport;

/**
 * Seals and opens records with Bouncy Castle's record layer, on the thread of who calls.
 *
 * <p>A record that is too short to be sealed would make that layer give up the connection; anybody
 * can send one, so it is dropped before. The layer has no call for an alert: it notes them at the
 * peer object, tells of a fatal one with an exception, and answers close_notify by itself.
 *
 * <p>It is told to wait for ever, and does not: the transport throws when it has nothing more. Told
 * to wait a millisecond, it would look at the wall clock, and say the same of close_notify that
 * took longer as of junk.
 *
 * <p>All suites are AEAD, so sealing adds the same to every message, and the length of a message is
 * known before it is opened.
 */
final class BouncyCastleProtection implements RecordProtection {
  private static final Opened NOTHING = new Opened(Content.NOTHING, null);

  private final DTLSTransport layer;
  private final EngineTransport transport;
  private final EngineReport report;
  private final boolean answersCloseNotify;
  private final int overheadBytes;

  BouncyCastleProtection(
      DTLSTransport layer,
      EngineTransport transport,
      EngineReport report,
      boolean answersCloseNotify)
      throws IOException {
    this.layer = layer;
    this.transport = transport;
    this.report = report;
    this.answersCloseNotify = answersCloseNotify;
    int datagramBytes = 1000;
    transport.limitSending(datagramBytes);
    overheadBytes = datagramBytes - layer.getSendLimit();
    transport.limitSending(null);
  }

  @Override
  public Opened open(DtlsRecord record) {
    byte[] bytes = record.bytes();
    if (bytes.length < overheadBytes) {
      return NOTHING;
    }
    transport.put(bytes);
    // The layer takes no empty array, though a message can be empty.
    byte[] data = new byte[Math.max(1, bytes.length - overheadBytes)];
    try {
      int length = layer.receive(data, 0, data.length, BouncyCastleEngine.NEVER_MILLIS);
      if (length < 0) {
        return NOTHING;
      }
      return new Opened(Content.DATA, length == data.length ? data : Arrays.copyOf(data, length));
    } catch (InterruptedIOException e) {
      if (!report.isAlert(AlertLevel.warning, AlertDescription.close_notify)) {
        return NOTHING;
      }
      // The layer has made an answer, whether it is wanted or not.
      byte[] answer = transport.takeLastSent();
      return new Opened(Content.CLOSE_NOTIFY, answersCloseNotify ? answer : null);
    } catch (IOException e) {
      // The layer skips what does not open, so this is for good.
      return report.isAlertFatal()
          ? new Opened(Content.FATAL_ALERT, null, new TlsAlertException(report.alertName(), e))
          : new Opened(Content.BROKEN, null, new SSLException("the record layer has failed", e));
    }
  }

  @Override
  public byte[] seal(byte[] data) {
    try {
      layer.send(data, 0, data.length);
    } catch (IOException e) {
      throw new IllegalStateException("sealing " + data.length + " bytes", e);
    }
    return transport.takeLastSent();
  }

  @Override
  public byte[] closeNotify() {
    try {
      layer.close();
    } catch (IOException e) {
      throw new IllegalStateException("sealing close_notify", e);
    }
    return transport.takeLastSent();
  }

  @Override
  public DtlsInfo info() {
    return report.info();
  }

  @Override
  public int cleartextBytes(int datagramBytes) {
    return Math.max(0, Math.min(datagramBytes - overheadBytes, DtlsRecord.MAX_PLAINTEXT_BYTES));
  }
}
