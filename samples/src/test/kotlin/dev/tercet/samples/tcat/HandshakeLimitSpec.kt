package dev.tercet.samples.tcat

import dev.tercet.TooSlowException
import dev.tercet.coroutines.failAfter
import dev.tercet.coroutines.testing.runIoTest
import dev.tercet.testing.simulation.ConnectAnswer
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlin.time.Duration.Companion.seconds

/** A server that connects and says nothing, in virtual time: tcat as a client gives up by itself. */
class HandshakeLimitSpec :
    FunSpec({
        fun silent(way: Way, whatFailed: String) = runIoTest {
            network.onConnect("192.0.2.1", ConnectAnswer.accept())
            val failure = shouldThrow<FailedAtException> { Route(Address.toConnect("tls:192.0.2.1:443"), way).open() }
            withClue(way) {
                now shouldBe 30.seconds
                describe(failure) shouldBe "tls:192.0.2.1:443: $whatFailed"
                ExitCode.of(failure) shouldBe ExitCode.FAILED
            }
            network.trace().assertNothingOpen()
        }

        test("a handshake may take 30 s") {
            silent(Way(tls = TlsSettings(insecure = true)), "the TLS handshake was not finished within 30 s")
        }

        test("what comes before TLS may take 30 s, whoever should speak first") {
            for (protocol in StartTlsProtocol.entries) {
                silent(
                    Way(startTls = protocol, tls = TlsSettings(serverName = "server.test")),
                    "the $protocol server did not agree to TLS within 30 s",
                )
            }
        }

        test("a shorter limit of the caller's counts") {
            runIoTest {
                network.onConnect("192.0.2.1", ConnectAnswer.accept())
                shouldThrow<TooSlowException> { failAfter(2.seconds) { Route(Address.toConnect("tls:192.0.2.1:443")).open() } }
                now shouldBe 2.seconds
                network.trace().assertNothingOpen()
            }
        }
    })
