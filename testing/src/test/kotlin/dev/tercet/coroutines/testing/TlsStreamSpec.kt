@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.tercet.coroutines.testing

import dev.tercet.BrokenResourceException
import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.TooSlowException
import dev.tercet.WouldBlockException
import dev.tercet.coroutines.TlsConfig
import dev.tercet.coroutines.TlsServerConfig
import dev.tercet.coroutines.TlsStream
import dev.tercet.coroutines.receiveSome
import dev.tercet.coroutines.sendAll
import dev.tercet.testing.ChangingIdentity
import dev.tercet.testing.certificates.TestCa
import dev.tercet.testing.certificates.TestLeaf
import dev.tercet.tls.ClientAuth
import dev.tercet.tls.NeedHandshakeException
import dev.tercet.tls.TlsRole
import dev.tercet.tls.TlsTruncatedException
import dev.tercet.tls.TlsVersion
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import java.io.IOException
import java.time.Duration
import java.time.Instant
import javax.net.ssl.SSLException
import javax.net.ssl.SSLParameters
import kotlin.time.Duration.Companion.seconds
import dev.tercet.tls.TlsConfig as ClientConfig
import dev.tercet.tls.TlsServerConfig as ServerConfig

/** What suspending TLS streams do, over memory. Java's twin is `TlsStreamTest`. */
class TlsStreamSpec :
    FunSpec({
        test("TLS-A1 TLS-A2 TLS-A3 TLS-A5 TLS-A6 TLS-J1 wrapping does no I/O and keeps what it was given") {
            val (left, right) = memoryStreamPair()
            val client = TlsStream.wrapClient(left, "Server.Test.", TlsPairs.client)
            val server = TlsStream.wrapServer(right, TlsPairs.server)
            shouldThrow<WouldBlockException> { left.sendStream.getDataNow() }
            client.transportStream shouldBeSameInstanceAs left
            client.role shouldBe TlsRole.CLIENT
            server.role shouldBe TlsRole.SERVER
            client.serverHostname shouldBe "Server.Test."
            server.serverHostname.shouldBeNull()
            client.httpsCompatible shouldBe false
            shouldThrow<NeedHandshakeException> { client.info }
            shouldThrow<NeedHandshakeException> { server.channelBinding("tls-server-end-point") }
        }

        test("TLS-A4 TLS-M5 TLS-M6 a client without a name to check is refused, dangers are spelled out") {
            val transport = memoryStreamPair().first
            val config = TlsPairs.client
            for (name in listOf(null, "", " ", "a b", "stra\u00dfe.test", "x..test", "[::1]", "1.2.3")) {
                withClue(name) { shouldThrow<IllegalArgumentException> { TlsStream.wrapClient(transport, name, config) } }
            }
            TlsStream.wrapClient(transport, null, config.dangerouslyWithoutHostnameCheck()).serverHostname.shouldBeNull()
            val changes =
                listOf<(SSLParameters) -> Unit>({ it.endpointIdentificationAlgorithm = null }, { it.serverNames = emptyList() })
            for (change in changes) {
                val changed = config.withConfigurer { _, parameters -> change(parameters) }
                shouldThrow<IllegalArgumentException> { TlsStream.wrapClient(transport, "a.test", changed) }
            }
        }

        test("TLS-A7 the configurer is called once for each stream, and what it sets counts") {
            runTest {
                var calls = 0
                val server =
                    TlsPairs.server.withConfigurer { _, parameters ->
                        calls++
                        parameters.protocols = arrayOf("TLSv1.2")
                    }
                val (client, _) = TlsPairs.handshaken(TlsPairs.wrap(memoryStreamPair(), TlsPairs.client, server))
                client.info.version() shouldBe "TLSv1.2"
                calls shouldBe 1
            }
        }

        for (version in TlsVersion.entries) {
            val configured = TlsPairs.client.withVersions(version)

            test("TLS-B1 TLS-B2 TLS-B11 TLS-J5 TLS-J6 the first operation does the handshake, as doHandshake does ($version)") {
                runTest {
                    val (left, right) = TlsPairs.wrap(memoryStreamPair(), configured)
                    val reader = async { right.receiveSome() }
                    left.sendAll("hello".encodeToByteArray())
                    reader.await().decodeToString() shouldBe "hello"
                    left.doHandshake()
                    left.info.version() shouldBe version.protocolName()
                    left.info.peerCertificates()[0].subjectAlternativeNames.toString() shouldContain TlsPairs.NAME
                    left.channelBinding("tls-server-end-point") shouldBe right.channelBinding("tls-server-end-point")
                    shouldThrow<UnsupportedOperationException> { left.channelBinding("tls-unique") }
                }
            }

            test("TLS-M4 TLS-B9 TLS-B19 a wrong name breaks both sides, each of which is told why ($version)") {
                runTest {
                    val (left, right) = memoryStreamPair()
                    val client = TlsStream.wrapClient(left, "other.test", configured)
                    val server = TlsStream.wrapServer(right, TlsPairs.server)
                    val serving = failing { server.receiveSome() }
                    val thrown = shouldThrow<BrokenResourceException> { client.sendAll(ByteArray(1)) }
                    thrown.cause.shouldBeInstanceOf<SSLException>()
                    thrown.reason() shouldContain "expected: other.test; found: server.test"
                    serving.await().shouldBeBroken().reason() shouldContain "the peer sent the alert certificate_unknown"
                    shouldThrow<NeedHandshakeException> { client.info }
                }
            }

            test("TLS-N1 a key manager chooses the certificate by the name that the client sends ($version)") {
                runTest {
                    val identity = ChangingIdentity(named("one.test"), named("two.test"))
                    val server = ServerConfig.of(identity.byName("two.test").context())
                    for (name in listOf("one.test", "two.test")) {
                        val (left, right) = memoryStreamPair()
                        // Sessions of its own: a session that is resumed has no choice in it.
                        val client = TlsStream.wrapClient(left, name, TlsPairs.stranger().withVersions(version))
                        TlsPairs.handshaken(client to TlsStream.wrapServer(right, server))
                        client.info.peerCertificates()[0].subjectX500Principal.name shouldBe "CN=$name"
                    }
                }
            }

            test("TLS-N6 TLS-B15 TLS-J4 a server that needs a certificate refuses clients without one ($version)") {
                runTest {
                    val server = TlsPairs.server.withClientAuth(ClientAuth.NEED, TlsPairs.ca.trust())
                    val (left, right) = TlsPairs.wrap(memoryStreamPair(), configured, server)
                    val serving = failing { right.doHandshake() }
                    shouldThrow<BrokenResourceException> { left.receiveSome() }.reason() shouldContain "the peer sent the alert"
                    serving.await().shouldBeBroken().cause.shouldBeInstanceOf<SSLException>()

                    val known = configured.withIdentity(TlsPairs.ca.issue("client.test"))
                    val good = TlsPairs.handshaken(TlsPairs.wrap(memoryStreamPair(), known, server))
                    good.second.info.peerCertificates()[0].subjectX500Principal.name shouldBe "CN=client.test"

                    val wanting = server.withClientAuth(ClientAuth.WANT, TlsPairs.ca.trust())
                    val none = TlsPairs.handshaken(TlsPairs.wrap(memoryStreamPair(), configured, wanting))
                    none.second.info.peerCertificates() shouldBe emptyList()
                }
            }

            test("TLS-C3 TLS-G1 TLS-H1 TLS-H3 close_notify is an end that stays, and closing twice is fine ($version)") {
                runTest {
                    val (left, right) = TlsPairs.handshaken(memoryStreamPair(), version)
                    left.sendAll("bye".encodeToByteArray())
                    left.close()
                    left.close()
                    isCancelledAtOnce { left.close() } shouldBe true
                    right.receiveSome().decodeToString() shouldBe "bye"
                    repeat(2) { right.receiveSome().size shouldBe 0 }
                    right.close()
                    shouldThrow<ClosedResourceException> { left.sendAll(ByteArray(0)) }
                    shouldThrow<ClosedResourceException> { left.receiveSome() }
                    shouldThrow<ClosedResourceException> { left.doHandshake() }
                    shouldThrow<ClosedResourceException> { left.unwrap() }
                    shouldThrow<ClosedResourceException> { left.waitSendAllMightNotBlock() }
                    shouldThrow<ClosedResourceException> { left.transportStream.sendAll(ByteArray(1)) }
                }
            }

            test("TLS-G2 TLS-G3 TLS-G5 TLS-G6 TLS-H2 TLS-H11 an end without close_notify, strict and https ($version)") {
                runTest {
                    val strict = TlsPairs.handshaken(memoryStreamPair(), version)
                    strict.first.closeForcefully()
                    repeat(2) { shouldThrow<BrokenResourceException> { strict.second.receiveSome() }.shouldBeTruncated() }
                    shouldThrow<BrokenResourceException> { strict.second.sendAll(ByteArray(1)) }.shouldBeTruncated()
                    strict.second.close()

                    val client = configured.withHttpsCompatible(true)
                    val server = TlsPairs.server.withHttpsCompatible(true)
                    val https = TlsPairs.handshaken(TlsPairs.wrap(memoryStreamPair(), client, server))
                    https.first.sendAll("last".encodeToByteArray())
                    https.first.close()
                    https.second.receiveSome().decodeToString() shouldBe "last"
                    repeat(2) { https.second.receiveSome().size shouldBe 0 }
                    shouldThrow<BrokenResourceException> { https.second.sendAll(ByteArray(1)) }
                    https.second.close()

                    val mixed = TlsPairs.handshaken(TlsPairs.wrap(memoryStreamPair(), client, TlsPairs.server))
                    mixed.first.close()
                    shouldThrow<BrokenResourceException> { mixed.second.receiveSome() }.shouldBeTruncated()
                }
            }

            test("TLS-I1 TLS-I2 TLS-I3 TLS-I8 TLS-A5 TLS-O3 leaving TLS and coming back, with pipelined bytes ($version)") {
                runTest {
                    val (left, right) = TlsPairs.handshaken(memoryStreamPair(), version)
                    val other =
                        async {
                            right.receiveSome().size shouldBe 0
                            val (plain, trailing) = right.unwrap()
                            trailing.size shouldBe 0
                            plain.sendAll("plain".encodeToByteArray())
                            plain
                        }
                    val (transport, trailing) = left.unwrap()
                    val plain = other.await()
                    val rest = if (trailing.isEmpty()) transport.receiveSome(5) else ByteArray(0)
                    (trailing + rest).decodeToString() shouldBe "plain"
                    shouldThrow<IllegalStateException> { left.transportStream }
                    shouldThrow<ClosedResourceException> { left.sendAll(ByteArray(1)) }
                    left.close()
                    left.closeForcefully()
                    TlsPairs.handshaken(TlsPairs.wrap(transport to plain))
                }
            }
        }

        test("TLS-B3 waitSendAllMightNotBlock does no handshake") {
            runTest {
                val transport = WatchedStream(memoryStreamPair().first)
                TlsStream.wrapClient(transport, TlsPairs.NAME, TlsPairs.client).waitSendAllMightNotBlock()
                transport.waits shouldBe 1
                transport.sends shouldBe 0
            }
        }

        test("TLS-B12 TLS-B13 over lockstep both handshakes return, though nobody takes the tickets") {
            runTest {
                val (left, right) = TlsPairs.handshaken(lockstepStreamPair(), TlsVersion.TLS_1_3)
                val sender = launch { right.sendAll("x".encodeToByteArray()) }
                left.receiveSome().decodeToString() shouldBe "x"
                sender.join()
            }
        }

        test("TLS-B4 TLS-F4 a sender, a receiver and two that only want the handshake, at once") {
            runTest {
                val (left, right) = TlsPairs.wrap(lockstepStreamPair())
                val data = ByteArray(30 * 32 * 1024)
                coroutineScope {
                    for (side in listOf(left, right)) {
                        launch { side.sendAll(data) }
                        repeat(2) { launch { side.doHandshake() } }
                        launch {
                            var received = 0
                            while (received < data.size) received += side.receiveSome().size
                        }
                    }
                }
                left.info.cipherSuite() shouldStartWith "TLS_"
            }
        }

        test("TLS-B5 TLS-B6 TLS-B17 a handshake that is cancelled breaks the stream, and those who wait learn it") {
            runTest {
                val (left, _) = TlsPairs.wrap(memoryStreamPair())
                val driver = launch { left.doHandshake() }
                val waiter = failing { left.sendAll(ByteArray(1)) }
                runCurrent()
                driver.cancelAndJoin()
                waiter.await().shouldBeBroken()
                shouldThrow<BrokenResourceException> { left.doHandshake() }
                left.close()
                shouldThrow<ClosedResourceException> { left.doHandshake() }
                shouldThrow<ClosedResourceException> { left.transportStream.sendAll(ByteArray(1)) }
            }
        }

        test("TLS-B17 TLS-C8 a cancellation before anything has begun has no effect") {
            runTest {
                val (left, right) = TlsPairs.wrap(memoryStreamPair())
                isCancelledAtOnce { left.sendAll(ByteArray(1)) } shouldBe true
                val reader = async { right.receiveSome() }
                left.sendAll("y".encodeToByteArray())
                reader.await().decodeToString() shouldBe "y"
            }
        }

        test("TLS-B7 TLS-B8 TLS-C5 an error of the transport comes out as it is, then Broken") {
            runTest {
                val error = CableCut()
                val (left, right) = TlsPairs.wrap(TlsPairs.watched(memoryStreamPair()))
                left.transportStream.sendHook = { throw error }
                shouldThrow<CableCut> { left.doHandshake() } shouldBeSameInstanceAs error
                shouldThrow<BrokenResourceException> { left.doHandshake() }.cause shouldBeSameInstanceAs error
                shouldThrow<BrokenResourceException> { left.waitSendAllMightNotBlock() }.cause shouldBeSameInstanceAs error
                left.close()

                right.transportStream.receiveHook = { throw error }
                shouldThrow<CableCut> { right.receiveSome() } shouldBeSameInstanceAs error
                shouldThrow<BrokenResourceException> { right.doHandshake() }.cause shouldBeSameInstanceAs error

                val (sender, _) = TlsPairs.handshaken(TlsPairs.wrap(TlsPairs.watched(memoryStreamPair())))
                sender.transportStream.sendHook = { throw error }
                shouldThrow<CableCut> { sender.sendAll(ByteArray(1)) } shouldBeSameInstanceAs error
                shouldThrow<BrokenResourceException> { sender.sendAll(ByteArray(1)) }.cause shouldBeSameInstanceAs error
                sender.close()
            }
        }

        test("TLS-D9 an error of the transport while receiving data breaks nothing") {
            runTest {
                val (left, right) = TlsPairs.handshaken(TlsPairs.wrap(TlsPairs.watched(memoryStreamPair())))
                left.transportStream.receiveHook = { throw CableCut() }
                shouldThrow<CableCut> { left.receiveSome() }
                left.transportStream.receiveHook = {}
                right.sendAll("later".encodeToByteArray())
                left.receiveSome().decodeToString() shouldBe "later"
            }
        }

        test("TLS-M1 TLS-M2 TLS-M3 names in every form, and addresses, are checked") {
            runTest {
                val server = TlsServerConfig(TlsPairs.ca.leaf("xn--bcher-kva.test", "::1", "127.0.0.1", "a.test").issue().identity())
                for (name in listOf("A.Test", "a.test.", "b\u00fccher.test", "127.0.0.1", "::1", "0:0::1")) {
                    val (left, right) = memoryStreamPair()
                    val client = TlsStream.wrapClient(left, name, TlsPairs.client)
                    withClue(name) { TlsPairs.handshaken(client to TlsStream.wrapServer(right, server)) }
                }
                for (name in listOf("b.test", "127.0.0.2", "x.a.test")) {
                    val (left, right) = memoryStreamPair()
                    val serving = failing { TlsStream.wrapServer(right, server).doHandshake() }
                    val client = TlsStream.wrapClient(left, name, TlsPairs.client)
                    shouldThrow<BrokenResourceException> { client.doHandshake() }.reason() shouldContain "expected: $name"
                    serving.await().shouldBeBroken()
                }
            }
        }

        test("TLS-M4 expired, not yet valid, for clients only, nameless, incomplete: all refused") {
            runTest {
                val now = Instant.now()
                val below = TlsPairs.ca.intermediate("below")
                val good = TlsPairs.ca.leaf(TlsPairs.NAME)
                val expired = good.withValidity(now - Duration.ofDays(9), now - Duration.ofDays(2))
                val bad =
                    listOf(
                        expired,
                        good.withValidity(now + Duration.ofDays(2), now + Duration.ofDays(9)),
                        good.withUsage(TestLeaf.Usage.CLIENT),
                        TlsPairs.ca.leaf().withCommonName("other.test"),
                        TlsPairs.ca.leaf("*.server.test"),
                        below.leaf(TlsPairs.NAME).withoutIntermediates(),
                        TestCa.create("stranger").leaf(TlsPairs.NAME),
                    )
                for (leaf in bad) {
                    val (left, right) = TlsPairs.wrap(memoryStreamPair(), server = TlsServerConfig(leaf.issue().identity()))
                    val serving = failing { right.doHandshake() }
                    val thrown = shouldThrow<BrokenResourceException> { left.doHandshake() }
                    thrown.reason() shouldContain "the peer's certificate was refused"
                    thrown.reason() shouldContain "expected: server.test; found: "
                    serving.await()
                }
                val whole = TlsServerConfig(below.leaf(TlsPairs.NAME).issue().identity())
                TlsPairs.handshaken(TlsPairs.wrap(memoryStreamPair(), server = whole))
                val anything = ClientConfig.DEFAULT.dangerouslyTrustAnything()
                TlsPairs.handshaken(TlsPairs.wrap(memoryStreamPair(), anything, TlsServerConfig(expired.issue().identity())))
            }
        }

        test("TLS-N4 TLS-N5 TLS-J3 the server's order decides about the application protocol") {
            runTest {
                val server = TlsPairs.server.withAlpn("h2", "http/1.1")
                val client = TlsPairs.client.withAlpn("http/1.1", "h2")
                val both = TlsPairs.handshaken(TlsPairs.wrap(memoryStreamPair(), client, server))
                both.first.info.alpn() shouldBe "h2"
                both.second.info.alpn() shouldBe "h2"
                val none = TlsPairs.handshaken(TlsPairs.wrap(memoryStreamPair(), TlsPairs.client, server))
                none.first.info.alpn().shouldBeNull()
                none.second.info.alpn().shouldBeNull()
                val (left, right) = TlsPairs.wrap(memoryStreamPair(), TlsPairs.client.withAlpn("smtp"), server)
                val serving = failing { right.doHandshake() }
                shouldThrow<BrokenResourceException> { left.doHandshake() }.reason() shouldContain "no_application_protocol"
                serving.await().shouldBeBroken().cause.shouldBeInstanceOf<SSLException>()
            }
        }

        test("TLS-B20 plaintext in both directions is told at once") {
            runTest {
                val web = memoryStreamPair()
                web.first.sendAll("GET / HTTP/1.0\r\n\r\n".encodeToByteArray())
                val server = TlsStream.wrapServer(web.second, TlsPairs.server)
                shouldThrow<BrokenResourceException> { server.doHandshake() }.reason() shouldContain "it sent \"GET / HTTP/1.0"
                val mail = memoryStreamPair()
                mail.second.sendAll("220 mail.test ESMTP\r\n".encodeToByteArray())
                val client = TlsStream.wrapClient(mail.first, TlsPairs.NAME, TlsPairs.client)
                shouldThrow<BrokenResourceException> { client.doHandshake() }.reason() shouldContain "it sent \"220 mail.test"
            }
        }

        test("TLS-B18 a handshake that takes too long is Broken, and the transport is closed") {
            runTest {
                val (left, _) = memoryStreamPair()
                val client = TlsStream.wrapClient(left, TlsPairs.NAME, TlsConfig(trust = TlsPairs.ca.trust(), handshakeTimeout = 7.seconds))
                repeat(2) {
                    shouldThrow<BrokenResourceException> { client.doHandshake() }.cause.shouldBeInstanceOf<TooSlowException>()
                    currentTime shouldBe 7_000
                }
                shouldThrow<ClosedResourceException> { left.sendAll(ByteArray(1)) }
            }
        }

        test("TLS-B18 a peer that never answers is Broken after 30 s, unless the configuration says otherwise") {
            runTest {
                for (config in listOf(TlsConfig(), TlsConfig().withHttpsCompatible(true))) {
                    val began = currentTime
                    val client = TlsStream.wrapClient(memoryStreamPair().first, TlsPairs.NAME, config)
                    shouldThrow<BrokenResourceException> { client.doHandshake() }.cause.shouldBeInstanceOf<TooSlowException>()
                    currentTime - began shouldBe 30_000
                }
                TlsConfig(handshakeTimeout = null).handshakeTimeout() shouldBe null
            }
        }

        test("TLS-F1 TLS-F2 TLS-F3 two of a kind are Busy, before and after the handshake") {
            runTest {
                for ((left, _) in listOf(TlsPairs.wrap(lockstepStreamPair()), TlsPairs.handshaken(TlsPairs.wrap(lockstepStreamPair())))) {
                    val sender = failing { left.sendAll(ByteArray(1)) }
                    runCurrent()
                    shouldThrow<BusyResourceException> { left.sendAll(ByteArray(1)) }.message shouldContain "another task is sending"
                    shouldThrow<BusyResourceException> { left.waitSendAllMightNotBlock() }
                    shouldThrow<BusyResourceException> { left.unwrap() }
                    val receiver = failing { left.receiveSome() }
                    runCurrent()
                    shouldThrow<BusyResourceException> { left.receiveSome() }.message shouldContain "another task is receiving"
                    left.closeForcefully()
                    sender.await().shouldBeInstanceOf<ClosedResourceException>()
                    receiver.await().shouldBeInstanceOf<ClosedResourceException>()
                }
            }
        }

        test("TLS-H4 closing before the handshake says nothing, and does not wait for the peer") {
            runTest {
                for (byClient in listOf(true, false)) {
                    // Nobody is at the other end, who could answer.
                    val (left, right) = TlsPairs.wrap(TlsPairs.watched(memoryStreamPair()))
                    val (closing, other) = if (byClient) left to right else right to left
                    closing.close()
                    closing.transportStream.sends shouldBe 0
                    closing.transportStream.closes shouldBe 1
                    shouldThrow<BrokenResourceException> { other.receiveSome() }
                }
            }
        }

        test("TLS-G4 TLS-B10 https: an end before or in the handshake is no end: nobody was checked") {
            runTest {
                val https = TlsPairs.server.withHttpsCompatible(true)
                val begins = listOf(ByteArray(0), byteArrayOf(22, 3, 3, 0, 80, 2, 0, 0, 76, 3, 3, 1, 2, 3, 4, 5), byteArrayOf(22, 3, 3))
                for (begin in begins) {
                    for (isClient in listOf(true, false)) {
                        val (left, right) = TlsPairs.wrap(memoryStreamPair(), TlsPairs.client.withHttpsCompatible(true), https)
                        val (reading, other) = if (isClient) left to right else right to left
                        other.transportStream.sendAll(begin)
                        other.transportStream.sendStream.close()
                        repeat(2) { shouldThrow<BrokenResourceException> { reading.receiveSome() }.shouldBeTruncated() }
                        shouldThrow<NeedHandshakeException> { reading.info }
                    }
                }
                val sending = TlsPairs.wrap(memoryStreamPair(), server = https)
                sending.first.transportStream.close()
                shouldThrow<BrokenResourceException> { sending.second.sendAll(ByteArray(1)) }.shouldBeTruncated()
                val strict = TlsPairs.wrap(memoryStreamPair())
                strict.first.transportStream.close()
                shouldThrow<BrokenResourceException> { strict.second.receiveSome() }.shouldBeTruncated()
            }
        }

        test("TLS-I2 TLS-O5 bytes behind close_notify, and bytes before the first, are not lost") {
            runTest {
                val (left, right) = memoryStreamPair()
                left.sendAll("PROXY x\r\n".encodeToByteArray())
                val client = TlsStream.wrapClient(left, TlsPairs.NAME, TlsPairs.client)
                val clientSide =
                    launch {
                        client.doHandshake()
                        // The close_notify and what follows it go out together.
                        left.sendStream.sendAllHook = null
                        val unwrapping = launch { client.unwrap() }
                        runCurrent()
                        left.sendAll("after".encodeToByteArray())
                        memoryStreamPump(left.sendStream, right.receiveStream)
                        unwrapping.join()
                    }
                runCurrent()
                val first = right.receiveSome()
                val initial = first.copyOfRange(first.indexOf('\n'.code.toByte()) + 1, first.size)
                val server = TlsStream.wrapServer(right, TlsPairs.server, initial)
                server.receiveSome().size shouldBe 0
                server.unwrap().trailingBytes.decodeToString() shouldBe "after"
                clientSide.join()
            }
        }

        test("TLS-I5 TLS-I6 leaving TLS fails over a missing close_notify and over unread data") {
            runTest {
                val ended = TlsPairs.handshaken(TlsPairs.wrap(memoryStreamPair()))
                ended.second.transportStream.sendStream.close()
                shouldThrow<BrokenResourceException> { ended.first.unwrap() }.shouldBeTruncated()
                val unread = TlsPairs.handshaken(TlsPairs.wrap(memoryStreamPair()))
                unread.second.sendAll("important".encodeToByteArray())
                shouldThrow<BrokenResourceException> { unread.first.unwrap() }.reason() shouldContain "nobody has received it"
                shouldThrow<BrokenResourceException> { unread.first.receiveSome() }
            }
        }

        test("TLS-S1 sendEof ends one direction in TLS 1.3, and sends nothing in TLS 1.2") {
            runTest {
                val (left, right) = TlsPairs.handshaken(memoryStreamPair(), TlsVersion.TLS_1_3)
                left.sendAll("question".encodeToByteArray())
                repeat(2) { left.sendEof() }
                shouldThrow<ClosedResourceException> { left.sendAll(ByteArray(1)) }
                left.waitSendAllMightNotBlock()
                right.receiveSome().decodeToString() shouldBe "question"
                right.receiveSome().size shouldBe 0
                right.sendAll("answer".encodeToByteArray())
                left.receiveSome().decodeToString() shouldBe "answer"
                right.close()
                left.receiveSome().size shouldBe 0
                left.close()

                val old = TlsPairs.handshaken(memoryStreamPair(), TlsVersion.TLS_1_2)
                shouldThrow<UnsupportedOperationException> { old.first.sendEof() }
                old.first.sendAll("still".encodeToByteArray())
                old.second.receiveSome().decodeToString() shouldBe "still"
            }
        }

        test("TLS-H5 TLS-H9 closing past a stuck sender says no close_notify and wakes everybody") {
            runTest {
                val (left, _) = TlsPairs.handshaken(TlsPairs.wrap(lockstepStreamPair()))
                val sender = failing { left.sendAll(ByteArray(1)) }
                val receiver = failing { left.receiveSome() }
                runCurrent()
                left.close()
                sender.await().shouldBeInstanceOf<ClosedResourceException>()
                receiver.await().shouldBeInstanceOf<ClosedResourceException>()
            }
        }

        test("TLS-H7 an error in closing the transport is told once") {
            runTest {
                val (left, _) = memoryStreamPair()
                var closes = 0
                left.sendStream.closeHook = {
                    closes++
                    error("close")
                }
                val client = TlsStream.wrapClient(left, TlsPairs.NAME, TlsPairs.client.withHttpsCompatible(true))
                shouldThrow<IllegalStateException> { client.close() }.message shouldBe "close"
                client.close()
                closes shouldBe 1
            }
        }

        test("TLS-H8 a close that is cancelled closes by force, and the cancellation is thrown") {
            runTest {
                val (left, right) = TlsPairs.handshaken(TlsPairs.wrap(lockstepStreamPair()))
                // Nobody takes close_notify: the close would wait.
                val closing = launch { left.close() }
                runCurrent()
                closing.isCompleted shouldBe false
                closing.cancelAndJoin()
                shouldThrow<ClosedResourceException> { left.sendAll(ByteArray(1)) }
                shouldThrow<BrokenResourceException> { right.receiveSome() }.shouldBeTruncated()
                isCancelledAtOnce { right.close() } shouldBe true
                shouldThrow<ClosedResourceException> { right.transportStream.sendAll(ByteArray(1)) }
            }
        }

        test("TLS-H14 a close can wait for the peer's close_notify, but not for ever") {
            runTest {
                val patient = TlsPairs.client.withCloseNotifyReadTimeout(Duration.ofSeconds(100))
                val (left, right) = TlsPairs.handshaken(TlsPairs.wrap(memoryStreamPair(), patient))
                val closing = launch { left.close() }
                runCurrent()
                right.sendAll("thrown away".encodeToByteArray())
                right.receiveSome().size shouldBe 0
                runCurrent()
                withClue("the close did not wait") { closing.isCompleted shouldBe false }
                right.close()
                closing.join()
                currentTime shouldBe 0

                val (alone, _) = TlsPairs.handshaken(TlsPairs.wrap(memoryStreamPair(), patient))
                alone.close()
                currentTime shouldBe 100_000
            }
        }

        test("TLS-O1 TLS in TLS: the inner close_notify first, and each level its own") {
            runTest {
                val outer = TlsPairs.handshaken(memoryStreamPair(), TlsVersion.TLS_1_3)
                val inner = TlsPairs.handshaken(outer, TlsVersion.TLS_1_2)
                inner.first.sendAll("deep".encodeToByteArray())
                inner.first.close()
                inner.second.receiveSome().decodeToString() shouldBe "deep"
                inner.second.receiveSome().size shouldBe 0
                outer.second.receiveSome().size shouldBe 0
                shouldThrow<ClosedResourceException> { outer.first.sendAll(ByteArray(1)) }
            }
        }
    })

/** It has a field, so that nobody copies it. */
private class CableCut(val cable: Int = 1) : IOException("cable cut")

private fun named(name: String) = TlsPairs.ca.leaf(name).withCommonName(name).issue()

/** Calls it beside the test, and gives what it throws; null for nothing. */
private fun CoroutineScope.failing(call: suspend () -> Unit): Deferred<Throwable?> = async { runCatching { call() }.exceptionOrNull() }

private fun Throwable?.shouldBeBroken(): BrokenResourceException = shouldBeInstanceOf<BrokenResourceException>()

private fun BrokenResourceException.shouldBeTruncated() {
    cause.shouldBeInstanceOf<TlsTruncatedException>()
}
