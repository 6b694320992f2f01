package dev.tercet.proto.tls;

import java.lang.reflect.Proxy;
import java.security.cert.Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** The session of an engine that has none: what the machine asks for, and nothing else. */
final class StubSession {
  String protocol = "NONE";
  String suite = "SSL_NULL_WITH_NULL_NULL";
  int packetBytes = 2000;
  int applicationBytes = 2000;
  long createdMillis = Long.MAX_VALUE;

  /** Null for a peer that is not known: asking for it throws. */
  Certificate @Nullable [] peer = {};

  Certificate @Nullable [] local;

  /** How often it was invalidated. */
  int invalidated;

  /** What invalidating throws. */
  @Nullable RuntimeException onInvalidate;

  /** Keys are agreed on. */
  void open(String version) {
    protocol = version;
    suite = "NOTHING";
  }

  SSLSession proxy() {
    return (SSLSession)
        Proxy.newProxyInstance(
            StubSession.class.getClassLoader(),
            new Class<?>[] {SSLSession.class},
            (proxy, method, arguments) -> answer(method.getName()));
  }

  private @Nullable Object answer(String name) throws SSLPeerUnverifiedException {
    return switch (name) {
      case "getProtocol" -> protocol;
      case "getCipherSuite" -> suite;
      case "getPacketBufferSize" -> packetBytes;
      case "getApplicationBufferSize" -> applicationBytes;
      case "getCreationTime" -> createdMillis;
      case "getLocalCertificates" -> local;
      case "getPeerCertificates" -> {
        if (peer == null) {
          throw new SSLPeerUnverifiedException("nobody");
        }
        yield peer;
      }
      case "invalidate" -> {
        invalidated++;
        if (onInvalidate != null) {
          throw onInvalidate;
        }
        yield null;
      }
      default -> throw new UnsupportedOperationException(name);
    };
  }
}
