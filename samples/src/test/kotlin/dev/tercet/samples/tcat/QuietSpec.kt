package dev.tercet.samples.tcat

import dev.tercet.coroutines.testing.IoTestScope
import dev.tercet.coroutines.testing.runIoTest
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlin.time.AbstractLongTimeSource
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.DurationUnit

class QuietSpec :
    FunSpec({
        fun IoTestScope.clock() = object : AbstractLongTimeSource(DurationUnit.MILLISECONDS) {
            override fun read() = now.inWholeMilliseconds
        }

        test("time counts from the last arrival, from the call at the earliest, and not while what came is written") {
            runIoTest {
                val quiet = Quiet(clock())
                val receiving = launch {
                    quiet.whileWaiting { delay(500) }
                    // What a slow reader of stdout takes.
                    delay(2000)
                    quiet.whileWaiting { delay(900) }
                    quiet.whileWaiting { delay(900) }
                    quiet.whileWaiting { delay(10_000) }
                }
                delay(100)
                quiet.await(1000.milliseconds)
                now shouldBe (500 + 2000 + 900 + 900 + 1000).milliseconds
                quiet.await(1000.milliseconds)
                now shouldBe 6300.milliseconds
                receiving.cancel()
            }
        }

        test("no time is over at once, whatever goes on") {
            runIoTest {
                Quiet(clock()).await(Duration.ZERO)
                now shouldBe Duration.ZERO
            }
        }
    })
