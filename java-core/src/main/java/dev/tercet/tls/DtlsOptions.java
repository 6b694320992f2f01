package dev.tercet.tls;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The options that clients and servers of DTLS have in common. */
record DtlsOptions(
    List<String> alpn, @Nullable Duration handshakeTimeout, boolean sendCloseNotify) {
  /** Longer than any honest handshake, also on a bad network. */
  private static final Duration DEFAULT_HANDSHAKE_TIMEOUT = Duration.ofSeconds(60);

  static final DtlsOptions DEFAULT = new DtlsOptions(List.of(), DEFAULT_HANDSHAKE_TIMEOUT, true);

  DtlsOptions withAlpn(List<String> protocols) {
    return new DtlsOptions(TlsOptions.checkedAlpn(protocols), handshakeTimeout, sendCloseNotify);
  }

  DtlsOptions withHandshakeTimeout(@Nullable Duration timeout) {
    return new DtlsOptions(alpn, TlsOptions.checkedTimeout(timeout), sendCloseNotify);
  }

  DtlsOptions withSendCloseNotify(boolean send) {
    return new DtlsOptions(alpn, handshakeTimeout, send);
  }

  @Override
  public String toString() {
    return alpn.isEmpty() ? "" : ", alpn=" + alpn;
  }
}
