package dev.tercet.coroutines

import dev.tercet.BrokenResourceException
import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.TooLongException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.yield
import java.nio.ByteBuffer

class BufferedReceiveStreamSpec :
    FunSpec({
        fun of(vararg pieces: String) = PiecesStream(*pieces.map { it.encodeToByteArray() }.toTypedArray())

        test("IO-B1 IO-B2 IO-C6 every item survives every split, with a cancellation at every place") {
            val all = "one\r\ntwo\nexactly!until--\n\nmore".encodeToByteArray()
            val steps =
                listOf<suspend (BufferedReceiveStream) -> String?>(
                    { it.receiveLine() },
                    { it.receiveLine(3) },
                    { it.receiveExactly(8).decodeToString() },
                    { it.receiveUntil("--".encodeToByteArray(), 5).decodeToString() },
                    { it.receiveLine() },
                    { it.receiveLine() },
                    { it.receiveExactly(4).decodeToString() },
                    { it.receiveLine() },
                )
            for (first in 0..all.size) {
                for (second in first..all.size) {
                    val pieces = mutableListOf<ByteArray?>(null)
                    for (piece in listOf(all.copyOfRange(0, first), all.copyOfRange(first, second), all.copyOfRange(second, all.size))) {
                        if (piece.isNotEmpty()) {
                            pieces += piece
                            pieces += null
                        }
                    }
                    val results = mutableListOf<String?>()
                    runTest {
                        val stream = BufferedReceiveStream(PiecesStream(*pieces.toTypedArray()))
                        for (step in steps) {
                            do {
                                val before = results.size
                                val job = launch(start = CoroutineStart.UNDISPATCHED) { results += step(stream) }
                                // Suspended at a gap or in a yield: cancelled, and asked again.
                                job.cancelAndJoin()
                            } while (results.size == before)
                        }
                    }
                    results.shouldContainExactly("one", "two", "exactly!", "until", "", "", "more", null)
                }
            }
        }

        test("IO-R1 receiveSome gives what was received ahead, then asks below, with both forms") {
            runTest {
                val stream = BufferedReceiveStream(of("a\nbcde", "fg", "h"))
                stream.receiveLine() shouldBe "a"
                stream.buffered shouldBe 4
                (stream as ReceiveStream).receiveSome(2).decodeToString() shouldBe "bc"
                val into = ByteBuffer.allocate(9)
                stream.receiveSome(into) shouldBe 2
                stream.receiveSome().decodeToString() shouldBe "fg"
                stream.receiveSome(into) shouldBe 1
                stream.receiveSome(into) shouldBe -1
                stream.receiveSome(5).size shouldBe 0
                into.array().copyOf(3).decodeToString() shouldBe "deh"
            }
        }

        test("IO-B4 takeBuffered hands over what was received ahead") {
            runTest {
                val below = of("a\nbc", "d")
                val stream = BufferedReceiveStream(below)
                stream.receiveLine() shouldBe "a"
                stream.takeBuffered().decodeToString() shouldBe "bc"
                stream.buffered shouldBe 0
                below.receiveSome().decodeToString() shouldBe "d"
            }
        }

        test("IO-E7 IO-R3 wrong arguments are refused before anything else, even when closed") {
            runTest {
                val stream = BufferedReceiveStream(of())
                stream.close()
                shouldThrow<IllegalArgumentException> { stream.receiveExactly(-1) }
                shouldThrow<IllegalArgumentException> { stream.receiveLine(-1) }
                shouldThrow<IllegalArgumentException> { stream.receiveUntil(ByteArray(0), 1) }
                shouldThrow<IllegalArgumentException> { stream.receiveUntil(ByteArray(1), -1) }
                shouldThrow<IllegalArgumentException> { stream.receiveSome(0) }
                shouldThrow<IllegalArgumentException> { stream.receiveSome(ByteBuffer.allocate(0)) }
            }
        }

        test("IO-B3 a limit error and an end inside an item keep the bytes") {
            runTest {
                val stream = BufferedReceiveStream(of("abcdef\ng"))
                shouldThrow<TooLongException> { stream.receiveLine(3) }
                stream.receiveLine(6) shouldBe "abcdef"
                shouldThrow<BrokenResourceException> { stream.receiveLine(6) }
                shouldThrow<BrokenResourceException> { stream.receiveExactly(2) }
                stream.receiveSome().decodeToString() shouldBe "g"
                stream.receiveLine() shouldBe null
            }
        }

        test("IO-B5 IO-R6 IO-A5 after the close nothing is received, not even what was received ahead") {
            runTest {
                val below = of("a\nb")
                val stream = BufferedReceiveStream(below)
                stream.receiveLine()
                stream.close()
                below.closed shouldBe true
                shouldThrow<ClosedResourceException> { stream.receiveExactly(1) }
                shouldThrow<ClosedResourceException> { stream.receiveSome(1) }
                stream.takeBuffered().size shouldBe 0
            }
        }

        test("IO-C2 a cancelled coroutine touches nothing") {
            runTest {
                val stream = BufferedReceiveStream(of("a\nb\n"))
                stream.receiveLine()
                launch(start = CoroutineStart.UNDISPATCHED) {
                    coroutineContext.job.cancel()
                    shouldThrow<CancellationException> { stream.receiveLine() }
                }.join()
                stream.receiveLine() shouldBe "b"
            }
        }

        test("NUR-X28 IO-R4 the second receiver is told so at once, the first is undisturbed") {
            runTest {
                val stream = BufferedReceiveStream(PiecesStream(null))
                val first = launch { stream.receiveExactly(1) }
                yield()
                shouldThrow<BusyResourceException> { stream.receiveSome(1) }
                shouldThrow<BusyResourceException> { stream.takeBuffered() }
                first.cancelAndJoin()
                stream.receiveLine() shouldBe null
            }
        }

        test("IO-R7 chunks are not empty, end at the end and close nothing") {
            runTest {
                val stream = of("ab", "c")
                stream.chunks().toList().map { it.decodeToString() } shouldContainExactly listOf("ab", "c")
                stream.chunks().toList() shouldBe emptyList()
                stream.closed shouldBe false
            }
        }

        test("IO-R7 lines are text with or without a last line feed, and take(1) loses none of a buffered stream") {
            runTest {
                of("a\r\n\nb").lines().toList() shouldContainExactly listOf("a", "", "b")
                of("a\n").lines().toList() shouldContainExactly listOf("a")
                of().lines().toList() shouldBe emptyList()
                shouldThrow<TooLongException> { of("abc\n").lines(2).toList() }
                shouldThrow<IllegalArgumentException> { of().lines(-1) }
                val stream = BufferedReceiveStream(of("a\nb\nc"))
                stream.lines().take(1).toList() shouldContainExactly listOf("a")
                stream.receiveLine() shouldBe "b"
            }
        }

        test("a stream that can wait without a buffer is not given one") {
            runTest {
                val below =
                    object : ReceiveStream, WaitsForReadiness {
                        override suspend fun receiveSome(into: ByteBuffer): Int = throw AssertionError("got a buffer")

                        override suspend fun receiveSome(maxBytes: Int) = "a\n".encodeToByteArray()

                        override suspend fun close() = Unit

                        override fun closeForcefully() = Unit
                    }
                (below as ReceiveStream).receiveSome(7).size shouldBe 2
                BufferedReceiveStream(below).receiveLine() shouldBe "a"
            }
        }
    })
