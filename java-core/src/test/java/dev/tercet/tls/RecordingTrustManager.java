package dev.tercet.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** A trust manager that writes down what it is asked, and refuses if it has a reason to. */
final class RecordingTrustManager extends X509ExtendedTrustManager {
  final List<String> asked = new ArrayList<>();
  private final X509Certificate[] issuers;
  @Nullable CertificateException refusal;

  RecordingTrustManager(X509Certificate... issuers) {
    this.issuers = issuers;
  }

  private void ask(String what, X509Certificate[] chain, String type) throws CertificateException {
    asked.add(what + " " + chain.length + " " + type);
    if (refusal != null) {
      throw refusal;
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    ask("server by engine", chain, authType);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    ask("client by engine", chain, authType);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    ask("server by socket", chain, authType);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    ask("client by socket", chain, authType);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    ask("server", chain, authType);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    ask("client", chain, authType);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return issuers;
  }

  /** Asks a manager above this one in each way, and says what has come through. */
  static List<String> askAll(
      X509ExtendedTrustManager above, X509Certificate[] chain, RecordingTrustManager below)
      throws Exception {
    SSLEngine engine = javax.net.ssl.SSLContext.getDefault().createSSLEngine();
    try (Socket socket = new Socket()) {
      above.checkServerTrusted(chain, "a", engine);
      above.checkClientTrusted(chain, "b", engine);
      above.checkServerTrusted(chain, "c", socket);
      above.checkClientTrusted(chain, "d", socket);
    }
    above.checkServerTrusted(chain, "e");
    above.checkClientTrusted(chain, "f");
    return below.asked;
  }

  /** What must have come through. */
  static final List<String> ALL =
      List.of(
          "server by engine 1 a",
          "client by engine 1 b",
          "server by socket 1 c",
          "client by socket 1 d",
          "server 1 e",
          "client 1 f");
}
