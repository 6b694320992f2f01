package dev.tercet.internal.tls;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/**
 * The end of an established TLS session, in a flight recording. Only {@link TlsEvents} may name
 * this class.
 */
@Name("dev.tercet.TlsEnd")
@Label("TLS End")
@Description("An established TLS session has ended: by whom, and with which last words")
@Category("Tercet")
@StackTrace(false)
final class TlsEndEvent extends Event {
  @Label("Peer")
  @Description("Null when the stream below is no socket")
  @Nullable String peer;

  @Label("Host")
  @Description("The name that the server had to have")
  @Nullable String host;

  @Label("Our Role")
  String role = "";

  @Label("Reason")
  String reason = "";

  @Label("close_notify Sent")
  boolean closeNotifySent;

  @Label("close_notify Received")
  boolean closeNotifyReceived;

  @Label("Alert of the Peer")
  @Nullable String alert;

  @Label("Error")
  @Nullable String error;
}
