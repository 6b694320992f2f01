package dev.tercet.coroutines.testing

import io.kotest.core.spec.style.FunSpec
import kotlinx.coroutines.test.runTest

/** The battery on the streams of this module, in virtual time. */
class ConformanceSpec :
    FunSpec({
        test("KIT-M25 the one-way memory pair keeps the contract") {
            runTest { checkOneWayStream({ memoryStreamOneWayPair() }) }
        }
        test("KIT-M27 IO-X5 the memory pair keeps the contract, half-closes too") {
            runTest { checkHalfCloseableStream({ memoryStreamPair() }) }
        }
        test("KIT-L8 the one-way lockstep pair keeps the contract, clogged by nature") {
            runTest { checkOneWayStream({ lockstepStreamOneWayPair() }, { lockstepStreamOneWayPair() }) }
        }
        test("KIT-L8 the lockstep pair keeps the contract, clogged by nature") {
            runTest { checkTwoWayStream({ lockstepStreamPair() }, { lockstepStreamPair() }) }
        }
        test("IO-H8 the lockstep pair can be half-closed; its sendEof is a close, which is never Busy") {
            runTest { checkHalfCloseableStream({ lockstepStreamPair() }) }
        }
    })
