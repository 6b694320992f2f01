package dev.tercet.internal.nio;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * A back-off of a listener, in a flight recording. Only {@link AcceptPause} may name this class.
 */
@Name("dev.tercet.AcceptPause")
@Label("Accept Pause")
@Description("A listener has paused after an error of accept: for how long, and why")
@Category("Tercet")
@StackTrace(false)
final class AcceptPauseEvent extends Event {
  @Label("Listener")
  String listener = "";

  @Label("Error")
  @Description("What accept, or the start of a handler, has failed with")
  String error = "";
}
