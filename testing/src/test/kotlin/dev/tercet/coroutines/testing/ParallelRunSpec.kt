package dev.tercet.coroutines.testing

import dev.tercet.coroutines.nursery
import dev.tercet.coroutines.openTcpStream
import dev.tercet.coroutines.receiveSome
import dev.tercet.coroutines.sendAll
import dev.tercet.coroutines.serveTcp
import dev.tercet.coroutines.start
import dev.tercet.coroutines.use
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.yield
import java.io.IOException
import java.util.concurrent.BrokenBarrierException
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CyclicBarrier
import java.util.concurrent.TimeUnit
import java.util.concurrent.TimeoutException
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds

class ParallelRunSpec :
    FunSpec({
        /** A server whose two handlers count in a plain variable, and read it at the same time if they can. Returns what they have counted. */
        fun count(parallel: Boolean): Int {
            var count = 0
            val meet = CyclicBarrier(2)
            runIoTest(parallel = parallel) {
                nursery {
                    val listeners =
                        start { status ->
                            serveTcp(80, "192.0.2.1", taskStatus = status) { stream ->
                                delay(10.seconds - now)
                                val seen = count
                                if (parallel) meet.await(30, TimeUnit.SECONDS)
                                count = seen + 1
                                stream.sendAll("x".encodeToByteArray())
                            }
                        }
                    listeners.size shouldBe 1
                    val clients = List(2) { openTcpStream("192.0.2.1", 80) }
                    for (client in clients) client.use { it.receiveSome(1).size shouldBe 1 }
                    cancelChildren()
                }
            }
            return count
        }

        test("KIT-J10 two handlers that read and write a plain counter lose a count in parallel, and none one at a time") {
            count(parallel = false) shouldBe 2
            count(parallel = true) shouldBe 1
        }

        test("KIT-J10 without it no two coroutines run at once") {
            val meet = CyclicBarrier(2)
            shouldThrow<Exception> {
                runIoTest { repeat(2) { launch { meet.await(1, TimeUnit.MILLISECONDS) } } }
            }.let { (it is TimeoutException || it is BrokenBarrierException) shouldBe true }
        }

        test("KIT-J10 time is virtual, and stands still while anything runs") {
            runIoTest(parallel = true) {
                val early = CopyOnWriteArrayList<Any>()
                repeat(4) { number ->
                    launch {
                        repeat(50) {
                            delay((number + 1).seconds)
                            val before = now
                            val began = System.nanoTime()
                            while (System.nanoTime() - began < 100_000) Thread.onSpinWait()
                            if (now != before) early += now
                            yield()
                        }
                    }
                }
                delay(1.hours)
                now shouldBe 1.hours
                early.shouldBeEmpty()
            }
        }

        test("KIT-J2 KIT-J10 waitAllTasksBlocked waits for those that run on other threads") {
            runIoTest(parallel = true) {
                var steps = 0
                launch {
                    repeat(100) {
                        steps++
                        yield()
                    }
                    delay(1.seconds)
                    steps = 0
                }
                waitAllTasksBlocked()
                steps shouldBe 100
            }
        }

        test("KIT-R1 KIT-J10 a failure comes out as it is") {
            val failure = IOException("of a task")
            shouldThrow<IOException> { runIoTest(parallel = true) { nursery { launch { throw failure } } } } shouldBe failure
        }
    })
