/**
 * The Java core of Tercet: streams, sockets, the event loop, and the blocking API.
 *
 * <p>{@code proto} and {@code internal} packages are exported to Tercet's own modules only.
 */
@org.jspecify.annotations.NullMarked
@SuppressWarnings("module") // the modules that internals are exported to are compiled later
module dev.tercet.core {
  requires static transitive org.jspecify;
  requires static jdk.jfr; // events
  requires static java.management; // is -Xrs given?
  requires static jdk.unsupported; // signals
  requires static org.bouncycastle.tls; // DTLS
  requires static org.bouncycastle.provider; // DTLS

  exports dev.tercet;
  exports dev.tercet.dial;
  exports dev.tercet.dtls;
  exports dev.tercet.net;
  exports dev.tercet.serve;
  exports dev.tercet.loop;
  exports dev.tercet.signal;
  exports dev.tercet.socket;
  exports dev.tercet.stream;
  exports dev.tercet.task;
  exports dev.tercet.tls;
  exports dev.tercet.proto to
      dev.tercet.coroutines,
      dev.tercet.testing;
  exports dev.tercet.proto.dtls to
      dev.tercet.coroutines,
      dev.tercet.testing;
  exports dev.tercet.proto.race to
      dev.tercet.coroutines,
      dev.tercet.testing;
  exports dev.tercet.proto.tls to
      dev.tercet.coroutines,
      dev.tercet.testing;
  exports dev.tercet.proto.serve to
      dev.tercet.coroutines,
      dev.tercet.testing;
  exports dev.tercet.internal.serve to
      dev.tercet.coroutines,
      dev.tercet.testing;
  exports dev.tercet.internal.tls to
      dev.tercet.coroutines,
      dev.tercet.testing;
  exports dev.tercet.internal.text to
      dev.tercet.coroutines,
      dev.tercet.testing;
  exports dev.tercet.internal.signal to
      dev.tercet.coroutines,
      dev.tercet.testing;
  exports dev.tercet.internal.task to
      dev.tercet.coroutines,
      dev.tercet.testing;
  exports dev.tercet.internal.load to
      dev.tercet.coroutines,
      dev.tercet.testing;
  exports dev.tercet.internal.loop to
      dev.tercet.coroutines,
      dev.tercet.testing;
  exports dev.tercet.internal.dtls to
      dev.tercet.coroutines,
      dev.tercet.testing;
  exports dev.tercet.internal.dial to
      dev.tercet.coroutines,
      dev.tercet.testing;
  exports dev.tercet.internal.net to
      dev.tercet.coroutines,
      dev.tercet.testing;
  exports dev.tercet.internal.names to
      dev.tercet.coroutines,
      dev.tercet.testing;
  exports dev.tercet.internal.nio to
      dev.tercet.coroutines,
      dev.tercet.testing;
}
