package dev.tercet.coroutines.testing

import dev.tercet.coroutines.Stream
import dev.tercet.coroutines.TlsStream
import dev.tercet.support.Stress
import dev.tercet.testing.engines.TestedEngine
import dev.tercet.tls.TlsVersion
import io.kotest.core.spec.style.FunSpec
import kotlinx.coroutines.test.runTest
import kotlin.time.Duration.Companion.minutes

/**
 * The battery on each engine against the JDK's, in both roles, in virtual time. The contexts are shared: each costs more than a handshake.
 *
 * Here with TLS 1.3, and with 1.2 in EngineConformanceRealSocketTest; at full size both versions in both languages.
 */
class EngineConformanceSpec :
    FunSpec({
        suspend fun <S : Stream> handshaken(
            transports: Pair<S, S>,
            client: TestedEngine,
            server: TestedEngine,
            version: TlsVersion,
        ): Pair<TlsStream<S>, TlsStream<S>> = TlsPairs.handshaken(TlsPairs.wrap(transports, client.client(version), server.server(version)))

        val others = TestedEngine.entries - TestedEngine.JDK
        // Bouncy Castle's as a client takes as long as three others: here as a server, in both roles in Java and at full size.
        val pairs =
            others
                .flatMap { listOf(it to TestedEngine.JDK, TestedEngine.JDK to it) }
                .filter { (client, _) -> client != TestedEngine.BCJSSE || Stress.isFull() }
        for (version in TlsVersion.entries.filter { it == TlsVersion.TLS_1_3 || Stress.isFull() }) {
            for ((client, server) in pairs) {
                test("TLS-A8 TLS over memory streams keeps the contract, clogged over lockstep ones ($client to $server, $version)") {
                    runTest(timeout = 2.minutes) {
                        checkTwoWayStream(
                            { handshaken(memoryStreamPair(), client, server, version) },
                            { handshaken(lockstepStreamPair(), client, server, version) },
                        )
                    }
                }
            }
        }
    })
