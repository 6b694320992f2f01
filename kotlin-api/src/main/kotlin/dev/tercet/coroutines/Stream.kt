package dev.tercet.coroutines

/**
 * A byte stream in both directions. The directions are independent: one coroutine may send while another receives.
 *
 * A stream of your own can delegate: `class Rot13Stream(transport: Stream) : Stream by transport`. The `ByteArray` forms are extensions, so
 * what you override is all that is ever called.
 */
public interface Stream :
    SendStream,
    ReceiveStream
