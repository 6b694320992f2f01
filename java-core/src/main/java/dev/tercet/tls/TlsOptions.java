package dev.tercet.tls;

import dev.tercet.internal.text.Durations;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The options that clients and servers have in common. */
record TlsOptions(
    List<String> alpn,
    Set<TlsVersion> versions,
    boolean httpsCompatible,
    @Nullable Duration handshakeTimeout,
    @Nullable EngineConfigurer configurer) {
  /** A handshake takes a second on a bad network; a peer that speaks no TLS is silent for ever. */
  private static final Duration DEFAULT_HANDSHAKE_TIMEOUT = Duration.ofSeconds(30);

  static final TlsOptions DEFAULT =
      new TlsOptions(
          List.of(), EnumSet.allOf(TlsVersion.class), false, DEFAULT_HANDSHAKE_TIMEOUT, null);

  /** RFC 7301, section 3.1. */
  private static final int MAX_ALPN_BYTES = 255;

  TlsOptions {
    alpn = List.copyOf(alpn);
    versions = Set.copyOf(versions);
  }

  TlsOptions withAlpn(List<String> protocols) {
    return new TlsOptions(
        checkedAlpn(protocols), versions, httpsCompatible, handshakeTimeout, configurer);
  }

  /** A copy, if each name is one (RFC 7301). */
  static List<String> checkedAlpn(List<String> protocols) {
    for (String protocol : protocols) {
      int length = protocol.getBytes(StandardCharsets.UTF_8).length;
      if (length < 1 || length > MAX_ALPN_BYTES) {
        throw new IllegalArgumentException(
            "the name of a protocol has 1 to 255 bytes, not " + length + ": \"" + protocol + "\"");
      }
    }
    return List.copyOf(protocols);
  }

  TlsOptions withVersions(List<TlsVersion> chosen) {
    if (chosen.isEmpty()) {
      throw new IllegalArgumentException("at least one version of TLS is needed");
    }
    return new TlsOptions(
        alpn, EnumSet.copyOf(chosen), httpsCompatible, handshakeTimeout, configurer);
  }

  TlsOptions withHttpsCompatible(boolean compatible) {
    return new TlsOptions(alpn, versions, compatible, handshakeTimeout, configurer);
  }

  TlsOptions withHandshakeTimeout(@Nullable Duration timeout) {
    return new TlsOptions(alpn, versions, httpsCompatible, checkedTimeout(timeout), configurer);
  }

  /** The same, if it is none or a positive one. */
  static @Nullable Duration checkedTimeout(@Nullable Duration timeout) {
    if (timeout != null && (timeout.isNegative() || timeout.isZero())) {
      throw new IllegalArgumentException(
          "the timeout must be more than zero, not " + Durations.text(timeout));
    }
    return timeout;
  }

  TlsOptions withConfigurer(@Nullable EngineConfigurer with) {
    return new TlsOptions(alpn, versions, httpsCompatible, handshakeTimeout, with);
  }

  /** Whether a session that was made with the one may be resumed with the other. */
  boolean asksTheSameAs(TlsOptions other) {
    return versions.equals(other.versions) && configurer == other.configurer;
  }

  @Override
  public String toString() {
    return "versions="
        + versions.stream().sorted().map(TlsVersion::protocolName).toList()
        + (alpn.isEmpty() ? "" : ", alpn=" + alpn)
        + (httpsCompatible ? ", httpsCompatible" : "");
  }
}
