package dev.tercet.coroutines.testing

import dev.tercet.coroutines.TlsStream
import dev.tercet.coroutines.receiveSome
import dev.tercet.coroutines.sendAll
import dev.tercet.tls.TlsConfig
import dev.tercet.tls.TlsEngineFactory
import dev.tercet.tls.TlsRole
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.netty.buffer.ByteBufAllocator
import io.netty.handler.ssl.SslContext
import io.netty.handler.ssl.SslContextBuilder
import io.netty.handler.ssl.SslProvider
import io.netty.util.ReferenceCountUtil
import kotlinx.coroutines.test.runTest
import javax.net.ssl.SSLEngine

/** An engine of one's own, as docs/tls-engines.md shows it. */
class OwnEngineSpec :
    FunSpec({
        test("TLS-H13 an engine that comes from no SSLContext is used through ten lines") {
            val context =
                SslContextBuilder
                    .forClient()
                    .sslProvider(SslProvider.OPENSSL_REFCNT)
                    .trustManager(TlsPairs.ca.certificate())
                    .build()
            val engines = NettyClientEngines(context)
            runTest {
                val (left, right) = memoryStreamPair()
                val client = TlsStream.wrapClient(left, TlsPairs.NAME, TlsConfig.of(engines))
                val server = TlsStream.wrapServer(right, TlsPairs.server)
                TlsPairs.handshaken(client to server)
                client.sendAll("hello".toByteArray())
                server.receiveSome(100).decodeToString() shouldBe "hello"
                client.close()
                server.receiveSome(100).size shouldBe 0
                server.close()
            }
            engines.released shouldBe 1
        }
    })

private class NettyClientEngines(private val context: SslContext) : TlsEngineFactory {
    var released = 0

    override fun create(role: TlsRole, host: String?, port: Int): SSLEngine = context.newEngine(ByteBufAllocator.DEFAULT, host, port)

    override fun release(engine: SSLEngine) {
        ReferenceCountUtil.release(engine)
        released++
    }
}
