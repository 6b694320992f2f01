package dev.tercet.benchmarks

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe

class LoadSpec :
    FunSpec({
        test("the load generator is told a verb, a port and what the load has") {
            listOf(
                Load.Echo(64, 200),
                Load.Bulk(isServerSending = false),
                Load.Bulk(isServerSending = true, isTls = true),
                Load.Connect(16),
                Load.Connect(8, isTls = true),
                Load.Idle(9000),
                Load.Idle(100, "dtls-idle"),
                Load.DtlsEcho(16, 200),
                Load.DtlsConnect(8),
                Load.DtlsFlood("FORGED"),
                Load.Dial(16),
            ).map { it.command(4433) } shouldContainExactly listOf(
                "echo 4433 64 200",
                "sink 4433",
                "tls-source 4433",
                "connect 4433 16",
                "tls-connect 4433 8",
                "idle 4433 9000",
                "dtls-idle 4433 100",
                "dtls-echo 4433 16 200",
                "dtls-connect 4433 8",
                "dtls-flood 4433 FORGED 2",
                "dial 4433 16",
            )
        }

        test("--connections changes what has connections, and nothing else") {
            Load.DtlsEcho(16, 200).withConnections(3) shouldBe Load.DtlsEcho(3, 200)
            Load.Idle(100, "dtls-idle").withConnections(3) shouldBe Load.Idle(3, "dtls-idle")
            Load.Bulk(isServerSending = true).withConnections(3) shouldBe Load.Bulk(isServerSending = true)
            Load.DtlsFlood("RANDOM").withConnections(3) shouldBe Load.DtlsFlood("RANDOM")
        }

        test("the contenders of a table are of one kind, and the baseline is a peer where there is one") {
            for (part in WORDS.values.flatten()) {
                val contenders = part.contenders.map { CONTENDERS.getValue(it) }
                contenders.map { it.kind }.distinct() shouldHaveSize 1
                contenders.first().isOurs shouldBe contenders.all { it.isOurs }
            }
        }

        test("every contender takes part in something, and no two parts have one name") {
            WORDS.values.flatten().flatMap { it.contenders }.toSet() shouldBe CONTENDERS.keys
            val names = WORDS.values.flatten().map { it.name }
            names.distinct() shouldBe names
        }
    })
