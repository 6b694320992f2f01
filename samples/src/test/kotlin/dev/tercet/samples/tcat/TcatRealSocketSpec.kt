package dev.tercet.samples.tcat

import dev.tercet.samples.Tcat
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldStartWith
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import java.util.logging.Logger
import kotlin.io.path.div
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText

/** tcat in a JVM with others: it uses what it is given and nothing else, and leaves nothing when it is cancelled. */
class TcatRealSocketSpec :
    FunSpec({
        val loopback = InetAddress.getLoopbackAddress()

        fun threads() = Thread.getAllStackTraces().keys.filter { it.name.startsWith(HOST_THREAD) }

        /** They have been interrupted, and end soon. */
        fun awaitNoThreads() = threads().forEach {
            it.join(TimeUnit.MINUTES.toMillis(1))
            it.isAlive shouldBe false
        }

        test("a listener that is cancelled leaves no socket, no process and no thread") {
            Tcat("listen", "tcp:127.0.0.1:0", "--exec", "cat").use { tcat ->
                val port = tcat.awaitError("listening tcp:127.0.0.1:").toInt()
                Socket(loopback, port).use { peer ->
                    peer.getOutputStream().write(1)
                    peer.getInputStream().read() shouldBe 1
                    threads().isNotEmpty() shouldBe true
                    val processes = tcat.descendants()
                    processes shouldHaveSize 1
                    tcat.cancel()
                    processes.forEach { it.onExit().get(1, TimeUnit.MINUTES) }
                    peer.getInputStream().read() shouldBe -1
                }
                ServerSocket(port, 50, loopback).close()
            }
            awaitNoThreads()
        }

        test("a client that is cancelled in a read of stdin leaves no socket and no thread") {
            ServerSocket(0, 50, loopback).use { server ->
                Tcat("connect", "tcp:127.0.0.1:${server.localPort}").use { tcat ->
                    server.accept().use { peer ->
                        tcat.say("x")
                        peer.getInputStream().read() shouldBe 'x'.code
                        threads().isNotEmpty() shouldBe true
                        tcat.cancel()
                        peer.getInputStream().read() shouldBe -1
                    }
                }
            }
            awaitNoThreads()
        }

        test("--help and --version are on stdout, exit code 0") {
            for ((option, text) in listOf("--help" to "tcat: a netcat", "--version" to "tcat ")) {
                Tcat(option).use { tcat ->
                    tcat.hear() shouldStartWith text
                    tcat.exitCode() shouldBe 0
                    tcat.errors().shouldBeEmpty()
                }
            }
        }

        test("what the library logs is on stderr") {
            Tcat("listen", "tcp:127.0.0.1:0", "--echo").use { tcat ->
                tcat.awaitError("listening ")
                Logger.getLogger("dev.tercet.serve").warning("something to know")
                tcat.terminate().errors().last() shouldBe "tcat: something to know"
            }
        }

        test("only main touches the process") {
            val sources = Path.of(checkNotNull(System.getProperty("basedir"))) / "src/main/kotlin/dev/tercet/samples/tcat"
            val files = sources.listDirectoryEntries("*.kt").filter { it.name != "Main.kt" }
            for (file in files) {
                withClue(file) {
                    Regex("""System\.\w+|exitProcess|(?<!fun |[.\w])print(ln)?\(""").findAll(file.readText()).toList() shouldHaveSize
                        0
                }
            }
        }
    })

private const val HOST_THREAD = "blocking tcat"
