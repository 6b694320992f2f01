package dev.tercet.internal.serve;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/**
 * A connection that a server has served, in a flight recording. Only {@link ServeEvents} may name
 * this class.
 */
@Name("dev.tercet.ServedConnection")
@Label("Served Connection")
@Description("A connection of a server: with whom, how long its handler ran, and how it ended")
@Category("Tercet")
@StackTrace(false)
final class ServedConnectionEvent extends Event {
  @Label("Listener")
  String listener = "";

  @Label("Peer")
  @Nullable String peer;

  @Label("Outcome")
  @Description("As ServeReport counts it")
  String outcome = "";

  @Label("Error")
  @Description("What the handler threw, or why the server cancelled it")
  @Nullable String error;
}
