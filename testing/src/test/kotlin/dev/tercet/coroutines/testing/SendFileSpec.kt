package dev.tercet.coroutines.testing

import dev.tercet.coroutines.ReceiveStream
import dev.tercet.coroutines.SendStream
import dev.tercet.coroutines.chunks
import dev.tercet.coroutines.nursery
import dev.tercet.coroutines.openTcpListeners
import dev.tercet.coroutines.openTcpStream
import dev.tercet.coroutines.sendFile
import dev.tercet.coroutines.use
import dev.tercet.tls.TlsVersion
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.flow.toList
import java.io.EOFException
import java.nio.file.Files
import java.nio.file.Path

/** Files over TLS, memory streams and a simulated network: copied, with the same promises. */
class SendFileSpec :
    FunSpec({
        val content = ByteArray(1_000_000) { (it / 3).toByte() }

        suspend fun withFile(body: suspend (Path) -> Unit) {
            val file = Files.createTempFile("tercet-test", ".bin")
            try {
                Files.write(file, content)
                body(file)
            } finally {
                Files.delete(file)
            }
        }

        suspend fun check(to: SendStream, from: ReceiveStream, file: Path, end: suspend () -> Unit) {
            var received = ByteArray(0)
            nursery {
                startSoon { received = from.chunks().toList().fold(ByteArray(0), ByteArray::plus) }
                to.sendFile(file) shouldBe content.size
                to.sendFile(file, 5, 10) shouldBe 10
                shouldThrow<EOFException> { to.sendFile(file, 999_990, 20) }
                end()
            }
            received.contentEquals(content + content.copyOfRange(5, 15) + content.copyOfRange(999_990, 1_000_000)) shouldBe true
        }

        for (version in TlsVersion.entries) {
            test("FILE-S2 FILE-S3 sendFile over $version") {
                withFile { file ->
                    val (left, right) = TlsPairs.handshaken(memoryStreamPair(), version)
                    check(left, right, file, left::close)
                }
            }
        }

        test("FILE-S2 FILE-S3 sendFile over memory streams") {
            withFile { file ->
                val (left, right) = memoryStreamPair()
                check(left, right, file, left::sendEof)
            }
        }

        test("FILE-S2 FILE-S3 sendFile over a simulated network") {
            withFile { file ->
                runIoTest(1) {
                    openTcpListeners(0, host = "192.0.2.1").single().use { listener ->
                        openTcpStream("192.0.2.1", listener.port).use { left ->
                            listener.accept().use { right -> check(left, right, file, left::sendEof) }
                        }
                    }
                    network.trace().assertNothingOpen()
                }
            }
        }
    })
