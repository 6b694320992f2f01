package dev.tercet.samples

import dev.tercet.coroutines.async
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeIn
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldStartWith
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.getOrElse
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import java.io.InputStream
import java.io.RandomAccessFile
import java.net.Socket
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.appendText
import kotlin.io.path.createDirectory
import kotlin.io.path.createSymbolicLinkPointingTo
import kotlin.io.path.deleteRecursively
import kotlin.io.path.writeText
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** The samples of files: a server as a process, and `tail`. */
@OptIn(ExperimentalPathApi::class)
class FilesRealSocketSpec :
    FunSpec({
        suspend fun inDirectory(body: suspend (Path) -> Unit) {
            val directory = Files.createTempDirectory("tercet-test").toRealPath()
            try {
                withContext(Dispatchers.IO) { withTimeout(120.seconds) { body(directory) } }
            } finally {
                directory.deleteRecursively()
            }
        }

        fun InputStream.line() =
            generateSequence { read() }.takeWhile { it != -1 && it != '\n'.code }.joinToString("") { it.toChar().toString() }.trim()

        fun InputStream.head(): List<String> = generateSequence { line() }.takeWhile { it.isNotEmpty() }.toList()

        fun ask(port: String, vararg requests: String): String = Socket("127.0.0.1", port.toInt()).use { socket ->
            requests.forEach { socket.getOutputStream().write("$it HTTP/1.1\r\nHost: x\r\n\r\n".toByteArray()) }
            socket.shutdownOutput()
            socket.getInputStream().readAllBytes().decodeToString()
        }

        test("the file server gives files below its directory and nothing else, one after the other on a connection") {
            inDirectory { directory ->
                val root = directory.resolve("root").createDirectory()
                root.resolve("a b+ü.txt").writeText("hello")
                root.resolve("d").createDirectory().resolve("e").writeText("inner")
                directory.resolve("secret").writeText("secret")
                root.resolve("link").createSymbolicLinkPointingTo(directory.resolve("secret"))
                Program(Program.java("dev.tercet.samples.FileServerKt", root.toString(), "0")).use { serving ->
                    val port = serving.hearLine().substringAfterLast(' ')
                    val ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
                    ask(port, "GET /a%20b+%C3%BC.txt", "HEAD /d/e", "GET /d/e?x") shouldBe ok + "hello" + ok + ok + "inner"
                    for (bad in listOf("/none", "/", "/d", "/../secret", "/%2e%2e/secret", "/link", "//etc/passwd", "/%zz", "/%00")) {
                        ask(port, "GET $bad") shouldStartWith "HTTP/1.1 404 "
                    }
                    ask(port, "POST /d/e") shouldStartWith "HTTP/1.1 405 "
                    serving.terminate().hearLine() shouldBe "stopped"
                    serving.exitCode() shouldBe 0
                    serving.errors() shouldBe emptyList()
                }
            }
        }

        test("the file server sends 1 GiB with a heap of 32 MiB, and a file that is cut meanwhile ends the connection") {
            inDirectory { directory ->
                val file = directory.resolve("big")
                RandomAccessFile(file.toFile(), "rw").use { it.setLength(1L shl 30) }
                val command = Program.java("dev.tercet.samples.FileServerKt", directory.toString(), "0")
                command.command().add(command.command().indexOf("-Xmx64m") + 1, "-Xmx32m")
                Program(command).use { serving ->
                    val port = serving.hearLine().substringAfterLast(' ')
                    fun get(meanwhile: () -> Unit = {}): Long = Socket("127.0.0.1", port.toInt()).use { socket ->
                        socket.getOutputStream().write("GET /big HTTP/1.1\r\n\r\n".toByteArray())
                        socket.shutdownOutput()
                        val input = socket.getInputStream()
                        input.head() shouldBe listOf("HTTP/1.1 200 OK", "Content-Length: 1073741824")
                        meanwhile()
                        input.transferTo(java.io.OutputStream.nullOutputStream())
                    }
                    get() shouldBe (1L shl 30)
                    get { RandomAccessFile(file.toFile(), "rw").use { it.setLength(10) } } shouldBeLessThan (1L shl 30)
                    serving.awaitError("$file has ended after ") shouldContain "of 1073741824 bytes"
                    ask(port, "GET /big") shouldEndWith "\u0000".repeat(10)
                    serving.terminate().exitCode() shouldBe 0
                }
            }
        }

        test("tail follows what is appended, a file that is cut, one that takes its place, and one that is not there yet") {
            inDirectory { directory ->
                val file = directory.resolve("log")
                val seen = Channel<String>(Channel.UNLIMITED)
                val following = launch { tail(file.async, 2.milliseconds).collect { seen.send(it.decodeToString()) } }
                suspend fun expect(text: String) {
                    var got = ""
                    while (got.length < text.length) got += seen.receive()
                    got shouldBe text
                }
                file.writeText("first\n")
                expect("first\n")
                file.appendText("second\n")
                expect("second\n")
                file.writeText("cut\n")
                expect("cut\n")
                directory.resolve("new").writeText("replaced by a longer file\n")
                file.appendText("last of the old\n")
                Files.move(directory.resolve("new"), file, ATOMIC_MOVE)
                expect("last of the old\nreplaced by a longer file\n")
                Files.delete(file)
                file.writeText("made anew\n")
                expect("made anew\n")
                following.cancel()
                following.join()
                seen.tryReceive().getOrElse { "" } shouldBeIn listOf("")
            }
        }
    })
