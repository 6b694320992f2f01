package dev.tercet.benchmarks

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldNotContain
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.io.path.Path
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class ArgumentsSpec :
    FunSpec({
        fun parse(vararg args: String) = checkNotNull(parseArguments(args.asList()))

        fun refusal(vararg args: String) = shouldThrow<UsageException> { parseArguments(args.asList()) }.message

        test("without arguments it measures everything, against everybody") {
            parse() shouldBe Settings()
            parse("all") shouldBe Settings()
            parse().parts().map { it.name } shouldBe WORDS.values.flatten().map { it.name }
        }

        test("options may stand anywhere, and take their value with = or from the next argument") {
            val settings = parse("--rounds=7", "echo", "--seconds", "0.5", "bulk", "--warm-up=2", "--json", "x.json")
            settings shouldBe
                Settings(listOf("echo", "bulk"), rounds = 7, measure = 500.milliseconds, warmUp = 2.seconds, json = Path("x.json"))
        }

        test("--against leaves ours, the baseline and the named peers") {
            parse("connect", "--against", "ktor,netty-nio").parts().single().contenders shouldContainExactly
                listOf("nio", "tercet", "tercet-default", "tercet-platform", "tercet-virtual", "netty-nio", "ktor")
            parse("connect", "--against=none").parts().single().contenders shouldNotContain "ktor"
        }

        test("a word of DTLS has the peers of DTLS only") {
            parse("dtls", "--against=scandium").parts().single().contenders shouldContainExactly
                listOf("engine-dtls", "tercet-dtls", "tercet-dtls-platform", "tercet-dtls-virtual", "scandium")
            parse("dtls-idle").parts().single().contenders shouldNotContain "bouncy-castle"
        }

        test("the baseline of a table runs whatever it is compared with") {
            parse("blocking", "--against=none").parts().forEach { it.contenders.first() shouldBe it.baseline }
            parse("blocking", "--against=none").parts().map { it.baseline }.distinct() shouldContainExactly
                listOf("socket-platform", "socket-virtual")
        }

        test("--connections replaces what the benchmark says, and the title tells") {
            val part = parse("echo", "--connections=10").parts().first()
            part.load shouldBe Load.Echo(10, 64)
            part.title shouldContain "but 10 connections"
        }

        test("help is asked for anywhere") {
            parseArguments(listOf("echo", "--help")).shouldBeNull()
        }

        test("what makes no sense is refused, and the refusal names it and what would do") {
            refusal("ecko") shouldContain "unknown benchmark ecko: echo, bulk"
            refusal("--fast") shouldContain "unknown option --fast"
            refusal("--rounds") shouldContain "--rounds needs a value"
            refusal("--rounds=0") shouldContain "--rounds is a whole number from 1 to 1000: 0"
            refusal("--rounds=five") shouldContain "five"
            refusal("--seconds=NaN") shouldContain "--seconds is in seconds, 0.05 to 60.0: NaN"
            refusal("--seconds=-1") shouldContain "-1"
            refusal("--connections=0") shouldContain "--connections"
            refusal("--help=yes") shouldContain "--help takes no value"
            refusal("--against=nety") shouldContain "--against nety: the peers are nio, "
            refusal("--against=tercet") shouldContain "--against tercet"
            refusal("idle", "--against=c") shouldContain "it takes no part in idle"
            refusal("dtls", "race", "--against=ktor") shouldContain "it takes no part in dtls, race"
            refusal("--json", "/no/such/folder/x.json") shouldContain "there is no such folder"
            refusal("--json", "/") shouldContain "--json needs a file"
            refusal("--svg", "/") shouldContain "--svg needs a file"
        }
    })
