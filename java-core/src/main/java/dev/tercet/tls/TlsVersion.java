package dev.tercet.tls;

/** A version of TLS that may be used. Older ones are broken and cannot be switched on. */
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
   * The name that the JDK has for it.
   *
   * @return as in {@code SSLSession.getProtocol}
   */
  public String protocolName() {
    return protocolName;
  }
}
