package dev.tercet.internal.dtls;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A handshake of DTLS, in a flight recording. Only {@link DtlsEvents} may name this class. */
@Name("dev.tercet.DtlsHandshake")
@Label("DTLS Handshake")
@Description("One handshake of DTLS: with whom, how long it took, and how it ended")
@Category("Tercet")
@StackTrace(false)
final class HandshakeEvent extends Event {
  @Label("Peer")
  String peer = "";

  @Label("Our Role")
  String role = "";

  @Label("Outcome")
  String outcome = "";

  @Label("Version")
  @Nullable String version;

  @Label("Cipher Suite")
  @Nullable String cipherSuite;

  @Label("Resumed")
  boolean isResumed;

  @Label("Retransmissions of Ours")
  long retransmits;

  @Label("Error")
  @Nullable String error;
}
