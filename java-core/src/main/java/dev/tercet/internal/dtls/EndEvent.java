package dev.tercet.internal.dtls;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/**
 * The end of an association of DTLS, in a flight recording. Only {@link DtlsEvents} may name this
 * class.
 */
@Name("dev.tercet.DtlsEnd")
@Label("DTLS End")
@Description("An established association of DTLS has ended: why, and what it has dropped")
@Category("Tercet")
@StackTrace(false)
final class EndEvent extends Event {
  @Label("Peer")
  String peer = "";

  @Label("Our Role")
  String role = "";

  @Label("Reason")
  String reason = "";

  @Label("Dropped: No Room")
  long overflowed;

  @Label("Dropped: Replayed")
  long replayed;

  @Label("Dropped: Forged or Damaged")
  long forged;

  @Label("Dropped: Malformed")
  long malformed;

  @Label("Error")
  @Nullable String error;
}
