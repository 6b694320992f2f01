/** Tercet for Kotlin coroutines: suspending streams, sockets and nurseries. */
module dev.tercet.coroutines {
  requires transitive dev.tercet.core;
  requires transitive kotlin.stdlib;
  requires transitive kotlinx.coroutines.core;

  exports dev.tercet.coroutines;
  exports dev.tercet.coroutines.stream;
}
