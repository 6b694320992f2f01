package dev.tercet.coroutines.testing

import dev.tercet.coroutines.SocketListener
import dev.tercet.coroutines.openTcpListeners
import dev.tercet.coroutines.openUnixListener
import dev.tercet.coroutines.runOnLoop
import dev.tercet.coroutines.use
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.net.InetSocketAddress
import java.nio.file.Files

class OpenStreamToSocketListenerRealSocketSpec :
    FunSpec({
        suspend fun connectsTo(listener: SocketListener): String = listener.use {
            openStreamToSocketListener(listener).use { stream ->
                listener.accept().use { it.localAddress shouldBe stream.remoteAddress }
                (stream.remoteAddress as? InetSocketAddress)?.address?.hostAddress ?: stream.remoteAddress.toString()
            }
        }

        test("KIT-O1 IO-X4 a listener on one address is connected to there") {
            runOnLoop { connectsTo(openTcpListeners(0, "127.0.0.2").single()) } shouldBe "127.0.0.2"
        }
        test("KIT-O1 IO-X4 a listener on all IPv4 addresses is connected to on 127.0.0.1") {
            runOnLoop { connectsTo(openTcpListeners(0, "0.0.0.0").single()) } shouldBe "127.0.0.1"
        }
        test("KIT-O1 IO-X4 a dual-stack listener is connected to on a loopback address") {
            runOnLoop { connectsTo(openTcpListeners(0).single()) in setOf("127.0.0.1", "0:0:0:0:0:0:0:1") } shouldBe true
        }
        test("KIT-O1 IO-X4 a Unix listener is connected to at its path") {
            val path = Files.createTempDirectory("tercet").resolve("s")
            runOnLoop { connectsTo(openUnixListener(path)) } shouldBe path.toString()
            Files.delete(path.parent)
        }
    })
