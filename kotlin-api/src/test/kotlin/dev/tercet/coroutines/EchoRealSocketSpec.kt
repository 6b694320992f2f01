package dev.tercet.coroutines

import dev.tercet.ServeReport
import dev.tercet.StopSignal
import dev.tercet.loop.EventLoop
import dev.tercet.support.Stress
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer
import kotlin.random.Random
import kotlin.time.Duration.Companion.seconds

/** The first programs of the API, whole: server and client on real sockets. */
class EchoRealSocketSpec :
    FunSpec({
        suspend fun echo(stream: SocketStream) {
            val buffer = ByteBuffer.allocate(8192)
            while (stream.receiveSome(buffer.clear()) != -1) stream.sendAll(buffer.flip())
        }

        suspend fun receiveAll(stream: SocketStream): ByteArray {
            val all = ByteArrayOutputStream()
            val buffer = ByteBuffer.allocate(8192)
            while (stream.receiveSome(buffer.clear()) != -1) all.write(buffer.array(), 0, buffer.position())
            return all.toByteArray()
        }

        val seed = Stress.seed(EchoRealSocketSpec::class.java)

        test("IO-TL9 IO-SV1 a server started in a nursery echoes what 20 clients send, and IO-SV10 stops gracefully") {
            val report =
                EventLoop.open("echo").use { loop ->
                    runOnLoop(loop) {
                        val stop = StopSignal()
                        var report: ServeReport? = null
                        nursery {
                            val listeners =
                                start { status ->
                                    report = serveTcp(port = 0, stop = stop, drain = 5.seconds, taskStatus = status) { echo(it) }
                                }
                            nursery {
                                repeat(20) { client ->
                                    startSoon {
                                        val data = Random(seed + client).nextBytes(100_000)
                                        openTcpStream("127.0.0.1", listeners.single().port).use { stream ->
                                            nursery {
                                                startSoon {
                                                    stream.sendAll(ByteBuffer.wrap(data))
                                                    stream.sendEof()
                                                }
                                                receiveAll(stream).contentEquals(data) shouldBe true
                                            }
                                        }
                                    }
                                }
                            }
                            stop.stop()
                        }
                        report
                    }
                }
            report shouldBe ServeReport(20, 20, 0, 0)
        }

        test("IO-SV1 the same with every coroutine on another dispatcher than the loop's") {
            nursery {
                val listeners = start { status -> serveTcp(port = 0, host = "localhost", taskStatus = status) { echo(it) } }
                for (listener in listeners) {
                    openTcpStream("localhost", listener.port).use { stream ->
                        stream.sendAll(ByteBuffer.wrap("hello".encodeToByteArray()))
                        stream.sendEof()
                        receiveAll(stream).decodeToString() shouldBe "hello"
                    }
                }
                cancelChildren()
            }
        }
    })
