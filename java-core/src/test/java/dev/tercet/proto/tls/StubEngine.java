package dev.tercet.proto.tls;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/** What engines of the tests have no use for. */
abstract class StubEngine extends SSLEngine {
  static final byte CHANGE_CIPHER_SPEC = 20;

  static final byte ALERT = 21;
  static final byte HANDSHAKE = 22;
  static final byte DATA = 23;
  static final int HEADER = 5;

  private final boolean client;

  StubEngine(boolean client) {
    this.client = client;
  }

  static byte[] record(byte type, byte... content) {
    byte[] record = new byte[HEADER + content.length];
    record[0] = type;
    record[1] = 3;
    record[2] = 3;
    record[3] = (byte) (content.length >> 8);
    record[4] = (byte) content.length;
    System.arraycopy(content, 0, record, HEADER, content.length);
    return record;
  }

  @Override
  public SSLParameters getSSLParameters() {
    return new SSLParameters();
  }

  @Override
  public String[] getSupportedCipherSuites() {
    return new String[0];
  }

  @Override
  public String[] getEnabledCipherSuites() {
    return new String[0];
  }

  @Override
  public void setEnabledCipherSuites(String[] suites) {}

  @Override
  public String[] getSupportedProtocols() {
    return new String[] {"TLSv1.3"};
  }

  @Override
  public String[] getEnabledProtocols() {
    return new String[0];
  }

  @Override
  public void setEnabledProtocols(String[] protocols) {}

  @Override
  public void setUseClientMode(boolean mode) {}

  @Override
  public boolean getUseClientMode() {
    return client;
  }

  @Override
  public void setNeedClientAuth(boolean need) {}

  @Override
  public boolean getNeedClientAuth() {
    return false;
  }

  @Override
  public void setWantClientAuth(boolean want) {}

  @Override
  public boolean getWantClientAuth() {
    return false;
  }

  @Override
  public void setEnableSessionCreation(boolean flag) {}

  @Override
  public boolean getEnableSessionCreation() {
    return true;
  }
}
