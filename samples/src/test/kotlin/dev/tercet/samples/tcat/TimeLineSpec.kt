package dev.tercet.samples.tcat

import dev.tercet.ConnectAttempt
import dev.tercet.ConnectAttempt.Outcome
import dev.tercet.ConnectReport
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.net.ConnectException
import java.net.InetSocketAddress
import java.time.Duration

class TimeLineSpec :
    FunSpec({
        fun attempt(ip: String, outcome: Outcome, started: Long, ended: Long?, error: String? = null) = ConnectAttempt(
            InetSocketAddress(ip, 80),
            "why",
            Duration.ofMillis(started),
            ended?.let(Duration::ofMillis),
            outcome,
            error?.let(::ConnectException),
            error,
        )

        test("a line per address: when it began, how it ended, and why it has its place") {
            val attempts =
                listOf(
                    attempt("192.0.2.1", Outcome.ABANDONED, 0, 400),
                    attempt("192.0.2.20", Outcome.FAILED, 200, 300, "Connection refused"),
                    attempt("192.0.2.3", Outcome.WON, 300, 400),
                    attempt("192.0.2.4", Outcome.NOT_STARTED, 0, null),
                )
            val report = ConnectReport("h", 80, Duration.ofMillis(1), attempts, attempts[2].address(), Duration.ofMillis(400))
            timeLine(report) shouldBe
                """
                race to h port 80: connected to 192.0.2.3 after 400.0 ms, lookup 1.0 ms
                  192.0.2.1   |=======================================>| abandoned, 0.0 ms to 400.0 ms (why)
                  192.0.2.20  |                   ==========x          | failed, 200.0 ms to 300.0 ms, Connection refused (why)
                  192.0.2.3   |                             ==========O| won, 300.0 ms to 400.0 ms (why)
                  192.0.2.4   |                                        | not started (why)
                """.trimIndent()
        }

        test("a connect that took no time, or had no addresses, can be drawn") {
            val attempts = listOf(attempt("192.0.2.1", Outcome.FAILED, 0, 0, "no"))
            timeLine(ConnectReport("h", 80, Duration.ZERO, attempts, null, Duration.ZERO)).lines().size shouldBe 2
            timeLine(ConnectReport("h", 80, Duration.ZERO, emptyList(), null, Duration.ZERO)) shouldBe
                "race to h port 80: failed after 0.0 ms, lookup 0.0 ms"
        }
    })
