package dev.tercet.internal.tls;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A handshake of TLS, in a flight recording. Only {@link TlsEvents} may name this class. */
@Name("dev.tercet.TlsHandshake")
@Label("TLS Handshake")
@Description("One handshake of TLS: with whom, how long it took, and how it ended")
@Category("Tercet")
@StackTrace(false)
final class TlsHandshakeEvent extends Event {
  @Label("Peer")
  @Description("Null when the stream below is no socket")
  @Nullable String peer;

  @Label("Host")
  @Description("The name that the server must have")
  @Nullable String host;

  @Label("Our Role")
  String role = "";

  @Label("Outcome")
  String outcome = "";

  @Label("Version")
  @Nullable String version;

  @Label("Cipher Suite")
  @Nullable String cipherSuite;

  @Label("Application Protocol")
  @Nullable String alpn;

  @Label("Resumed")
  boolean isResumed;

  @Label("Alert of the Peer")
  @Nullable String alert;

  @Label("Error")
  @Nullable String error;
}
