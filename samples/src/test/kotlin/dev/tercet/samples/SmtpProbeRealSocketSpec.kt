package dev.tercet.samples

import dev.tercet.BrokenResourceException
import dev.tercet.TooLongException
import dev.tercet.coroutines.*
import dev.tercet.testing.certificates.TestCa
import dev.tercet.tls.TlsConfig
import dev.tercet.tls.TlsServerConfig
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.longs.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.net.ProtocolException

class SmtpProbeRealSocketSpec :
    FunSpec({
        val ca = TestCa.create()
        val config = TlsServerConfig(ca.issue("localhost"))

        /** A mail server that says this, one after the other, each when a command has come, and TLS when it was asked for. */
        suspend fun Nursery.mailServer(vararg replies: String): Int = start { status ->
            serveTcp(0, taskStatus = status) { stream ->
                var mail: BufferedStream<*> = BufferedStream(stream)
                for (reply in replies) {
                    mail.sendAll(reply.encodeToByteArray())
                    val command = mail.receiveLine() ?: break
                    if (command != "STARTTLS") continue
                    val injected = if (reply.endsWith("injects\r\n")) "250 injected\r\n" else ""
                    mail.sendAll("220 go\r\n$injected".encodeToByteArray())
                    mail = BufferedStream(TlsStream.wrapServer(mail, config))
                }
                if (mail.receiveLine() == "QUIT") mail.sendLine("221 bye")
                mail.close()
            }
        }.single().port

        suspend fun Nursery.probe(vararg replies: String) = probeSmtp("localhost", mailServer(*replies), TlsConfig(ca.trust()))

        test("it reports banner, offers, version and certificate") {
            onLoop {
                val report = probe("220-mail.example\u001b[2J\r\n220 ready\r\n", "250-mail.example\r\n250-SIZE 10\r\n250 StartTLS\r\n")
                report.banner shouldBe "mail.example[2J"
                report.offers shouldBe listOf("SIZE 10", "StartTLS")
                report.version shouldBe "TLSv1.3"
                report.certificate.subjectX500Principal.name shouldBe "CN=localhost"
                report.daysLeft shouldBeGreaterThan 0
            }
        }

        test("plaintext after STARTTLS is refused, and so are a server without it, a refusal, and one that does not end") {
            onLoop {
                shouldThrow<ProtocolException> { probe("220 a\r\n", "250-a\r\n250-STARTTLS\r\n250 injects\r\n") }.message shouldContain
                    "before TLS"
                shouldThrow<ProtocolException> { probe("220 a\r\n", "250 a\r\n") }.message shouldContain "no STARTTLS"
                shouldThrow<ProtocolException> { probe("554 go away\r\n") }.message shouldBe "no 220, but 554 go away"
                shouldThrow<ProtocolException> { probe("220-a\r\n".repeat(101)) }
                shouldThrow<TooLongException> { probe("220 " + "a".repeat(1000) + "\r\n") }
            }
        }

        test("a certificate of an unknown authority is refused") {
            onLoop {
                val port = mailServer("220 a\r\n", "250-a\r\n250 STARTTLS\r\n")
                shouldThrow<BrokenResourceException> { probeSmtp("localhost", port, TlsConfig(TestCa.create().trust())) }
            }
        }
    })
