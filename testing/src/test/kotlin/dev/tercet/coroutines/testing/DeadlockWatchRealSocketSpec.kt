package dev.tercet.coroutines.testing

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/** In real time, which is what it is about. */
class DeadlockWatchRealSocketSpec :
    FunSpec({
        test("KIT-J11 a coroutine on another dispatcher is waited for") {
            var returned = ""
            runIoTest { returned = withContext(Dispatchers.IO) { Thread.sleep(1_500).let { "returned" } } }
            returned shouldBe "returned"
        }
    })
