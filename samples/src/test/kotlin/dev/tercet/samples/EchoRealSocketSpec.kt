package dev.tercet.samples

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

/** The echo servers and clients, each pair of languages: as programs, since that is what they are. */
class EchoRealSocketSpec :
    FunSpec({
        for (server in listOf("EchoServer", "EchoServerKt")) {
            for (client in listOf("EchoClient", "EchoClientKt")) {
                test("$client gets its greeting back from $server, which then stops gracefully") {
                    Program(Program.java("dev.tercet.samples.$server", "0")).use { serving ->
                        val listening = serving.output.bufferedReader().readLine()
                        val port = listening.substringAfterLast(':')
                        Program(Program.java("dev.tercet.samples.$client", port)).use { talking ->
                            talking.hear() shouldBe "hello"
                            talking.exitCode() shouldBe 0
                        }
                        serving.terminate().exitCode() shouldBe 0
                        serving.errors() shouldBe emptyList()
                    }
                }
            }
        }
    })
