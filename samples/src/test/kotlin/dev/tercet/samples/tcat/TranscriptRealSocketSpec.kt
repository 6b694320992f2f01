package dev.tercet.samples.tcat

import dev.tercet.samples.Tcat
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldMatch
import io.kotest.matchers.string.shouldStartWith
import java.io.File
import java.nio.file.attribute.PosixFilePermissions
import kotlin.io.path.div
import kotlin.io.path.exists
import kotlin.io.path.getPosixFilePermissions
import kotlin.io.path.readLines
import kotlin.io.path.readText

/** `--hex` and `--log`. */
class TranscriptRealSocketSpec :
    FunSpec({
        val files = TlsFiles()
        afterSpec { files.close() }

        val time = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z"

        test("connect --hex: both directions on stderr, for TCP, TLS, UDP and DTLS; stdout is as without it") {
            for (scheme in listOf("tcp", "tls", "udp", "dtls")) {
                val cert = if (scheme in listOf("tls", "dtls")) arrayOf("--cert", files.serverPem) else arrayOf()
                val ca = if (cert.isEmpty()) arrayOf() else arrayOf("--ca", files.ca)
                Tcat("listen", "$scheme:127.0.0.1:0", "--echo", *cert).use { server ->
                    val address = server.awaitError("listening ")
                    Tcat("connect", address, "--hex", *ca, "-q", "0.5").use { tcat ->
                        tcat.say("hello\n")
                        tcat.hearLine() shouldBe "hello"
                        tcat.endInput().exitCode() shouldBe 0
                        val (sent, hello, received, again) = tcat.errors()
                        sent shouldMatch "> $time $address: sent 6 bytes"
                        hello shouldBe "> 00000000  68 65 6c 6c 6f 0a                                |hello.|"
                        received shouldMatch "< $time $address: received 6 bytes"
                        again shouldBe "< 00000000  68 65 6c 6c 6f 0a                                |hello.|"
                        tcat.errors() shouldHaveSize 4
                    }
                }
            }
        }

        test("listen --log: a file for its owner alone, appended to, with each peer's name; closed at the end") {
            val log = files.folder / "log"
            repeat(2) {
                Tcat("listen", "tcp:127.0.0.1:0", "--echo", "--once", "--log", "$log").use { server ->
                    val address = server.awaitError("listening ")
                    Tcat("connect", address).use { tcat ->
                        tcat.say("x").endInput()
                        tcat.hear() shouldBe "x"
                    }
                    server.exitCode() shouldBe 0
                    server.errors() shouldHaveSize 1
                }
            }
            log.getPosixFilePermissions() shouldBe PosixFilePermissions.fromString("rw-------")
            val lines = log.readLines()
            lines shouldHaveSize 8
            lines[0] shouldMatch "< $time tcp:127.0.0.1:\\d+: received 1 byte"
            lines[6] shouldMatch "> $time tcp:127.0.0.1:\\d+: sent 1 byte"
            openFiles().filter { it == "$log" } shouldHaveSize 0
        }

        test("a log that cannot be opened is bad usage, and nothing is connected to") {
            for ((file, problem) in listOf("${files.folder}" to "is a directory", "/nowhere/log" to "/nowhere/log")) {
                Tcat("connect", "tcp:127.0.0.1:1", "--log", file).use { tcat ->
                    tcat.exitCode() shouldBe 2
                    tcat.errors().single() shouldStartWith "tcat: --log $file: $problem"
                }
            }
        }

        test("a log on a full disk ends the connection, exit code 1") {
            Tcat("listen", "tcp:127.0.0.1:0", "--echo").use { server ->
                Tcat("connect", server.awaitError("listening "), "--log", "/dev/full").use { tcat ->
                    tcat.say("x")
                    tcat.exitCode() shouldBe 1
                    tcat.errors().single() shouldBe "tcat: --log /dev/full: No space left on device"
                }
            }
        }

        test("--rate is kept by a server that echoes, and all arrives") {
            Tcat("listen", "tcp:127.0.0.1:0", "--echo", "--rate", "1M").use { server ->
                Tcat("connect", server.awaitError("listening "), "--rate", "1M").use { tcat ->
                    val text = "0123456789".repeat(20_000)
                    tcat.say(text).endInput()
                    tcat.hear() shouldBe text
                    tcat.exitCode() shouldBe 0
                }
            }
        }

        test("cancelled: the log is closed") {
            val log = files.folder / "cancelled"
            Tcat("listen", "tcp:127.0.0.1:0", "--echo").use { server ->
                Tcat("connect", server.awaitError("listening "), "--log", "$log").use { tcat ->
                    tcat.say("x")
                    tcat.output.read() shouldBe 'x'.code
                    tcat.cancel()
                    log.exists() shouldBe true
                    log.readText() shouldContain "sent 1 byte\n"
                    openFiles().filter { it == "$log" } shouldHaveSize 0
                }
            }
        }
    })

/** What this process has open; Linux only, nothing elsewhere. */
private fun openFiles(): List<String> = File("/proc/self/fd").listFiles().orEmpty().mapNotNull {
    runCatching { it.canonicalPath }.getOrNull()
}
