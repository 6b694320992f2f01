package dev.tercet.samples.tcat

import dev.tercet.coroutines.testing.IoTestScope
import dev.tercet.coroutines.testing.memoryStreamPair
import dev.tercet.coroutines.testing.runIoTest
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import java.nio.ByteBuffer
import kotlin.time.AbstractLongTimeSource
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.DurationUnit

/** `--rate` in virtual time. */
class PaceSpec :
    FunSpec({
        fun IoTestScope.clock() = object : AbstractLongTimeSource(DurationUnit.MILLISECONDS) {
            override fun read() = now.inWholeMilliseconds
        }

        test("sending and receiving take their time, each for itself, and lose no byte") {
            runIoTest {
                val (here, there) = memoryStreamPair()
                val paced = Pace.over(here, 1600, clock())
                val data = ByteArray(3200) { it.toByte() }
                there.sendAll(ByteBuffer.wrap(data))
                launch {
                    val buffer = ByteBuffer.wrap(data.copyOf())
                    paced.sendAll(buffer)
                    buffer.limit() shouldBe 3200
                    // The last piece need not be paid for: nothing comes after it.
                    now shouldBe 1938.milliseconds
                }
                val received = ByteBuffer.allocate(3200)
                while (received.hasRemaining()) paced.receiveSome(received)
                received.array().contentEquals(data) shouldBe true
                now shouldBe 1938.milliseconds
            }
        }

        test("a late timer is made up for, a long silence is not") {
            runIoTest {
                val pace = Pace(16, clock())
                pace.pieceBytes shouldBe 1
                pace.moved(1)
                delay(100)
                pace.moved(1)
                // It was due at 62.5 ms.
                pace.awaitTurn()
                now shouldBe 125.milliseconds
                delay(10.seconds)
                pace.moved(1)
                pace.moved(1)
                pace.awaitTurn()
                now - 10_125.milliseconds shouldBe 63.milliseconds
            }
        }

        test("no piece is longer than a buffer, and none is empty") {
            Pace(1L shl 40).pieceBytes shouldBe 65_536
            Pace(Pace.SLOWEST).pieceBytes shouldBe 1
        }
    })
