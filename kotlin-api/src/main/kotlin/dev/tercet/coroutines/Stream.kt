package dev.tercet.coroutines

/**
 * A byte stream in both directions. The directions are independent: one coroutine may send while another receives.
 *
 * A custom stream can delegate: `class Rot13Stream(transport: Stream) : Stream by transport`. The `ByteArray` forms are extensions, so they
 * call the overridden functions.
 */
public interface Stream :
    SendStream,
    ReceiveStream
