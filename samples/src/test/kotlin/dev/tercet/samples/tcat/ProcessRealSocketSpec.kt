package dev.tercet.samples.tcat

import dev.tercet.samples.Launcher
import dev.tercet.samples.Program
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
import kotlin.io.path.div

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
