package dev.tercet.coroutines

import dev.tercet.Network
import dev.tercet.TooSlowException
import dev.tercet.internal.net.NetworkProvider
import dev.tercet.internal.net.NonBlockingListener
import dev.tercet.internal.wait.Exclusive
import dev.tercet.internal.wait.Latch
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runTest
import java.io.IOException
import java.lang.reflect.Proxy
import java.net.StandardProtocolFamily.INET
import kotlin.time.Duration.Companion.milliseconds

/** Accepting while the system refuses each connection. */
@OptIn(ExperimentalCoroutinesApi::class)
class FailingAcceptsSpec :
    FunSpec({
        test("IO-SL3 an accept that fails again and again pauses, and heeds limits") {
            runTest {
                var tries = 0
                val network =
                    refusing {
                        tries++
                        throw IOException("Vorgang nicht zulässig")
                    }
                withNetwork(network) {
                    val listener = ListenerSocket.open(INET)
                    shouldThrow<TooSlowException> { failAfter(50.milliseconds) { listener.accept() } }
                }
                currentTime shouldBe 50
                // 1 + 2 + 4 + 8 + 16 ms, and the limit cuts the sixth pause short.
                tries shouldBe 6
            }
        }

        test("IO-SL3 an accept that fails for ten seconds fails with that error") {
            runTest {
                val failure = IOException("Vorgang nicht zulässig")
                withNetwork(refusing { throw failure }) {
                    shouldThrow<IOException> { ListenerSocket.open(INET).accept() } shouldBe failure
                }
                currentTime shouldBe 10_427
            }
        }
    })

/** A network whose listener has connections that the system does not let it accept. */
private fun refusing(accept: () -> Nothing): Network {
    val accepting = Exclusive("another task is accepting")
    val queued = Latch().apply { open() }
    val listener =
        proxy<NonBlockingListener> { name ->
            when (name) {
                "accept" -> accept()
                "accepting" -> accepting
                "readable", "released" -> queued
                else -> null
            }
        }
    return proxy<NetworkProvider> { name -> if (name == "openListener") listener else null }
}

private inline fun <reified T> proxy(crossinline answer: (String) -> Any?): T =
    Proxy.newProxyInstance(T::class.java.classLoader, arrayOf(T::class.java)) { _, method, _ -> answer(method.name) } as T
