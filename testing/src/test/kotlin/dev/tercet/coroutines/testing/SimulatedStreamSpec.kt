package dev.tercet.coroutines.testing

import dev.tercet.coroutines.SocketStream
import dev.tercet.coroutines.moveOnAfter
import dev.tercet.coroutines.openTcpListeners
import dev.tercet.coroutines.openTcpStream
import dev.tercet.coroutines.sendAll
import dev.tercet.coroutines.use
import dev.tercet.support.Stress
import io.kotest.core.spec.style.FunSpec
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** The battery on TCP streams of a simulated network. */
class SimulatedStreamSpec :
    FunSpec({
        suspend fun pair(): Pair<SocketStream, SocketStream> = openTcpListeners(0, host = "192.0.2.1").single().use { listener ->
            openTcpStream("192.0.2.1", listener.port) to listener.accept()
        }

        /** Sends until sending waits. */
        suspend fun clog(stream: SocketStream) {
            while (!moveOnAfter(1.seconds) { stream.sendAll(ByteArray(4096)) }) continue
        }

        suspend fun clogged(): Pair<SocketStream, SocketStream> = pair().also {
            clog(it.first)
            clog(it.second)
        }

        for (seed in Stress.seed(SimulatedStreamSpec::class.java, 1).let { it until it + Stress.rounds(3, 200) }) {
            test("IO-SS11 simulated TCP streams keep the contract, seed $seed") {
                runIoTest(seed) {
                    checkHalfCloseableStream(::pair, ::clogged)
                    network.trace().assertNothingOpen()
                }
            }
        }
        test("IO-SS11 simulated TCP streams keep the contract, with jitter and tiny buffers") {
            runIoTest(4) {
                network.setLatency(1.milliseconds, 4.milliseconds)
                network.setBufferBytes(1000)
                checkHalfCloseableStream(::pair, ::clogged)
                network.trace().assertNothingOpen()
            }
        }
    })
