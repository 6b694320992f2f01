package dev.tercet.samples.tcat

import dev.tercet.coroutines.openTcpStream
import dev.tercet.coroutines.testing.memoryStreamOneWayPair
import dev.tercet.coroutines.testing.runIoTest
import dev.tercet.coroutines.use
import dev.tercet.testing.simulation.ConnectAnswer
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import java.io.ByteArrayOutputStream
import java.io.InputStream
import java.io.PrintStream
import java.nio.ByteBuffer
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class ProgressSpec :
    FunSpec({
        /** Reads so many bytes of stdin. */
        fun Progress.read(bytes: Int) = runIoTest {
            val (send, receive) = memoryStreamOneWayPair()
            send.sendAll(ByteBuffer.allocate(bytes))
            over(receive).receiveSome(ByteBuffer.allocate(bytes)) shouldBe bytes
        }

        test("stdin is a file: a bar, per cent, the rate, and the time that is left") {
            val progress = Progress(4_000_000)
            progress.read(1_000_000)
            progress.line(2.seconds, 1_000_000, 0) shouldBe "[===>        ]  25 % of 3.8 MiB, 488.3 KiB/s, 6 s left"
            progress.read(1_000_000)
            progress.line(4.seconds, 2_000_000, 12) shouldBe "[======>     ]  50 % of 3.8 MiB, received 12 B, 488.3 KiB/s, 4 s left"
        }

        test("the rate is that of the last five seconds: what has stalled says so, and long times are coarse") {
            val progress = Progress(1_000_000_000)
            progress.read(1_000_000)
            progress.line(1.seconds, 1_000_000, 0) shouldContain "16 min left"
            progress.read(100)
            progress.line(3.seconds, 1_000_100, 0) shouldContain "49 min left"
            for (second in 4..8) progress.line(second.seconds, 1_000_100, 0)
            progress.line(9.seconds, 1_000_100, 0) shouldBe "[>           ]   0 % of 953.7 MiB, 0 B/s, stalled"
        }

        test("stdin is no file, or was read to its end: what was moved") {
            Progress(null).line(3.seconds, 300, 30) shouldBe "sent 300 B, received 30 B in 3 s, 110 B/s"
            val progress = Progress(10)
            progress.read(10)
            progress.line(2.seconds, 10, 0) shouldBe "sent 10 B, received 0 B in 2 s, 5 B/s"
        }

        test("it is shown after two seconds, and erased at the end; to nobody when the conversation is held at the terminal") {
            val watched = StandardStreams(stderrIsTerminal = true, stdoutIsTerminal = true)
            for ((streams, sees) in listOf(watched to true, watched.copy(stdinIsTerminal = true) to false, StandardStreams() to false)) {
                runIoTest {
                    network.onConnect("192.0.2.1", ConnectAnswer.accept())
                    val stderr = ByteArrayOutputStream()
                    val host = Host(InputStream.nullInputStream(), stderr, PrintStream(stderr), { error("no signals") }, streams)
                    openTcpStream("192.0.2.1", 1).use { stream ->
                        val showing = launch { showProgress(Progress(null), stream, host) }
                        delay(1999.milliseconds)
                        stderr.size() shouldBe 0
                        delay(1002.milliseconds)
                        showing.cancelAndJoin()
                    }
                    host.close()
                    val lines = stderr.toString().split("\r").drop(1)
                    lines.size shouldBe if (sees) 3 else 0
                    if (sees) lines[1] shouldStartWith "sent 0 B, received 0 B in 0 s, "
                    if (sees) lines[2] shouldBe "\u001b[K"
                }
            }
        }
    })
