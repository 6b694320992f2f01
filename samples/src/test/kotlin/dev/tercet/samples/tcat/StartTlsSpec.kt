package dev.tercet.samples.tcat

import dev.tercet.support.Stress
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith
import java.io.IOException
import java.nio.ByteBuffer
import kotlin.random.Random

/** The machines of STARTTLS: what they say, what they take, and what they refuse. */
class StartTlsSpec :
    FunSpec({
        /** What a server says until TLS begins, and what it hears after each of it. */
        class Script(val protocol: StartTlsProtocol, vararg says: String) {
            val says = says.asList()

            fun machine() = protocol.dialogue("server.test")

            /** Returns what the machine sent. Each reply of the server is cut into pieces. */
            fun play(pieces: (ByteArray) -> List<ByteArray>): List<String> {
                val machine = machine()
                val heard = mutableListOf(machine.opening.decodeToString())
                for ((i, reply) in says.withIndex()) {
                    val all = pieces(reply.encodeToByteArray())
                    for ((j, piece) in all.withIndex()) {
                        val step = machine.receivedUntrusted(ByteBuffer.wrap(piece))
                        withClue("$protocol, reply $i, piece $j") {
                            when {
                                j < all.lastIndex -> step shouldBe StartTls.Step.Receive
                                i == says.lastIndex -> step shouldBe StartTls.Step.Begin
                                else -> heard += (step as StartTls.Step.Send).bytes.decodeToString()
                            }
                        }
                    }
                }
                return heard
            }
        }

        val smtp =
            Script(
                StartTlsProtocol.SMTP,
                "220-mail.test ESMTP\r\n220 ready\r\n",
                "250-mail.test\r\n250-starttls\r\n250 SIZE 1000\r\n",
                "220 go ahead\r\n",
            )
        val imap = Script(StartTlsProtocol.IMAP, "* OK [CAPABILITY IMAP4rev1] ready\r\n", "* CAPABILITY IMAP4rev1\r\nt1 OK begin\r\n")
        val postgresql = Script(StartTlsProtocol.POSTGRESQL, "S")
        val xmpp =
            Script(
                StartTlsProtocol.XMPP,
                "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' id=\"a>b\" version='1.0'>\n" +
                    "<stream:features><mechanisms xmlns='x'><mechanism>PLAIN</mechanism></mechanisms>" +
                    "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>",
                "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
            )
        val scripts = listOf(smtp, imap, postgresql, xmpp)

        fun failure(script: Script, vararg replies: String): String {
            val machine = script.machine()
            return shouldThrow<IOException> {
                for (reply in replies) machine.receivedUntrusted(ByteBuffer.wrap(reply.encodeToByteArray()))
            }.message!!
        }

        test("what is said, whole or byte by byte") {
            for (script in scripts) {
                val heard = script.play { listOf(it) }
                script.play { reply -> reply.map { byteArrayOf(it) } } shouldBe heard
            }
            smtp.play { listOf(it) } shouldBe listOf("", "EHLO [127.0.0.1]\r\n", "STARTTLS\r\n")
            imap.play { listOf(it) } shouldBe listOf("", "t1 STARTTLS\r\n")
            postgresql.machine().opening shouldBe byteArrayOf(0, 0, 0, 8, 4, 0xd2.toByte(), 22, 47)
            val (opening, asking) = xmpp.play { listOf(it) }
            opening shouldContain " to='server.test' version='1.0'>"
            asking shouldBe "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
        }

        test("CVE-2011-0411, CVE-2021-23222: a byte behind a reply is an error, wherever it comes, and none is kept") {
            for (script in scripts) {
                for (i in script.says.indices) {
                    val replies = script.says.mapIndexed { j, reply -> if (j == i) reply + "RSET\r\n" else reply }
                    withClue("${script.protocol}, reply $i") {
                        failure(script, *replies.toTypedArray()) shouldBe
                            "the server sent 6 bytes more than its reply, before TLS: that may be an attack, and none of it is used"
                    }
                }
            }
            // Not even a line end, when TLS is next.
            failure(xmpp, xmpp.says[0], xmpp.says[1] + "\n") shouldContain "1 bytes more than its reply"
            xmpp.machine().receivedUntrusted(ByteBuffer.wrap((xmpp.says[0] + "\r\n").encodeToByteArray()))::class shouldBe
                StartTls.Step.Send::class
        }

        test("SMTP: no STARTTLS offered, refusals, and what is no SMTP") {
            failure(smtp, "554 go away\r\n") shouldBe "the SMTP server refused the connection: \"554 go away\""
            failure(smtp, smtp.says[0], "250-mail.test\r\n250 XSTARTTLS\r\n") shouldBe "the SMTP server offers no STARTTLS"
            failure(smtp, smtp.says[0], "502 what\r\n") shouldBe "the SMTP server refused EHLO: \"502 what\""
            failure(smtp, smtp.says[0], smtp.says[1], "454 not now\r\n") shouldBe "the SMTP server refused STARTTLS: \"454 not now\""
            for (line in listOf("SSH-2.0-x", "22", "220x", "+OK")) {
                failure(smtp, "$line\n") shouldBe
                    "the server does not speak SMTP, it sent \"$line\""
            }
        }

        test("IMAP: a client that is authenticated without TLS is refused, and so are NO, BAD and BYE") {
            failure(imap, "* PREAUTH welcome\r\n") shouldBe "the IMAP server does not let TLS begin: \"* PREAUTH welcome\""
            failure(imap, "* BYE full\r\n") shouldContain "\"* BYE full\""
            failure(imap, "220 mail.test\r\n") shouldContain "does not speak IMAP"
            for (answer in listOf("t1 NO never", "t1 BAD what", "t1")) {
                failure(imap, imap.says[0], "$answer\r\n") shouldBe
                    "the IMAP server refused STARTTLS: \"$answer\""
            }
            failure(imap, imap.says[0], "* BYE now\r\n") shouldContain "ended the connection"
            failure(imap, imap.says[0], "t2 OK\r\n") shouldContain "does not speak IMAP"
        }

        test("PostgreSQL: no TLS, and an error whose text nobody vouches for") {
            failure(postgresql, "N") shouldBe "the PostgreSQL server does not speak TLS"
            failure(postgresql, "E") shouldNotContain "\""
            failure(postgresql, "E\u0000\u0000\u0000\u0010Mpassword?\u0000") shouldBe
                "the PostgreSQL server answered the request for TLS with an error"
            failure(postgresql, "H") shouldBe "the server does not speak PostgreSQL, it sent \"H\""
        }

        test("XMPP: no STARTTLS offered, refusals, an ended stream, and XML that is forbidden") {
            val stream = "<stream:stream>"
            failure(xmpp, "$stream<features><other><starttls/></other></features>") shouldBe
                "the XMPP server offers no STARTTLS for server.test"
            failure(xmpp, "$stream<stream:error><host-unknown/></stream:error>") shouldContain "its name may not be server.test"
            failure(xmpp, xmpp.says[0], "<failure xmlns='x'/>") shouldBe "the XMPP server refused STARTTLS"
            failure(xmpp, "$stream</stream:stream>") shouldBe "the XMPP server ended its stream before TLS"
            failure(xmpp, "$stream<proceed/>") shouldContain "\"<proceed>\" before TLS"
            for (forbidden in listOf("<!-- x -->", "<!DOCTYPE x>", "<?php x?>")) {
                failure(xmpp, "$stream$forbidden") shouldContain
                    "what XMPP forbids"
            }
            for (other in listOf("HTTP/1.1 400", "<html>", "<a<b")) failure(xmpp, other) shouldContain "does not speak XMPP"
        }

        test("the host goes into XML escaped") {
            StartTlsProtocol.XMPP.dialogue("a'b<c&").opening.decodeToString() shouldContain " to='a&apos;b&lt;c&amp;' "
        }

        test("what a server says is shown printable and cut, and all of it is bounded") {
            val shown = failure(smtp, "554 \u001b[2J${"x".repeat(1000)}\r\n")
            shown shouldStartWith "the SMTP server refused the connection: \"554 ?[2Jxxx"
            shown.length shouldBe "the SMTP server refused the connection: \"\"".length + 120 + "...".length
            failure(smtp, "220-" + "x".repeat(5000)) shouldStartWith "a line of SMTP is longer than 4096 bytes: "
            failure(smtp, "220-x\r\n".repeat(20_000)) shouldBe "a reply before TLS is longer than 65536 bytes"
            failure(imap, imap.says[0], "* x\r\n".repeat(20_000)) shouldBe "a reply before TLS is longer than 65536 bytes"
            failure(xmpp, "<stream>" + "<a>".repeat(30_000)) shouldBe "a reply before TLS is longer than 65536 bytes"
        }

        test("whatever a server sends, there is a step or an IOException") {
            val random = Random(Stress.seed(StartTlsSpec::class.java))
            repeat(Stress.rounds(2_000, 200_000)) {
                val script = scripts[random.nextInt(scripts.size)]
                val machine = script.machine()
                try {
                    for (reply in script.says) {
                        val bytes = reply.encodeToByteArray()
                        repeat(random.nextInt(3)) { bytes[random.nextInt(bytes.size)] = random.nextInt(256).toByte() }
                        machine.receivedUntrusted(ByteBuffer.wrap(bytes))
                    }
                } catch (_: IOException) {
                    // Refused.
                }
            }
        }
    })
