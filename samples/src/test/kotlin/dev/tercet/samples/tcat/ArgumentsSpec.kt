package dev.tercet.samples.tcat

import dev.tercet.AddressFamily
import dev.tercet.tls.ClientAuth
import dev.tercet.tls.TlsVersion
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith
import io.kotest.matchers.types.shouldBeInstanceOf
import java.nio.file.Path
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

private fun parse(line: String): Command = parseArguments(line.split(' ').filter { it.isNotEmpty() })

private fun error(line: String): String = shouldThrow<UsageException> { parse(line) }.message

class ArgumentsSpec :
    FunSpec({
        test("connect takes an address and options in any order, their values attached or apart") {
            val expected =
                Command.Connect(
                    Address.Tcp("localhost", 80),
                    timeout = 1500.milliseconds,
                    way = Way(localAddress = "127.0.0.2"),
                    trace = true,
                )
            parse("connect tcp:localhost:80 --timeout 1.5 --local-address 127.0.0.2 --trace") shouldBe expected
            parse("connect --timeout=1.5 --trace tcp:localhost:80 --local-address=127.0.0.2") shouldBe expected
        }

        test("-q is seconds from 0 on, or none; for connect, and for listen with stdin") {
            for ((value, quiet) in listOf("0" to Duration.ZERO, "1.5" to 1500.milliseconds, "none" to Duration.INFINITE)) {
                parse("connect tcp:a:1 -q $value") shouldBe Command.Connect(Address.Tcp("a", 1), quiet = quiet)
                parse("listen tcp::1 -q $value") shouldBe Command.Listen(Address.Tcp(null, 1), Service.Standard(quiet))
            }
        }

        test("the delay of a race is in milliseconds, or none; resolve takes a host") {
            parse("connect tcp:a:1 --happy-eyeballs-delay 100") shouldBe
                Command.Connect(Address.Tcp("a", 1), way = Way(happyEyeballsDelay = 100.milliseconds))
            parse("connect tcp:a:1 --happy-eyeballs-delay=none") shouldBe
                Command.Connect(Address.Tcp("a", 1), way = Way(happyEyeballsDelay = null))
            parse("resolve [::1] --local-address ::") shouldBe Command.Resolve("::1", "::")
        }

        test("an IPv6 address stands in brackets, and only there") {
            parse("connect tcp:[::1]:80") shouldBe Command.Connect(Address.Tcp("::1", 80))
            error("connect tcp:::1:80") shouldContain "brackets"
        }

        test("a path may have colons") {
            parse("connect unix:/run/a:b") shouldBe Command.Connect(Address.Unix(Path.of("/run/a:b")))
        }

        test("listen without a service talks to one connection") {
            parse("listen tcp::0") shouldBe Command.Listen(Address.Tcp(null, 0), Service.Standard(), once = true)
        }

        test("listen has three services") {
            parse("listen tcp::7 --echo --max-connections 3 --timeout 2") shouldBe
                Command.Listen(Address.Tcp(null, 7), Service.Echo, maxConnections = 3, timeout = 2.seconds)
            parse("listen unix:s --forward tcp:localhost:80 --once") shouldBe
                Command.Listen(Address.Unix(Path.of("s")), Service.Forward(Address.Tcp("localhost", 80)), once = true)
        }

        test("udp: takes an address like tcp:, for both commands") {
            parse("connect udp:[::1]:53 --timeout 1 --local-address ::1") shouldBe
                Command.Connect(Address.Udp("::1", 53), timeout = 1.seconds, way = Way(localAddress = "::1"))
            parse("listen udp::0 --echo --once") shouldBe Command.Listen(Address.Udp(null, 0), Service.Echo, once = true)
            parse("listen udp::0") shouldBe Command.Listen(Address.Udp(null, 0), Service.Standard(), once = true)
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
                    "connect tcp:a:1 -q" to "-q",
                    "connect tcp:a:1 -q -1" to "-1",
                    "connect tcp:a:1 -q soon" to "soon",
                    "listen tcp::1 --echo -q 1" to "-q",
                    "listen udp::1 -q 1 --echo" to "-q",
                    "connect unix:a --local-address ::1" to "--local-address",
                    "connect unix:a --happy-eyeballs-delay 1" to "--happy-eyeballs-delay",
                    "connect tcp:a:1 --happy-eyeballs-delay -1" to "-1",
                    "connect tcp:a:1 --happy-eyeballs-delay soon" to "soon",
                    "resolve" to "HOST is missing",
                    "resolve a b" to "one HOST",
                    "resolve a --trace" to "--trace",
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

        test("what other tools call it: the error says what may be meant") {
            val meant =
                mapOf(
                    "connect localhost:8088" to "localhost:8088 is no address: did you mean tcp:localhost:8088? tcp:HOST:PORT",
                    "connect [::1]:80" to "did you mean tcp:[::1]:80?",
                    "connect https://example.com" to "did you mean tls:example.com:443?",
                    "connect https://example.com:8443/a?b" to "did you mean tls:example.com:8443?",
                    "connect http://[::1]/" to "did you mean tcp:[::1]:80?",
                    "connect 7000" to "did you mean tcp:localhost:7000?",
                    "listen 7000" to "did you mean tcp::7000?",
                    "connect /run/x" to "did you mean unix:/run/x?",
                    "connect ssl:a:1" to "did you mean tls:a:1?",
                    "connect tcp:a:1 -l" to "unknown option -l: did you mean tcat listen ADDRESS?",
                    "connect tcp:a:1 -z" to "did you mean tcat check ADDRESS?",
                    "-l" to "did you mean tcat listen ADDRESS?",
                    "tcp:a:1" to "did you mean tcat connect tcp:a:1?",
                    "a:1" to "did you mean tcat connect tcp:a:1?",
                )
            for ((line, part) in meant) withClue("tcat $line") { error(line) shouldContain part }
            for (line in listOf("connect somewhere", "connect tcp:a:1 -j", "fetch")) {
                withClue(line) {
                    error(line) shouldNotContain
                        "did you mean"
                }
            }
            parse("connect tls:a:1 -k") shouldBe parse("connect tls:a:1 --insecure")
        }

        test("dtls: takes what udp: takes, the options of TLS that fit, and an MTU") {
            parse("connect dtls:[::1]:443 --ca a --server-name d --alpn x --mtu 1200 --timeout 2 --local-address b") shouldBe
                Command.Connect(
                    Address.Dtls(Address.Udp("::1", 443)),
                    timeout = 2.seconds,
                    way = Way(localAddress = "b", tls = TlsSettings(ca = Path.of("a"), serverName = "d", alpn = listOf("x"))),
                    mtu = 1200,
                )
            parse("listen dtls::0 --cert a --echo --max-connections 3 --mtu=600") shouldBe
                Command.Listen(
                    Address.Dtls(Address.Udp(null, 0)),
                    Service.Echo,
                    maxConnections = 3,
                    tls = TlsSettings(cert = Path.of("a")),
                    mtu = 600,
                )
            Address.toConnect("dtls:[::1]:443").toString() shouldBe "dtls:[::1]:443"
            val errors =
                mapOf(
                    "connect udp:a:1 --mtu 1200" to "--mtu is for dtls: addresses, and udp:a:1 is none",
                    "connect dtls:a:1 --mtu 10" to "--mtu must be a number from 400 to 65507, not '10'",
                    "connect dtls:a:1 --tls-versions 1.2" to "--tls-versions is for tls:",
                    "connect dtls:a:1 --https-compatible" to "--https-compatible is for tls:",
                    "connect dtls:a:1 --via tcp:b:1" to "--via leads to tcp: and tls: addresses, not to dtls:a:1",
                    "connect dtls:a:1 --happy-eyeballs-delay 1" to "--happy-eyeballs-delay",
                    "connect dtls::1" to "no host: dtls:HOST:PORT",
                    "listen dtls::1 --echo" to "needs --cert FILE",
                    "listen dtls::1 --cert a --forward tcp:a:1" to "--forward needs streams, and dtls::1 has none",
                    "listen dtls::1 --cert a --exec cat" to "--exec needs streams",
                    "listen tcp::1 --forward dtls:a:1" to "--forward needs streams, and dtls:a:1 has none",
                )
            for ((line, part) in errors) withClue("tcat $line") { error(line) shouldContain part }
        }

        test("tls: and tls+unix: take what tcp: and unix: take, and options of their own") {
            parse(
                "connect tls:[::1]:443 --ca a --cert=b --key c --server-name d --alpn h2,http/1.1 --https-compatible --tls-versions 1.3",
            ) shouldBe
                Command.Connect(
                    Address.Tls(Address.Tcp("::1", 443)),
                    way =
                    Way(
                        tls =
                        TlsSettings(
                            ca = Path.of("a"),
                            cert = Path.of("b"),
                            key = Path.of("c"),
                            serverName = "d",
                            alpn = listOf("h2", "http/1.1"),
                            httpsCompatible = true,
                            versions = setOf(TlsVersion.TLS_1_3),
                        ),
                    ),
                )
            parse("connect tls+unix:/run/a:b --insecure --tls-versions=1.3,1.2") shouldBe
                Command.Connect(
                    Address.Tls(Address.Unix(Path.of("/run/a:b"))),
                    way = Way(tls = TlsSettings(insecure = true, versions = TlsVersion.entries.toSet())),
                )
            parse("listen tls::0 --cert a --client-auth need --ca b") shouldBe
                Command.Listen(
                    Address.Tls(Address.Tcp(null, 0)),
                    once = true,
                    tls = TlsSettings(cert = Path.of("a"), clientAuth = ClientAuth.NEED, ca = Path.of("b")),
                )
            val tls = TlsSettings(serverName = "x")
            parse("listen tcp::7 --forward tls:a:1 --server-name x") shouldBe
                Command.Listen(Address.Tcp(null, 7), Service.Forward(Address.Tls(Address.Tcp("a", 1)), tls), once = false, tls = tls)
        }

        test("--via can be repeated, the nearest first") {
            parse("connect tls:a:1 --via tcp:b:2 --via=tls:c:3 --local-address ::1") shouldBe
                Command.Connect(
                    Address.Tls(Address.Tcp("a", 1)),
                    way = Way(localAddress = "::1", via = listOf(Address.Tcp("b", 2), Address.Tls(Address.Tcp("c", 3)))),
                )
            parse("connect tcp:a:1 --via tls:b:2 --ca x") shouldBe
                Command.Connect(
                    Address.Tcp("a", 1),
                    way = Way(tls = TlsSettings(ca = Path.of("x")), via = listOf(Address.Tls(Address.Tcp("b", 2)))),
                )
        }

        test("an option about TLS that makes no sense is a usage error that names it") {
            val errors =
                mapOf(
                    "connect tls:a" to "no port: tls:HOST:PORT",
                    "connect tls::1" to "no host",
                    "connect tls+unix:" to "no path: tls+unix:PATH",
                    "connect tls+unix:a" to "--server-name",
                    "connect tcp:a:1 --ca x" to "--ca is for tls:",
                    "connect unix:a --insecure" to "--insecure is for tls:",
                    "connect udp:a:1 --alpn h2" to "--alpn is for tls:",
                    "connect tcp:a:1 --via tcp:b:2 --ca x" to "--ca is for tls:",
                    "connect tcp:a:1 --via tls:b:2 --alpn h2" to "--alpn is for tls:",
                    "connect tls:a:1 --key x" to "--key needs --cert",
                    "connect tls:a:1 --ca x --insecure" to "--insecure believes anybody",
                    "connect tls:a:1 --client-auth need" to "--client-auth is for tcat listen",
                    "connect tls:a:1 --insecure=yes" to "--insecure takes no value",
                    "connect tls:a:1 --alpn h2,,h3" to "not 'h2,,h3'",
                    "connect tls:a:1 --alpn ${"x".repeat(256)}" to "--alpn",
                    "connect tls:a:1 --tls-versions 1.1" to "not '1.1'",
                    "connect tls:a:1 --server-name=" to "--server-name",
                    "connect tls:a:1 --ca=" to "--ca",
                    "connect tls:a:1 --via udp:b:2" to "udp:b:2",
                    "connect tls:a:1 --via unix:b" to "not unix:b",
                    "connect unix:a --via tcp:b:2" to "not to unix:a",
                    "connect tls:ä:1 --via tcp:b:2" to "ASCII",
                    "listen tls::1" to "--cert FILE",
                    "listen tls::1 --cert a --client-auth yes" to "not 'yes'",
                    "listen tls::1 --cert a --client-auth want" to "--client-auth needs --ca",
                    "listen tls::1 --cert a --ca b" to "--ca without --client-auth",
                    "listen tls::1 --cert a --server-name b" to "--server-name is for clients",
                    "listen tls::1 --cert a --insecure --echo" to "--insecure is for clients",
                    "listen tls::1 --key a" to "--cert",
                    "listen tcp::1 --cert a" to "--cert is for tls:",
                    "listen tcp::1 --forward tls:a:1 --client-auth need --ca b" to "--client-auth is for tls:",
                    "listen tls::1 --cert a --via tcp:b:1" to "--via is for tcat connect",
                    "resolve a --ca b" to "--ca",
                )
            for ((line, part) in errors) withClue("tcat $line") { error(line) shouldContain part }
        }

        test("check takes addresses, lists and ranges of ports; each port of a list counts, and of a range one") {
            val a80 = Target("tcp:[::1]:80", listOf(Address.Tcp("::1", 80)))
            val range = Target("tcp:[::1]:90-92", listOf(90, 91, 92).map { Address.Tcp("::1", it) }, isRange = true)
            parse("check tcp:[::1]:80,90-92 unix:/a:1-2 --timeout 2 --parallel 3") shouldBe
                Command.Check(listOf(a80, range, Target("unix:/a:1-2", listOf(Address.Unix(Path.of("/a:1-2"))))), 2.seconds, 3)
            val tls = Command.Check(targets("tcp:a:1") + targets("tls:a:2"), way = Way(tls = TlsSettings(ca = Path.of("x"))))
            parse("check tcp:a:1 --ca x tls:a:2") shouldBe tls
            val errors =
                mapOf(
                    "check" to "ADDRESS is missing",
                    "check a:1" to "did you mean tcp:a:1?",
                    "check tcp:a:9-3" to "the range of ports of tcp:a:9-3 ends before it begins",
                    "check tcp:a:1-70000" to "port must be 1 to 65535, not '70000'",
                    "check tcp:a:1-2-3" to "not '1-2-3'",
                    "check tcp:a:1,,2" to "not '1,,2'",
                    "check udp:a:1" to "udp:a:1 cannot be checked",
                    "check tcp:a:1 --parallel 0" to "--parallel must be a number from 1 to 1000, not '0'",
                    "check tcp:a:1 --ca x" to "--ca is for tls:",
                    "check tcp:a:1 -q 1" to "unknown option -q",
                )
            for ((line, part) in errors) withClue("tcat $line") { error(line) shouldContain part }
        }

        test("cert takes an address with certificates, and no --insecure") {
            parse("cert tls:a:1 --ca x --timeout 2") shouldBe
                Command.Cert(Address.Tls(Address.Tcp("a", 1)), 2.seconds, Way(tls = TlsSettings(ca = Path.of("x"))))
            error("cert tcp:a:1") shouldContain "tcp:a:1 shows no certificate: did you mean tls:a:1?"
            error("cert tls:a:1 -k") shouldContain "no --insecure"
            error("cert tls+unix:a") shouldContain "--server-name"
            error("cert") shouldContain "ADDRESS is missing"
        }

        test("--hex, --log and --rate; a rate has the units of curl") {
            for ((rate, bytes) in listOf("16" to 16L, "1500" to 1500L, "10k" to 10_240L, "1.5M" to 1_572_864L, "2G" to 2_147_483_648L)) {
                parse("connect tcp:a:1 --hex --log f --rate $rate") shouldBe
                    Command.Connect(Address.Tcp("a", 1), show = Command.Show(hex = true, log = Path.of("f"), rate = bytes))
            }
            parse("listen udp::1 --echo --hex") shouldBe
                Command.Listen(Address.Udp(null, 1), Service.Echo, show = Command.Show(hex = true))
            for (rate in listOf("15", "0", "-1", "x", "1X", "K", "NaN")) error("connect tcp:a:1 --rate $rate") shouldContain "not '$rate'"
            error("connect udp:a:1 --rate 1K") shouldContain "--rate needs streams, and udp:a:1 has none"
            error("listen dtls::1 --cert a --echo --rate 1K") shouldContain "--rate needs streams"
        }

        test("-4 and -6 choose a family, and an address of the other one is a mistake") {
            parse("connect udp:a:1 -4") shouldBe Command.Connect(Address.Udp("a", 1), way = Way(family = AddressFamily.IPV4))
            parse("listen tcp:a:1 --echo -6") shouldBe Command.Listen(Address.Tcp("a", 1), Service.Echo, family = AddressFamily.IPV6)
            parse("resolve a -6") shouldBe Command.Resolve("a", family = AddressFamily.IPV6)
            parse("check tcp:127.0.0.1:1 -4").family shouldBe AddressFamily.IPV4
            val errors =
                mapOf(
                    "connect tcp:[::1]:1 -4" to "-4, but ::1 is an IPv6 address",
                    "connect tls:127.0.0.1:1 -6" to "-6, but 127.0.0.1 is an IPv4 address",
                    "resolve 127.0.0.1 -6" to "-6, but 127.0.0.1",
                    "connect tcp:a:1 -4 -6" to "only one of -4 and -6",
                    "connect unix:a -4" to "-4 is for hosts, and unix:a has none",
                    "listen tcp::1 -6" to "write 0.0.0.0 or [::] as host",
                    "connect tcp:a:1 -4=x" to "-4 takes no value",
                )
            for ((line, part) in errors) withClue("tcat $line") { error(line) shouldContain part }
        }

        test("--starttls is for tls: addresses") {
            for (protocol in StartTlsProtocol.entries) {
                parse("connect tls:a:1 --starttls ${protocol.name.lowercase()}") shouldBe
                    Command.Connect(Address.Tls(Address.Tcp("a", 1)), way = Way(startTls = protocol))
            }
            val errors =
                mapOf(
                    "connect tcp:a:1 --starttls smtp" to
                        "--starttls is for tls: and tls+unix: addresses, and tcp:a:1 is none: did you mean tls:a:1?",
                    "connect dtls:a:1 --starttls smtp" to "--starttls is for tls:",
                    "check tcp:a:1 --starttls imap" to "--starttls is for tls:",
                    "cert tls:a:1 --starttls pop3" to "--starttls must be smtp, imap, postgresql or xmpp, not 'pop3'",
                    "listen tls::1 --cert a --starttls smtp" to "--starttls is for tcat connect",
                    "connect tls:a:1 -starttls smtp" to "did you mean --starttls PROTOCOL?",
                )
            for ((line, part) in errors) withClue("tcat $line") { error(line) shouldContain part }
        }

        test("each command has a help of its own, which fits on a screen") {
            val lines = listOf("--help", "-h", "help", "connect --help", "listen tcp::1 -h", "resolve -h", "demo --help") +
                listOf("check -h", "cert tls:a:1 --help")
            for (line in lines) {
                val help = parse(line).shouldBeInstanceOf<Command.Help>().text
                withClue(line) {
                    help shouldStartWith "tcat"
                    help.lines().maxOf { it.length } shouldBe help.lines().maxOf { it.length }.coerceAtMost(100)
                    help shouldNotContain "\t"
                }
            }
        }

        test("an address reads back as it was written") {
            val texts =
                listOf("tcp:localhost:80", "tcp:[::1]:80", "udp:[::1]:53", "udp::7", "unix:/run/x", "tcp::7") +
                    listOf("tls:[::1]:443", "tls::0", "tls+unix:/x")
            for (text in texts) Address.toListen(text).toString() shouldBe text
        }
    })
