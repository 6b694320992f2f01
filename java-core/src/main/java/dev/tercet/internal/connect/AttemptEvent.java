package dev.tercet.internal.connect;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** An attempt to connect, in a flight recording. Only {@link AttemptEvents} may name this class. */
@Name("dev.tercet.ConnectAttempt")
@Label("Connect Attempt")
@Description("One address of a connect: how long it took, and how it ended")
@Category("Tercet")
@StackTrace(false)
final class AttemptEvent extends Event {
  @Label("Host")
  String host = "";

  @Label("Address")
  String address = "";

  @Label("Place in the Order")
  String why = "";

  @Label("Outcome")
  String outcome = "";

  @Label("Error")
  @Description("What the system said")
  @Nullable String error;
}
