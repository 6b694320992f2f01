package dev.tercet.benchmarks.contender;

import dev.tercet.benchmarks.tls.BenchContexts;
import java.io.IOException;
import java.security.cert.Certificate;
import org.eclipse.californium.elements.RawData;
import org.eclipse.californium.elements.config.CertificateAuthenticationMode;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.cipher.CipherSuite;
import org.eclipse.californium.scandium.dtls.x509.SingleCertificateProvider;

/** Eclipse Californium's DTLS, with one thread to receive and one to work, as for one core. */
public final class ScandiumContender implements Contender {
  /** Makes one. */
  public ScandiumContender() {}

  @Override
  public int serve(Work work) throws IOException {
    DtlsConfig.register();
    Certificate[] chain = {BenchContexts.certificate()};
    DtlsConnectorConfig config =
        DtlsConnectorConfig.builder(new Configuration())
            .setAddress(Contender.anyPort())
            .set(DtlsConfig.DTLS_ROLE, DtlsConfig.DtlsRole.SERVER_ONLY)
            .set(DtlsConfig.DTLS_CLIENT_AUTHENTICATION_MODE, CertificateAuthenticationMode.NONE)
            .setAsList(
                DtlsConfig.DTLS_CIPHER_SUITES, CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256)
            .set(DtlsConfig.DTLS_RECOMMENDED_CIPHER_SUITES_ONLY, false)
            .set(DtlsConfig.DTLS_RECEIVER_THREAD_COUNT, 1)
            .set(DtlsConfig.DTLS_CONNECTOR_THREAD_COUNT, 1)
            .setCertificateIdentityProvider(
                new SingleCertificateProvider(BenchContexts.privateKey(), chain))
            .build();
    DTLSConnector connector = new DTLSConnector(config);
    connector.setRawDataReceiver(
        received -> {
          byte[] bytes = received.getBytes();
          if (DatagramAnswers.wanted(work, bytes[0])) {
            connector.send(RawData.outbound(bytes, received.getEndpointContext(), null, false));
          }
        });
    connector.start();
    return connector.getAddress().getPort();
  }
}
