package dev.tercet.samples.tcat

import dev.tercet.samples.Program
import dev.tercet.samples.Tcat
import dev.tercet.samples.needing
import dev.tercet.testing.certificates.TestCa
import dev.tercet.testing.certificates.TestIdentity
import dev.tercet.testing.certificates.TestKeyType
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldMatch
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith
import java.time.Duration
import java.time.Instant

/** `tcat cert`: the chain, and each reason why a client would refuse it. */
class CertRealSocketSpec :
    FunSpec({
        val files = TlsFiles()
        afterSpec { files.close() }

        fun showing(identity: TestIdentity, vararg args: String, scheme: String = "tls", body: (String, List<String>, Int) -> Unit) {
            val pem = files.write("shown.pem", identity.chainPem() + identity.keyPem())
            Tcat("listen", "$scheme:127.0.0.1:0", "--cert", pem, "--echo").use { server ->
                val address = server.awaitError("listening ")
                Tcat("cert", address, *args).use { tcat ->
                    val lines = tcat.hear().lines().dropLast(1)
                    val exitCode = tcat.exitCode()
                    withClue(lines.joinToString("\n")) {
                        tcat.errors() shouldHaveSize 0
                        body(address, lines, exitCode)
                    }
                }
            }
        }

        fun refusals(lines: List<String>) = lines.filter { it.startsWith("refused: ") }.map { it.removePrefix("refused: ") }

        test("a good chain: what was agreed on, names, issuer, validity, key, digest; accepted, exit code 0") {
            val leaf = files.authority.intermediate("in between").leaf("server.test", "127.0.0.1", "::1").issue()
            for (scheme in listOf("tls", "dtls")) {
                showing(leaf, "--ca", files.ca, scheme = scheme) { address, lines, exitCode ->
                    exitCode shouldBe 0
                    lines.first() shouldMatch "$address: D?TLSv1\\.[23], TLS_.*"
                    lines[1] shouldBe "0  CN=server.test"
                    lines[2] shouldBe "   names   server.test, 127.0.0.1, ::1"
                    lines[3] shouldBe "   issuer  CN=in between"
                    lines[4] shouldMatch "   valid   \\d{4}-\\d\\d-\\d\\d to \\d{4}-\\d\\d-\\d\\d, 36[45] days left"
                    lines[5] shouldBe "   key     EC 256 bits, signed with SHA256withECDSA"
                    lines[6] shouldMatch "   serial  [0-9a-f]+"
                    lines[7] shouldMatch "   sha256  ([0-9A-F]{2}:){31}[0-9A-F]{2}"
                    lines[8] shouldBe "1  CN=in between"
                    lines.last() shouldBe "accepted by a client that trusts the authorities in ${files.ca}"
                }
            }
        }

        test("expired, for another name, and of an authority that is not trusted: each is said, exit code 4") {
            val other = TestCa.create("another authority")
            val now = Instant.now()
            val bad = other.leaf("elsewhere.test").withValidity(now - Duration.ofDays(9), now - Duration.ofHours(50)).issue()
            showing(bad, "--ca", files.ca) { _, lines, exitCode ->
                exitCode shouldBe 4
                val (time, name, authority) = refusals(lines)
                time shouldMatch "CN=elsewhere.test expired on .*, 2 days ago"
                name shouldBe "it is for elsewhere.test, not for 127.0.0.1"
                authority shouldBe "CN=another authority, who issued the last certificate of the chain, is not trusted"
            }
        }

        test("one reason alone, and nothing that is not one") {
            val now = Instant.now()
            val future = files.authority.leaf("127.0.0.1").withValidity(now + Duration.ofDays(3), now + Duration.ofDays(5)).issue()
            showing(future, "--ca", files.ca) { _, lines, exitCode ->
                exitCode shouldBe 4
                refusals(lines).single() shouldMatch "CN=127.0.0.1 is valid from .* on, in 2 days"
            }
            showing(files.server, "--ca", files.ca, "--server-name", "elsewhere.test") { _, lines, exitCode ->
                exitCode shouldBe 4
                refusals(lines).single() shouldBe "it is for server.test, 127.0.0.1, not for elsewhere.test"
            }
            showing(files.server) { _, lines, exitCode ->
                exitCode shouldBe 4
                refusals(lines).single() shouldContain "is not trusted"
            }
        }

        test("a name that would move the cursor is shown without it") {
            val hostile = files.authority.leaf("127.0.0.1").withCommonName("\u001b[2Jevil\u202Emoc").issue()
            showing(hostile, "--ca", files.ca) { _, lines, exitCode ->
                exitCode shouldBe 0
                lines[1] shouldStartWith "0  CN="
                lines.joinToString() shouldNotContain "\u001b"
                lines.joinToString() shouldNotContain "\u202E"
            }
        }

        test("a server that wants a certificate of ours has shown its own: the report, and then the failure") {
            for (version in listOf("1.2", "1.3")) {
                Peers(files, "tls").listening("--echo", "--client-auth", "need", "--ca", files.ca, "--tls-versions", version) { _, port ->
                    Tcat("cert", "tls:127.0.0.1:$port", "--ca", files.ca).use { tcat ->
                        withClue(version) {
                            val lines = tcat.hear().lines()
                            lines.any { it == "0  CN=server.test" } shouldBe true
                            lines.any { it.startsWith("accepted by ") } shouldBe true
                            // In TLS 1.3 the client is through before the server has looked at its certificate.
                            tcat.errors() shouldHaveSize if (version == "1.2") 1 else 0
                        }
                    }
                }
            }
        }

        test("a port without TLS, and one where nobody listens: one line on stderr, nothing on stdout, exit code 1") {
            Tcat("listen", "tcp:127.0.0.1:0", "--exec", "echo", "no TLS here").use { server ->
                val port = server.awaitError("listening tcp:127.0.0.1:")
                Tcat("cert", "tls:127.0.0.1:$port").use { tcat ->
                    tcat.hear() shouldBe ""
                    tcat.exitCode() shouldBe 1
                    tcat.errors().single() shouldStartWith "tcat: tls:127.0.0.1:$port: "
                }
            }
        }

        needing("openssl", "openssl s_server: the digest is the one that openssl computes") {
            TlsFiles(TestKeyType.RSA).use { rsa ->
                Peers(rsa, "tls").opensslServer { _, port ->
                    val computed = Program("openssl", "x509", "-noout", "-fingerprint", "-sha256", "-in", rsa.serverPem)
                        .use { it.hear().trim().substringAfter('=') }
                    Tcat("cert", "tls:127.0.0.1:$port", "--ca", rsa.ca).use { tcat ->
                        val lines = tcat.hear().lines()
                        lines.single { it.startsWith("   sha256") } shouldBe "   sha256  $computed"
                        lines.any { it.startsWith("   key     RSA 2048 bits, signed with SHA256with") } shouldBe true
                        tcat.exitCode() shouldBe 0
                    }
                }
            }
        }
    })
