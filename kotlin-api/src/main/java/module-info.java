/** Tercet for Kotlin coroutines: suspending streams, sockets and nurseries. */
@SuppressWarnings("module") // the module that internals are exported to is compiled later
module dev.tercet.coroutines {
  requires transitive dev.tercet.core;
  requires transitive kotlin.stdlib;
  requires transitive kotlinx.coroutines.core;

  exports dev.tercet.coroutines;
  exports dev.tercet.coroutines.adapt;
  exports dev.tercet.coroutines.dtls;
  exports dev.tercet.coroutines.loop;
  exports dev.tercet.coroutines.net;
  exports dev.tercet.coroutines.signal;
  exports dev.tercet.coroutines.socket;
  exports dev.tercet.coroutines.stream;
  exports dev.tercet.coroutines.task;
  exports dev.tercet.coroutines.tls;
  exports dev.tercet.coroutines.internal to
      dev.tercet.testing;
}
