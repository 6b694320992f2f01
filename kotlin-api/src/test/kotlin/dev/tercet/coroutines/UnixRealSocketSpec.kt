package dev.tercet.coroutines

import dev.tercet.loop.EventLoop
import dev.tercet.support.Stress
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.isActive
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import java.net.ConnectException
import java.net.InetSocketAddress
import java.net.StandardProtocolFamily
import java.net.StandardSocketOptions
import java.net.UnixDomainSocketAddress
import java.nio.channels.ServerSocketChannel
import java.nio.file.FileAlreadyExistsException
import java.nio.file.FileSystemException
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.writeText
import kotlin.time.Duration.Companion.milliseconds

class UnixRealSocketSpec :
    FunSpec({
        fun long(bytes: Int): Path = Path.of("/tmp/" + "x".repeat(bytes - 5))

        fun stale(path: Path) = ServerSocketChannel.open(StandardProtocolFamily.UNIX).use { it.bind(UnixDomainSocketAddress.of(path)) }

        everywhere("IO-U1 IO-U4 IO-SL2 bytes go both ways; the server's end has the path, the client's local address is empty") {
            inDirectory { directory ->
                val path = directory.resolve("s")
                openUnixListener(path).use { listener ->
                    openUnixSocket(path).use { client ->
                        listener.accept().use { server ->
                            client.sendAll("to".buffer())
                            server.receiveText() shouldBe "to"
                            server.sendAll("fro".buffer())
                            client.receiveText() shouldBe "fro"
                            listener.localAddress shouldBe UnixDomainSocketAddress.of(path)
                            server.localAddress shouldBe listener.localAddress
                            client.remoteAddress shouldBe listener.localAddress
                            (client.localAddress as UnixDomainSocketAddress).path.toString() shouldBe ""
                            server.remoteAddress shouldBe client.localAddress
                            shouldThrow<UnsupportedOperationException> { client.getOption(StandardSocketOptions.TCP_NODELAY) }
                            shouldThrow<IllegalStateException> { listener.port }
                        }
                    }
                }
                Files.list(directory).use { it.toList() }.shouldBeEmpty()
            }
        }

        everywhere(
            "IO-U2 IO-U1 nothing there: NoSuchFile; a file, a directory, a stale socket: ConnectException; too long or empty: IllegalArgument",
        ) {
            val before = openSockets()
            inDirectory { directory ->
                shouldThrow<NoSuchFileException> { openUnixSocket(directory.resolve("none")) }.file shouldContain "none"
                directory.resolve("file").writeText("x")
                stale(directory.resolve("stale"))
                for (name in listOf("file", "stale", "")) {
                    shouldThrow<ConnectException> { openUnixSocket(directory.resolve(name)) }.message shouldContain "unix:$directory"
                }
                shouldThrow<IllegalArgumentException> { openUnixSocket(Path.of("")) }
                for (bytes in listOf(107, 108, 200)) {
                    shouldThrow<IllegalArgumentException> { openUnixSocket(long(bytes)) }.message shouldContain bytes.toString()
                    shouldThrow<IllegalArgumentException> { openUnixListener(long(bytes)) }
                    shouldThrow<IllegalArgumentException> { serveUnix(long(bytes)) { } }
                    StreamSocket.open(StandardProtocolFamily.UNIX).use { socket ->
                        shouldThrow<IllegalArgumentException> { socket.connect(UnixDomainSocketAddress.of(long(bytes))) }
                    }
                }
                // Too long for bytes, not for characters.
                shouldThrow<IllegalArgumentException> { openUnixSocket(Path.of("/tmp/" + "ü".repeat(60))) }
            }
            openSockets() shouldBe before
        }

        everywhere("IO-U2 IO-U5 the longest path there can be works, with a name of one character too") {
            inDirectory { directory ->
                val deep = Files.createDirectory(directory.resolve("d".repeat(106 - directory.toString().length - 3)))
                for (path in listOf(deep.resolve("s"), directory.resolve("n".repeat(106 - directory.toString().length - 1)))) {
                    path.toString().length shouldBe 106
                    stale(path)
                    openUnixListener(path).use { listener ->
                        openUnixSocket(path).use { listener.accept().close() }
                    }
                    path.exists() shouldBe false
                }
                Files.list(deep).use { it.toList() }.shouldBeEmpty()
            }
        }

        everywhere("IO-U5 a stale socket is replaced; a file, a directory, a pipe and a link are refused and left alone") {
            val before = openSockets()
            inDirectory { directory ->
                val path = directory.resolve("s")
                stale(path)
                openUnixListener(path).use { listener -> openUnixSocket(path).use { listener.accept().close() } }
                path.exists() shouldBe false
                val file = directory.resolve("file").also { it.writeText("precious") }
                val sub = Files.createDirectory(directory.resolve("sub"))
                val link = Files.createSymbolicLink(directory.resolve("link"), file)
                val pipe = directory.resolve("pipe")
                ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() shouldBe 0
                for (taken in listOf(file, link, pipe)) {
                    shouldThrow<FileAlreadyExistsException> { openUnixListener(taken) }.file shouldBe taken.toString()
                }
                shouldThrow<FileSystemException> { openUnixListener(sub) }.message shouldContain "is a directory"
                shouldThrow<FileSystemException> { serveUnix(sub) { } }
                shouldThrow<NoSuchFileException> { openUnixListener(directory.resolve("none").resolve("s")) }
                Files.readString(file) shouldBe "precious"
                Files.list(directory).use { it.toList() }.toSet() shouldBe setOf(file, sub, link, pipe)
            }
            openSockets() shouldBe before
        }

        everywhere("IO-U5 a successor takes over without a gap, and the predecessor leaves its file alone") {
            inDirectory { directory ->
                val path = directory.resolve("s")
                var listener = openUnixListener(path)
                val clients =
                    launch {
                        while (isActive) openUnixSocket(path).close()
                    }
                repeat(Stress.rounds(10, 200)) {
                    val successor = openUnixListener(path)
                    delay(1.milliseconds)
                    // Whoever is still in the old queue would be reset: they are served first.
                    listener.close()
                    path.exists() shouldBe true
                    listener = successor
                }
                clients.cancelAndJoin()
                listener.close()
                Files.list(directory).use { it.toList() }.shouldBeEmpty()
            }
        }

        everywhere("IO-U5 a file that somebody else has put there is not removed; a file that is gone does not matter") {
            inDirectory { directory ->
                val path = directory.resolve("s")
                var listener = openUnixListener(path)
                Files.delete(path)
                path.writeText("somebody's")
                listener.close()
                Files.readString(path) shouldBe "somebody's"
                Files.delete(path)
                listener = openUnixListener(path)
                Files.delete(path)
                listener.close()
                listener.close()
            }
        }

        everywhere("IO-U5 the file is removed although the loop had closed the channel first") {
            inDirectory { directory ->
                val path = directory.resolve("s")
                val loop = EventLoop.open("short")
                val listener = withNetwork(loop.network()) { openUnixListener(path) }
                val accepting = async { runCatching { listener.accept() } }
                letOthersWait()
                kotlinx.coroutines.withContext(kotlinx.coroutines.Dispatchers.IO) { loop.close() }
                accepting.await().isFailure shouldBe true
                listener.close()
                path.exists() shouldBe false
            }
        }

        everywhere("IO-U5 the low-level socket binds to a path in the same way") {
            inDirectory { directory ->
                val path = directory.resolve("s")
                stale(path)
                val socket = ListenerSocket.open(StandardProtocolFamily.UNIX)
                socket.bind(UnixDomainSocketAddress.of(path), 5)
                SocketListener(socket).use { listener -> openUnixSocket(path).use { listener.accept().close() } }
                path.exists() shouldBe false
                ListenerSocket.open(StandardProtocolFamily.INET).use {
                    shouldThrow<IllegalArgumentException> { it.bind(UnixDomainSocketAddress.of(path), 5) }
                }
                ListenerSocket.open(StandardProtocolFamily.UNIX).use {
                    shouldThrow<IllegalArgumentException> { it.bind(InetSocketAddress(0), 5) }
                }
                Files.list(directory).use { it.toList() }.shouldBeEmpty()
            }
        }

        everywhere(
            "IO-U3 a full backlog is waited out: 30 clients of a listener with a backlog of 1 all get through, once somebody accepts",
        ) {
            inDirectory { directory ->
                val path = directory.resolve("s")
                openUnixListener(path, backlog = 1).use { listener ->
                    val clients =
                        List(30) {
                            launch(start = CoroutineStart.UNDISPATCHED) {
                                openUnixSocket(path).use { client ->
                                    client.sendAll("x".buffer())
                                    client.receiveText() shouldBe "y"
                                }
                            }
                        }
                    letOthersWait()
                    clients.count { it.isActive } shouldBe 30
                    repeat(30) {
                        listener.accept().use { server ->
                            server.receiveText() shouldBe "x"
                            server.sendAll("y".buffer())
                        }
                    }
                    clients.joinAll()
                }
            }
        }

        everywhere("IO-U3 IO-U1 waiting for a full backlog can be cancelled, and ends when the listener goes") {
            inDirectory { directory ->
                val path = directory.resolve("s")
                val listener = openUnixListener(path, backlog = 1)
                val queued = List(2) { openUnixSocket(path) }
                val waiting = List(3) { async(start = CoroutineStart.UNDISPATCHED) { runCatching { openUnixSocket(path) } } }
                letOthersWait()
                waiting.count { it.isActive } shouldBe 3
                waiting[0].cancelAndJoin()
                listener.close()
                for (task in waiting.drop(1)) (task.await().exceptionOrNull() is java.io.IOException) shouldBe true
                queued.forEach { it.close() }
            }
        }
    })
