package dev.tercet.coroutines

import dev.tercet.loop.EventLoop
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.longs.shouldBeGreaterThan
import io.kotest.matchers.longs.shouldBeLessThanOrEqual
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.yield
import java.io.IOException
import java.net.Socket
import java.nio.ByteBuffer
import kotlin.concurrent.thread
import kotlin.math.max

/** How long a loop may keep one connection waiting because of another: counted in its turns, since time is the machine's. */
class FairnessRealSocketSpec :
    FunSpec({
        test(
            "NUR-X26 a connection that never stops sending delays a hundred others by three turns of the loop at most, and each turn by 80 receives",
        ) {
            EventLoop.open("fair").use { loop ->
                fun turns() = loop.statistics().turns
                runOnLoop(loop) {
                    val listener = openTcpListeners(0, "127.0.0.1").single()
                    val peer = Socket("127.0.0.1", listener.port)
                    val flooded = listener.accept()
                    var receives = 0L
                    val sink = launch {
                        // Small, so that there is always more.
                        val buffer = ByteBuffer.allocateDirect(1024)
                        while (flooded.receiveSome(buffer.clear()) != -1) receives++
                    }
                    val flood = thread {
                        val data = ByteArray(1 shl 20)
                        try {
                            while (true) peer.getOutputStream().write(data)
                        } catch (_: IOException) {
                            // It was closed: the test is over.
                        }
                    }
                    val pairs = List(CONNECTIONS) { socketStreamPair() }
                    var longest = 0L
                    val receivers = pairs.map { (left, _) ->
                        launch {
                            val sentAt = ByteBuffer.allocate(Long.SIZE_BYTES)
                            repeat(ROUNDS) {
                                left.receiveSome(sentAt.clear())
                                longest = max(longest, turns() - sentAt.getLong(0))
                            }
                        }
                    }
                    while (receives < 100) yield()
                    val firstTurn = turns()
                    val firstReceive = receives
                    repeat(ROUNDS) {
                        for ((_, right) in pairs) right.sendAll(ByteBuffer.allocate(Long.SIZE_BYTES).putLong(0, turns()))
                        yield()
                    }
                    receivers.joinAll()
                    val tookTurns = turns() - firstTurn
                    withClue("the flood must be one") { receives - firstReceive shouldBeGreaterThan tookTurns }
                    withClue("turns that a message waited") { longest shouldBeLessThanOrEqual 3 }
                    withClue(
                        "receives of the flood in $tookTurns turns: 16 each time it runs, four times as a task and once for an event",
                    ) {
                        receives - firstReceive shouldBeLessThanOrEqual
                            80 * (tookTurns + 1)
                    }
                    peer.close()
                    flood.join()
                    sink.cancelAndJoin()
                    (pairs.flatMap { listOf(it.first, it.second) } + flooded).forEach { it.closeForcefully() }
                    listener.close()
                }
            }
        }
    }) {
    private companion object {
        const val CONNECTIONS = 100
        const val ROUNDS = 50
    }
}
