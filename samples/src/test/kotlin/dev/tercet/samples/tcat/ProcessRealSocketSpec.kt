package dev.tercet.samples.tcat

import dev.tercet.samples.Launcher
import dev.tercet.samples.PATIENCE_SECONDS
import dev.tercet.samples.Program
import dev.tercet.samples.needing
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith
import java.io.File
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread
import kotlin.io.path.deleteExisting
import kotlin.io.path.div
import kotlin.io.path.fileSize
import kotlin.io.path.writeText

/** What only a process shows: the launcher, exit codes, signals, descriptors. */
class ProcessRealSocketSpec :
    FunSpec({
        val loopback = InetAddress.getLoopbackAddress()
        val launcher = Launcher("tcat", "samples", classPath = System.getProperty("java.class.path"))
        afterSpec { launcher.close() }

        test("./tcat demo keeps all promises and says so") {
            Program(launcher.command("demo")).use { demo ->
                val seen = demo.hear()
                demo.exitCode() shouldBe 0
                seen shouldContain "All as promised"
                seen shouldNotContain "NOT AS PROMISED"
                // A build, of which there is one line: the demo itself complains of nothing.
                demo.errors().filterNot { it.startsWith("tcat: building ") } shouldHaveSize 0
            }
        }

        test("./tcat has an archive of its classes then, and starts all the same, and says nothing, when it is of another JVM") {
            val archive = launcher.archives().single()
            (archive.fileSize() > 0) shouldBe true
            for (mine in listOf(true, false)) {
                if (!mine) archive.apply { deleteExisting() }.writeText("of another JVM")
                val command = launcher.command("--version").apply {
                    environment().compute("JAVA_OPTS") { _, options -> "$options -Xlog:class+load" }
                }
                Program(command).use { tcat ->
                    val seen = tcat.hear().lines()
                    seen.any { "dev.tercet.samples.tcat.MainKt source: shared objects file" in it } shouldBe mine
                    seen.any { it.startsWith("tcat ") } shouldBe true
                    tcat.exitCode() shouldBe 0
                    tcat.errors() shouldHaveSize 0
                }
            }
            archive.deleteExisting()
        }

        test("./tcat: the exit code is that of the process") {
            Program(launcher.command("fly")).use { tcat ->
                tcat.exitCode() shouldBe 2
                tcat.errors().last() shouldStartWith "tcat: unknown command fly"
            }
        }

        test("./tcat with stdin closed: it has ended, and no socket gets its descriptor") {
            ServerSocket(0, 50, loopback).use { server ->
                val command = launcher.command("connect", "tcp:127.0.0.1:${server.localPort}")
                command.command(listOf("sh", "-c", "exec \"$@\" <&-", "sh") + command.command())
                Program(command).use { tcat ->
                    server.accept().use { peer ->
                        peer.getInputStream().read() shouldBe -1
                        peer.getOutputStream().write("an answer".encodeToByteArray())
                    }
                    tcat.hear() shouldBe "an answer"
                    tcat.exitCode() shouldBe 0
                }
            }
        }

        needing("perl", "./tcat with pipes that somebody has made non-blocking: all that is sent and received arrives") {
            val size = 3_000_000
            ServerSocket(0, 50, loopback).use { server ->
                val command = launcher.command("connect", "tcp:127.0.0.1:${server.localPort}")
                val nonBlocking = "fcntl(\$_, F_SETFL, fcntl(\$_, F_GETFL, 0) | O_NONBLOCK) or die for *STDIN, *STDOUT, *STDERR; "
                command.command(listOf("perl", "-MFcntl", "-e", "$nonBlocking exec @ARGV or die") + command.command())
                Program(command).use { tcat ->
                    server.accept().use { peer ->
                        val sending = thread {
                            peer.getOutputStream().write(ByteArray(size))
                            peer.shutdownOutput()
                        }
                        // Stdin is empty when tcat reads it, and stdout is full when it writes: nothing is read before.
                        awaitFullPipe(tcat)
                        tcat.say("late").endInput()
                        peer.getInputStream().readAllBytes().decodeToString() shouldBe "late"
                        tcat.output.readAllBytes().size shouldBe size
                        sending.join()
                    }
                    tcat.exitCode() shouldBe 0
                    tcat.errors().filterNot { it.startsWith("tcat: building ") } shouldHaveSize 0
                }
            }
        }

        test("INT and TERM of the system: the first lets the connection finish, exit code 0; the second ends it at once, exit code 1") {
            // Whoever starts the tests in the background may have them ignore INT, and so does what they start.
            val first = if (isIgnored(INT)) "TERM" else "INT"

            fun Program.signal(name: String) = Program("kill", "-$name", "${process.pid()}").use { it.exitCode() shouldBe 0 }
            for (isPatient in listOf(true, false)) {
                Program.tcat("listen", "tcp:127.0.0.1:0", "--echo").use { tcat ->
                    val port = tcat.awaitError("listening tcp:127.0.0.1:").toInt()
                    Socket(loopback, port).use { peer ->
                        peer.getOutputStream().write(1)
                        peer.getInputStream().read() shouldBe 1
                        tcat.signal(if (isPatient) "TERM" else first)
                        awaitRefusal(port)
                        peer.getOutputStream().write(2)
                        peer.getInputStream().read() shouldBe 2
                        if (!isPatient) tcat.signal("TERM")
                        if (isPatient) peer.shutdownOutput()
                        peer.getInputStream().read() shouldBe -1
                    }
                    tcat.exitCode() shouldBe if (isPatient) 0 else 1
                    if (!isPatient) tcat.errors().last() shouldBe "tcat: stopped by a signal"
                }
            }
        }
    })

private const val INT = 2

/** Whether this process, and what it starts, ignores a signal; Linux only, false elsewhere. */
private fun isIgnored(signal: Int): Boolean = File("/proc/self/status")
    .takeIf { it.exists() }
    ?.useLines { lines -> lines.firstOrNull { it.startsWith("SigIgn:") } }
    ?.let { it.substringAfter(':').trim().toULong(16) shr (signal - 1) and 1uL == 1uL } ?: false

/** Returns when the pipe that a program writes to takes no more, or the program has ended. */
private fun awaitFullPipe(program: Program) {
    val start = System.nanoTime()
    while (program.isAlive && program.output.available() < PIPE_BYTES) {
        check(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) { "${program.output.available()} bytes in the pipe" }
        Thread.onSpinWait()
    }
}

/** What a pipe of Linux holds. */
private const val PIPE_BYTES = 65_536
