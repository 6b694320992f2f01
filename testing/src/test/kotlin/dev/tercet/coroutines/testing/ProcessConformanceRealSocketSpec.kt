package dev.tercet.coroutines.testing

import dev.tercet.ChildInput
import dev.tercet.ChildOutput
import dev.tercet.ProcessOptions
import dev.tercet.coroutines.ChildProcess
import dev.tercet.coroutines.openProcess
import dev.tercet.coroutines.runOnLoop
import dev.tercet.coroutines.wrapProcess
import io.kotest.core.spec.style.FunSpec
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking

/** The battery on the pipes of children: what goes into `cat` comes out of it. */
class ProcessConformanceRealSocketSpec :
    FunSpec({
        val piped = ProcessOptions.DEFAULT.withStdin(ChildInput.PIPE).withStdout(ChildOutput.PIPE)

        suspend fun battery(open: suspend () -> ChildProcess) {
            val children = mutableListOf<ChildProcess>()
            try {
                checkOneWayStream({ open().also { children += it }.let { it.stdin to it.stdout } })
            } finally {
                children.forEach { it.close() }
            }
        }

        test("PROC-P28 pipes on the event loop keep the contract, from a loop and off it") {
            runOnLoop { battery { openProcess(listOf("cat"), piped) } }
            runBlocking(Dispatchers.Default) { battery { openProcess(listOf("cat"), piped) } }
        }
        test("PROC-P28 PROC-P30 pipes on threads keep the contract") {
            runBlocking(Dispatchers.Default) { battery { wrapProcess(ProcessBuilder("cat").start()) } }
        }
    })
