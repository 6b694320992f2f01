/** Tercet for Kotlin coroutines: suspending streams, sockets and nurseries. */
@SuppressWarnings("module") // the module that internals are exported to is compiled later
module dev.tercet.coroutines {
  requires transitive dev.tercet.core;
  requires transitive kotlin.stdlib;
  requires transitive kotlinx.coroutines.core;

  exports dev.tercet.coroutines;
  exports dev.tercet.coroutines.adapt;
  exports dev.tercet.coroutines.internal to
      dev.tercet.testing;
}
