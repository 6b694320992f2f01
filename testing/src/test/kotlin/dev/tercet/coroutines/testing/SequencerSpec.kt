@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.tercet.coroutines.testing

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import java.io.IOException
import java.util.Collections

class SequencerSpec :
    FunSpec({
        test("KIT-Q1 blocks run in the order of their positions, whatever the order of their coroutines") {
            runTest {
                val record = mutableListOf<Int>()
                val sequencer = Sequencer()
                launch {
                    sequencer.at(1) { record += 1 }
                    sequencer.at(4) { record += 4 }
                }
                launch { sequencer.at(3) { record += 3 } }
                launch {
                    sequencer.at(0) { record += 0 }
                    sequencer.at(2) { record += 2 }
                }
                runCurrent()
                record shouldBe listOf(0, 1, 2, 3, 4)
            }
        }

        test("KIT-Q1 a block waits until the one before it has ended, and gives its result") {
            runTest {
                val sequencer = Sequencer()
                val gate = CompletableDeferred<Unit>()
                val first = async { sequencer.at(0) { gate.await().let { "first" } } }
                val second = async { sequencer.at(1) { "second" } }
                runCurrent()
                second.isCompleted shouldBe false
                gate.complete(Unit)
                first.await() shouldBe "first"
                second.await() shouldBe "second"
            }
        }

        test("KIT-Q1 a block that fails, or is cancelled, has ended too") {
            runTest {
                val sequencer = Sequencer()
                shouldThrow<IOException> { sequencer.at(0) { throw IOException("no") } }
                val never = launch { sequencer.at(1) { CompletableDeferred<Unit>().await() } }
                runCurrent()
                never.cancelAndJoin()
                sequencer.at(2) { "next" } shouldBe "next"
            }
        }

        test("KIT-Q1 the order holds between threads") {
            val record = Collections.synchronizedList(mutableListOf<Int>())
            val sequencer = Sequencer()
            withContext(Dispatchers.Default) {
                (0 until 200).shuffled(kotlin.random.Random(1)).map { launch { sequencer.at(it) { record += it } } }.joinAll()
            }
            record shouldBe (0 until 200).toList()
        }

        test("KIT-Q2 a position can be used once, and is not negative") {
            runTest {
                val sequencer = Sequencer()
                sequencer.at(0) { }
                shouldThrow<IllegalStateException> { sequencer.at(0) { } }.message shouldBe "position 0 was used before"
                shouldThrow<IllegalArgumentException> { sequencer.at(-1) { } }
                sequencer.at(1) { "not broken by that" } shouldBe "not broken by that"
            }
        }

        test("KIT-Q3 who is cancelled while waiting breaks the sequence for those who wait and those who come") {
            runTest {
                val sequencer = Sequencer()
                val cancelled = launch { sequencer.at(1) { } }
                val waiting = async { shouldThrow<IllegalStateException> { sequencer.at(2) { } } }
                runCurrent()
                cancelled.cancelAndJoin()
                cancelled.isCancelled shouldBe true
                waiting.await().message shouldBe "sequence broken: a task was cancelled while it waited for its turn"
                shouldThrow<IllegalStateException> { sequencer.at(0) { } }
            }
        }
    })
