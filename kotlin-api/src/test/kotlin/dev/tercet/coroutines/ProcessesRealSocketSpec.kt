package dev.tercet.coroutines

import dev.tercet.BrokenResourceException
import dev.tercet.CalledProcessException
import dev.tercet.ChildInput
import dev.tercet.ChildOutput
import dev.tercet.ExitStatus
import dev.tercet.PosixSignal
import dev.tercet.ProcessOptions
import dev.tercet.TooLongException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.longs.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import java.io.IOException
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.readText
import kotlin.jvm.optionals.getOrNull
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** Child processes of the coroutine API, with programs that every POSIX system has. */
class ProcessesRealSocketSpec :
    FunSpec({
        fun shell(script: String) = arrayOf("/bin/sh", "-c", script)

        fun isAlive(pid: Long) = ProcessHandle.of(pid).getOrNull()?.isAlive == true

        fun children() = ProcessHandle.current().children().count()

        suspend fun Path.awaitText(): String {
            while (!exists() || readText().isEmpty()) delay(5.milliseconds)
            return readText().trim()
        }

        everywhere("PROC-P1 PROC-P7 both outputs are captured at once, whichever is filled first") {
            val script = "head -c 300000 /dev/zero >&2; echo out; head -c 200000 /dev/zero >&2"
            val done = runProcess(*shell(script), stdout = ChildOutput.CAPTURE, stderr = ChildOutput.CAPTURE)
            done.stdoutText() shouldBe "out\n"
            done.stderr().size shouldBe 500_000
        }

        everywhere("PROC-P2 PROC-P3 a status other than 0 fails, unless nobody checks") {
            val e =
                shouldThrow<CalledProcessException> { runProcess(*shell("echo no such table >&2; exit 3"), stderr = ChildOutput.CAPTURE) }
            e.message shouldBe "/bin/sh: exit status 3\nno such table"
            runProcess(*shell("exit 3"), check = false).status() shouldBe ExitStatus(3)
        }

        everywhere("PROC-P4 PROC-P6 the input is given, and need not be read") {
            val large = ByteArray(1 shl 20) { it.toByte() }
            runProcess("cat", stdin = ChildInput.bytes(large), stdout = ChildOutput.CAPTURE).stdout() shouldBe large
            runProcess(*shell("exec <&-; echo done"), stdin = ChildInput.bytes(large), stdout = ChildOutput.CAPTURE).stdoutText() shouldBe
                "done\n"
            runProcess("cat", stdout = ChildOutput.CAPTURE).stdoutText() shouldBe ""
        }

        everywhere("PROC-P8 PROC-P12 PIPE is refused, and what cannot be started is the system's error") {
            shouldThrow<IllegalArgumentException> { runProcess("cat", stdin = ChildInput.PIPE) }
            shouldThrow<IOException> { runProcess("/no/such/program") }.message shouldContain "/no/such/program"
            shouldThrow<IOException> { withProcess("/no/such/program") { } }
            shouldThrow<TooLongException> {
                runProcess(listOf("yes"), ProcessOptions.DEFAULT.withStdout(ChildOutput.CAPTURE).withMaxCaptured(100_000))
            }
            children() shouldBe 0
        }

        everywhere("PROC-P14 PROC-P15 a cancel sends TERM, and ends when the child has ended") {
            inDirectory { directory ->
                val pid = directory.resolve("pid")
                val log = directory.resolve("log")
                val script = "trap 'echo cleaned up >$log; exit 0' TERM; echo \$\$ >$pid; while :; do sleep 0.05; done"
                val run = launch(start = CoroutineStart.UNDISPATCHED) { runProcess(*shell(script), killAfter = 30.seconds) }
                val number = pid.awaitText().toLong()
                run.cancelAndJoin()
                log.readText() shouldBe "cleaned up\n"
                isAlive(number) shouldBe false
            }
        }

        everywhere("PROC-P15 a child that ignores TERM gets KILL after the time it was given") {
            moveOnAfter(200.milliseconds) {
                runProcess(*shell("trap '' TERM; while :; do sleep 0.05; done"), killAfter = 50.milliseconds)
            } shouldBe
                true
            children() shouldBe 0
        }

        everywhere("PROC-P20 PROC-P28 a child is two streams while its block runs, and its end is waited for") {
            val pid =
                withProcess("cat", stdin = ChildInput.PIPE, stdout = ChildOutput.PIPE) { child ->
                    child.stdio.sendAll("ping".buffer())
                    child.stdio.receiveText() shouldBe "ping"
                    shouldThrow<IllegalStateException> { child.stderr }
                    child.status shouldBe null
                    child.pid
                }
            isAlive(pid) shouldBe false
        }

        everywhere("PROC-P9 what is fed and captured beside the block is no business of the block's") {
            withProcess("cat", stdin = ChildInput.bytes("fed".encodeToByteArray()), stdout = ChildOutput.PIPE) { child ->
                child.stdout.receiveText() shouldBe "fed"
                child.awaitExit() shouldBe ExitStatus(0)
            }
        }

        everywhere("PROC-P10 a child that fails fails its block's result, and explains what its pipes have thrown") {
            val e =
                shouldThrow<CalledProcessException> {
                    withProcess(*shell("echo sorry >&2; exit 4"), stderr = ChildOutput.CAPTURE) { it.awaitExit() }
                }
            e.message shouldBe "/bin/sh: exit status 4\nsorry"
            val broken =
                shouldThrow<BrokenResourceException> {
                    withProcess(*shell("echo sorry >&2; exit 4"), stdin = ChildInput.PIPE, stderr = ChildOutput.CAPTURE) { child ->
                        child.awaitExit()
                        child.stdin.sendAll(ByteArray(1 shl 20).let(java.nio.ByteBuffer::wrap))
                    }
                }
            broken.suppressed.single().shouldBeInstanceOf<CalledProcessException>()
        }

        everywhere("PROC-P14 a block that fails ends its child") {
            var pid = 0L
            shouldThrow<IllegalStateException> {
                withProcess("cat", stdin = ChildInput.PIPE) { child ->
                    pid = child.pid
                    error("of the block")
                }
            }
            isAlive(pid) shouldBe false
        }

        everywhere("PROC-P25 an opened child outlives the cancel of who has opened it") {
            val child = openProcess(listOf("cat"), ProcessOptions.DEFAULT.withStdin(ChildInput.PIPE).withStdout(ChildOutput.PIPE))
            child.use {
                launch(start = CoroutineStart.UNDISPATCHED) { child.awaitExit() }.cancelAndJoin()
                child.status shouldBe null
                child.stdin.sendAll("alive".buffer())
                child.stdout.receiveText() shouldBe "alive"
            }
            isAlive(child.pid) shouldBe false
        }

        everywhere("PROC-P22 PROC-P21 signals end a child, and everybody who waits is told") {
            openProcess(listOf("cat"), ProcessOptions.DEFAULT.withStdin(ChildInput.PIPE)).use { child ->
                val waiting = List(3) { async(start = CoroutineStart.UNDISPATCHED) { child.awaitExit() } }
                // A child inherits what is ignored, and under nohup HUP is.
                child.sendSignal(PosixSignal.USR1)
                waiting.awaitAll().map { it.possibleSignal() } shouldBe List(3) { PosixSignal.USR1 }
                child.terminate()
                child.kill()
            }
        }

        everywhere("PROC-P30 a receive that is cancelled loses nothing") {
            withProcess("cat", stdin = ChildInput.PIPE, stdout = ChildOutput.PIPE) { child ->
                launch(start = CoroutineStart.UNDISPATCHED) { child.stdout.receiveText() }.cancelAndJoin()
                child.stdin.sendAll("kept".buffer())
                child.stdout.receiveText() shouldBe "kept"
                moveOnAfter(100.milliseconds) { while (true) child.stdin.sendAll(java.nio.ByteBuffer.allocate(1 shl 20)) } shouldBe true
            }
        }

        everywhere("PROC-P1 a pipeline") {
            val all =
                runPipeline(
                    listOf(listOf("printf", "b\\na\\n"), listOf("sort"), listOf("tr", "a-c", "A-C")),
                    ProcessOptions.DEFAULT.withStdout(ChildOutput.CAPTURE),
                )
            all.last().stdoutText() shouldBe "A\nB\n"
        }

        everywhere("PROC-P30 a process of somebody else's has streams on threads, with the same promises") {
            wrapProcess(ProcessBuilder("cat").start()).use { child ->
                launch(start = CoroutineStart.UNDISPATCHED) { child.stdout.receiveText() }.cancelAndJoin()
                child.stdin.sendAll("kept".buffer())
                child.stdout.receiveText() shouldBe "kept"
                child.stdin.close()
                child.stdout.receiveSome(1).size shouldBe 0
            }
        }

        everywhere("PROC-P39 a cancel in the moment of the start leaves no child behind") {
            repeat(20) { round ->
                val run = launch(start = CoroutineStart.UNDISPATCHED) { runProcess("sleep", "60") }
                delay(round.milliseconds)
                run.cancelAndJoin()
            }
            children() shouldBeLessThanOrEqual 0
        }
    })
