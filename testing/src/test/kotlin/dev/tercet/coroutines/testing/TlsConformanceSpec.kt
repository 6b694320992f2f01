package dev.tercet.coroutines.testing

import dev.tercet.tls.TlsVersion
import io.kotest.core.spec.style.FunSpec
import kotlinx.coroutines.test.runTest

/** The battery on TLS streams, in virtual time. The handshake is done first: a cancellation in the middle breaks it. */
class TlsConformanceSpec :
    FunSpec({
        for (version in TlsVersion.entries) {
            test("TLS-A8 TLS over memory streams keeps the contract, clogged over lockstep ones ($version)") {
                runTest {
                    checkTwoWayStream(
                        { TlsPairs.handshaken(memoryStreamPair(), version) },
                        { TlsPairs.handshaken(lockstepStreamPair(), version) },
                    )
                }
            }
            test("TLS-O1 TLS over TLS keeps the contract ($version)") {
                runTest { checkTwoWayStream({ TlsPairs.handshaken(TlsPairs.handshaken(memoryStreamPair(), version), version) }) }
            }
        }
    })
