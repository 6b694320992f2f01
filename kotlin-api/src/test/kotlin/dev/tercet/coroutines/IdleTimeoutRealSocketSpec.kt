@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.tercet.coroutines

import dev.tercet.proto.serve.IdleCount
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.StandardTestDispatcher
import kotlinx.coroutines.test.TestCoroutineScheduler
import kotlinx.coroutines.test.advanceTimeBy
import java.nio.ByteBuffer
import kotlin.time.Duration.Companion.milliseconds

/** The sockets are real; the time is the test's, so that a machine that stands still for a second makes nobody idle. */
class IdleTimeoutRealSocketSpec :
    FunSpec({
        test(
            "IO-SV10 an idle connection is cancelled after the idle time, or up to a quarter longer; one that moves a byte in time is not",
        ) {
            leakless {
                val idleTimeout = 300.milliseconds
                val scheduler = TestCoroutineScheduler()
                val server = CoroutineScope(StandardTestDispatcher(scheduler) + Job())

                /** Runs the client's part here and the server's in the time of the test, which stands still. */
                suspend fun <T> client(block: suspend () -> T): T = coroutineScope {
                    val work = async(Dispatchers.Default) { block() }
                    while (!work.isCompleted) {
                        scheduler.runCurrent()
                        delay(1.milliseconds)
                    }
                    work.await()
                }
                val started = CompletableDeferred<List<SocketListener>>()
                val serving =
                    server.launch {
                        serveTcp(0, "127.0.0.1", idleTimeout = idleTimeout, taskStatus = { started.complete(it) }) {
                            val buffer = ByteBuffer.allocate(100)
                            while (it.receiveSome(buffer.clear()) != -1) it.sendAll(buffer.flip())
                        }
                    }
                val port = client { started.await() }.single().port

                suspend fun echo(stream: SocketStream) = client {
                    stream.sendAll("x".buffer())
                    stream.receiveText() shouldBe "x"
                }

                suspend fun connect() = client { openTcpStream("127.0.0.1", port) }.also { echo(it) }
                val idle = connect()
                val seldom = connect()
                val busy = connect()
                for (look in 1..5 * IdleCount.LOOKS) {
                    scheduler.advanceTimeBy(idleTimeout / IdleCount.LOOKS)
                    scheduler.runCurrent()
                    // The first look learns where the count stands, so the idle time is over with the next four.
                    if (look == IdleCount.LOOKS + 1) client { idle.receiveText() } shouldBe null
                    if (look % IdleCount.LOOKS == 0) echo(seldom)
                    echo(busy)
                }
                client { serving.cancelAndJoin() }
                for (stream in listOf(idle, seldom, busy)) stream.close()
            }
        }
    })
