package dev.tercet.internal.dtls.bouncycastle;

import dev.tercet.proto.tls.TlsAlert;
import dev.tercet.tls.DtlsInfo;
import org.bouncycastle.tls.AlertLevel;
import org.jspecify.annotations.Nullable;

/**
 * What Bouncy Castle has told its peer object: the last alert that came, and at the end of the
 * handshake the facts. Whoever has the turn touches it.
 */
final class EngineReport {
  private int alertLevel = -1;
  private int alertDescription = -1;
  private @Nullable DtlsInfo info;

  /** Notes an alert. */
  void alert(int level, int description) {
    alertLevel = level;
    alertDescription = description;
  }

  /** Whether it was this one. */
  boolean isAlert(int level, int description) {
    return alertLevel == level && alertDescription == description;
  }

  /** Whether it ends the connection. */
  boolean isAlertFatal() {
    return alertLevel == AlertLevel.fatal;
  }

  /** What it is called. */
  String alertName() {
    return TlsAlert.nameOf(alertDescription);
  }

  /** Notes the facts. */
  void complete(DtlsInfo facts) {
    info = facts;
  }

  /** The facts of a handshake that has ended well. */
  DtlsInfo info() {
    if (info == null) {
      throw new IllegalStateException("the handshake is not over");
    }
    return info;
  }
}
