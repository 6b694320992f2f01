package dev.tercet.coroutines.testing

import dev.tercet.BrokenResourceException
import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.coroutines.HalfCloseableStream
import dev.tercet.coroutines.sendAll
import java.io.IOException
import java.nio.ByteBuffer

internal val twoWayMutants =
    listOf(
        twoWayMutant("KIT-C42", "a stream that cannot do both directions") { below ->
            object : HalfCloseableStream by below {
                private var hasSent = false

                override suspend fun sendAll(data: ByteBuffer) {
                    hasSent = true
                    below.sendAll(data)
                }

                override suspend fun receiveSome(into: ByteBuffer): Int {
                    val start = into.position()
                    return below.receiveSome(into).also { if (hasSent && it > 0) into.put(start, 0) }
                }
            }
        },
        Mutant("KIT-C43", "a close that is Broken to the peer if nothing was ever sent") {
            checkTwoWayStream({
                val (left, right) = memoryStreamPair()
                var sent = false

                fun wrap(below: HalfCloseableStream) = object : HalfCloseableStream by below {
                    override suspend fun sendAll(data: ByteBuffer) {
                        sent = true
                        below.sendAll(data)
                    }

                    override suspend fun receiveSome(into: ByteBuffer): Int = below.receiveSome(into).also {
                        if (it == -1 && !sent) throw BrokenResourceException("a surprising end", null)
                    }
                }
                Pair(wrap(left), wrap(right))
            })
        },
        twoWayMutant("KIT-C59", "one latch for both directions") { below ->
            object : HalfCloseableStream by below {
                private var broken: BrokenResourceException? = null

                override suspend fun sendAll(data: ByteBuffer) = try {
                    below.sendAll(data)
                } catch (failure: BrokenResourceException) {
                    broken = failure
                    throw failure
                }

                override suspend fun receiveSome(into: ByteBuffer): Int {
                    broken?.let { throw it }
                    return below.receiveSome(into)
                }
            }
        },
        twoWayMutant("KIT-C54", "a close that wakes one of two") { below ->
            object : HalfCloseableStream by below {
                private var sends = 0
                private var both = false

                override suspend fun sendAll(data: ByteBuffer) {
                    sends++
                    try {
                        below.sendAll(data)
                    } finally {
                        sends--
                    }
                }

                override suspend fun receiveSome(into: ByteBuffer) = try {
                    below.receiveSome(into)
                } catch (closed: ClosedResourceException) {
                    if (both) -1 else throw closed
                }

                override fun closeForcefully() {
                    both = sends > 0
                    below.closeForcefully()
                }
            }
        },
    )

internal val halfCloseMutants =
    listOf(
        halfCloseMutant("KIT-C45", "a sendEof that sends more") { below ->
            object : HalfCloseableStream by below {
                private var isEnded = false

                override suspend fun sendEof() {
                    if (!isEnded) below.sendAll(bytesOf("!"))
                    isEnded = true
                    below.sendEof()
                }
            }
        },
        halfCloseMutant("KIT-C45", "a sendEof that does nothing") { below ->
            object : HalfCloseableStream by below {
                override suspend fun sendEof() = Unit
            }
        },
        halfCloseMutant("KIT-C46", "a send after sendEof that passes") { below ->
            object : HalfCloseableStream by below {
                private var isEnded = false

                override suspend fun sendAll(data: ByteBuffer) {
                    if (!isEnded) below.sendAll(data)
                }

                override suspend fun sendEof() {
                    isEnded = true
                    below.sendEof()
                }
            }
        },
        halfCloseMutant("KIT-C47", "a second sendEof that fails") { below ->
            object : HalfCloseableStream by below {
                private var ends = 0

                override suspend fun sendEof() {
                    below.sendEof()
                    if (++ends > 1) throw IOException("ended already")
                }
            }
        },
        halfCloseMutant("KIT-C48", "a sendEof that closes both directions") { below ->
            object : HalfCloseableStream by below {
                override suspend fun sendEof() = below.close()
            }
        },
        cloggedHalfCloseMutant("KIT-C49", "a sendEof during a send that closes") { it },
        cloggedHalfCloseMutant("KIT-C50", "a sendEof during a wait to send that closes") { below ->
            object : HalfCloseableStream by below {
                private var sends = 0

                override suspend fun sendAll(data: ByteBuffer) {
                    sends++
                    try {
                        below.sendAll(data)
                    } finally {
                        sends--
                    }
                }

                override suspend fun sendEof() {
                    if (sends > 0) throw BusyResourceException("another task is sending")
                    below.sendEof()
                }
            }
        },
    )
