package dev.tercet.samples.tcat

import dev.tercet.coroutines.testing.runIoTest
import dev.tercet.testing.simulation.ConnectAnswer
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.io.ByteArrayOutputStream
import java.io.InputStream
import java.io.PrintStream
import kotlin.time.Duration.Companion.seconds

/** `tcat check` in virtual time: its limits. */
class CheckSpec :
    FunSpec({
        test("no more connections at a time than --parallel, each with its own limit; a range has one line for its silent ports") {
            runIoTest {
                network.onConnect("192.0.2.1", ConnectAnswer.hang())
                val stdout = ByteArrayOutputStream()
                val host = Host(InputStream.nullInputStream(), stdout, PrintStream(stdout), { error("no signals") })
                host.use {
                    check(Command.Check(targets("tcp:192.0.2.1:1-10"), timeout = 3.seconds, parallel = 2), it) shouldBe ExitCode.FAILED
                }
                now shouldBe 15.seconds
                stdout.toString() shouldBe "tcp:192.0.2.1:1-10  0 open, 10 no answer within 3 s\n"
                network.trace().assertNothingOpen()
            }
        }
    })
