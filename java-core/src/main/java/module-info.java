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
  exports dev.tercet.blocking;
  exports dev.tercet.loop;
  exports dev.tercet.tls;
  exports dev.tercet.proto to
      dev.tercet.coroutines,
      dev.tercet.testing;
  exports dev.tercet.proto.dtls to
      dev.tercet.coroutines,
      dev.tercet.testing;
  exports dev.tercet.proto.connect to
      dev.tercet.coroutines,
      dev.tercet.testing;
  exports dev.tercet.proto.tls to
      dev.tercet.coroutines,
      dev.tercet.testing;
  exports dev.tercet.proto.serve to
      dev.tercet.coroutines,
      dev.tercet.testing;
  exports dev.tercet.internal.buffer to
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
  exports dev.tercet.internal.channel to
      dev.tercet.coroutines,
      dev.tercet.testing;
  exports dev.tercet.internal.thread to
      dev.tercet.coroutines,
      dev.tercet.testing;
  exports dev.tercet.internal.wait to
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
  exports dev.tercet.internal.connect to
      dev.tercet.coroutines,
      dev.tercet.testing;
  exports dev.tercet.internal.process to
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
