package dev.tercet.samples.tcat

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith
import io.kotest.matchers.types.shouldBeInstanceOf
import java.nio.file.Path
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

private fun parse(line: String): Command = parseArguments(line.split(' ').filter { it.isNotEmpty() })

private fun error(line: String): String = shouldThrow<UsageException> { parse(line) }.message

class ArgumentsSpec :
    FunSpec({
        test("connect takes an address and options in any order, their values attached or apart") {
            val expected =
                Command.Connect(Address.Tcp("localhost", 80), timeout = 1500.milliseconds, localAddress = "127.0.0.2", trace = true)
            parse("connect tcp:localhost:80 --timeout 1.5 --local-address 127.0.0.2 --trace") shouldBe expected
            parse("connect --timeout=1.5 --trace tcp:localhost:80 --local-address=127.0.0.2") shouldBe expected
        }

        test("an IPv6 address stands in brackets, and only there") {
            parse("connect tcp:[::1]:80") shouldBe Command.Connect(Address.Tcp("::1", 80))
            error("connect tcp:::1:80") shouldContain "brackets"
        }

        test("a path may have colons") {
            parse("connect unix:/run/a:b") shouldBe Command.Connect(Address.Unix(Path.of("/run/a:b")))
        }

        test("listen without a service talks to one connection") {
            parse("listen tcp::0") shouldBe Command.Listen(Address.Tcp(null, 0), Service.Standard, once = true)
        }

        test("listen has three services") {
            parse("listen tcp::7 --echo --max-connections 3 --timeout 2") shouldBe
                Command.Listen(Address.Tcp(null, 7), Service.Echo, maxConnections = 3, timeout = 2.seconds)
            parse("listen unix:s --forward tcp:localhost:80 --once") shouldBe
                Command.Listen(Address.Unix(Path.of("s")), Service.Forward(Address.Tcp("localhost", 80)), once = true)
        }

        test("udp: takes an address like tcp:, for both commands") {
            parse("connect udp:[::1]:53 --timeout 1 --local-address ::1") shouldBe
                Command.Connect(Address.Udp("::1", 53), timeout = 1.seconds, localAddress = "::1")
            parse("listen udp::0 --echo --once") shouldBe Command.Listen(Address.Udp(null, 0), Service.Echo, once = true)
            parse("listen udp::0") shouldBe Command.Listen(Address.Udp(null, 0), Service.Standard, once = true)
        }

        test("what follows --exec is the command's, options and all") {
            parse("listen --once tcp::7 --exec grep --help -v x") shouldBe
                Command.Listen(Address.Tcp(null, 7), Service.Exec(listOf("grep", "--help", "-v", "x")), once = true)
        }

        test("a usage error names the argument") {
            val errors =
                mapOf(
                    "" to "missing",
                    "fly" to "fly",
                    "connect" to "ADDRESS is missing",
                    "listen --echo" to "ADDRESS is missing",
                    "connect localhost:80" to "localhost:80",
                    "connect tcp:localhost" to "no port",
                    "connect tcp::80" to "no host",
                    "connect tcp:localhost:70000" to "70000",
                    "connect tcp:localhost:0" to "1 to 65535",
                    "listen tcp:localhost:-1" to "-1",
                    "listen tcp:localhost:http" to "http",
                    "listen tcp:localhost:+80" to "+80",
                    "connect unix:" to "no path",
                    "connect tcp:a:1 tcp:b:2" to "tcp:b:2",
                    "connect tcp:a:1 --fast" to "--fast",
                    "connect tcp:a:1 -x" to "-x",
                    "connect tcp:a:1 --echo" to "--echo",
                    "connect tcp:a:1 --trace=yes" to "--trace",
                    "connect tcp:a:1 --timeout" to "--timeout",
                    "connect tcp:a:1 --timeout soon" to "soon",
                    "connect tcp:a:1 --timeout 0" to "--timeout",
                    "connect tcp:a:1 --timeout NaN" to "NaN",
                    "connect unix:a --local-address ::1" to "--local-address",
                    "listen tcp::1 --echo --exec cat" to "--exec",
                    "listen tcp::1 --exec" to "--exec",
                    "listen tcp::1 --echo --max-connections 0" to "--max-connections",
                    "listen tcp::1 --max-connections 5" to "--max-connections",
                    "listen tcp::1 --echo --once --max-connections 5" to "--max-connections",
                    "connect udp:localhost" to "no port",
                    "connect udp::80" to "no host: udp:HOST:PORT",
                    "connect udp:a:0" to "1 to 65535",
                    "connect udp:::1:80" to "brackets",
                    "listen udp::1 --exec cat" to "--exec",
                    "listen udp::1 --forward tcp:a:1" to "--forward",
                    "listen tcp::1 --forward udp:a:1" to "udp:a:1",
                    "listen udp::1 --echo --max-connections 5" to "--max-connections",
                    "demo fast" to "fast",
                )
            for ((line, part) in errors) withClue("tcat $line") { error(line) shouldContain part }
        }

        test("what is for a later version is refused, and says so") {
            for (line in listOf("connect tls:a:1", "connect dtls:a:1", "listen tls+unix:a --echo", "resolve localhost")) {
                withClue("tcat $line") { error(line) shouldContain "not in this version" }
            }
            error("connect tcp:a:1 --via tcp:b:1") shouldBe "--via is not in this version of tcat, which does tcp:, udp: and unix:"
            error("listen tcp:a:1 --alpn=h2") shouldContain "--alpn"
        }

        test("each command has a help of its own, which fits on a screen") {
            for (line in listOf("--help", "-h", "help", "connect --help", "listen tcp::1 -h", "demo --help")) {
                val help = parse(line).shouldBeInstanceOf<Command.Help>().text
                withClue(line) {
                    help shouldStartWith "tcat"
                    help.lines().maxOf { it.length } shouldBe help.lines().maxOf { it.length }.coerceAtMost(100)
                    help shouldNotContain "\t"
                }
            }
        }

        test("an address reads back as it was written") {
            for (text in listOf("tcp:localhost:80", "tcp:[::1]:80", "udp:[::1]:53", "udp::7", "unix:/run/x", "tcp::7")) {
                Address.toListen(text).toString() shouldBe
                    text
            }
        }
    })
