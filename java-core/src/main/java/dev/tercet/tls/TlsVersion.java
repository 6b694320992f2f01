package dev.tercet.tls;

/** A supported version of TLS. Older versions are insecure and cannot be enabled. */
public enum TlsVersion {
  /** RFC 5246. */
  TLS_1_2("TLSv1.2"),
  /** RFC 8446. */
  TLS_1_3("TLSv1.3");

  private final String protocolName;

  TlsVersion(String protocolName) {
    this.protocolName = protocolName;
  }

  /**
   * The JDK's name of it.
   *
   * @return as in {@code SSLSession.getProtocol}
   */
  public String protocolName() {
    return protocolName;
  }
}
