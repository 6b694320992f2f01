package dev.tercet.samples

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

/** The echo servers and clients, each pair of languages: as processes, since that is what they are, and the signal is a real one. */
class EchoRealSocketSpec :
    FunSpec({
        for (server in listOf("EchoServer", "EchoServerKt")) {
            test("the clients in both languages get their greetings back from $server, which then stops gracefully") {
                Program(Program.java("dev.tercet.samples.$server", "0")).use { serving ->
                    val port = serving.hearLine().substringAfterLast(' ')
                    for (client in listOf("EchoClient", "EchoClientKt")) {
                        Program(Program.java("dev.tercet.samples.$client", port)).use { talking ->
                            withClue(client) {
                                talking.hear() shouldBe "hello"
                                talking.exitCode() shouldBe 0
                            }
                        }
                    }
                    serving.terminate().hearLine() shouldBe "2 connections: 2 finished, 0 failed, 0 cancelled"
                    serving.exitCode() shouldBe 0
                    serving.errors() shouldBe emptyList()
                }
            }
        }
    })
