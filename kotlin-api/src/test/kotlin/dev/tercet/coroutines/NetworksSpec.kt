package dev.tercet.coroutines

import dev.tercet.Resolver
import dev.tercet.internal.loop.LoopThread
import dev.tercet.internal.net.NetworkProvider
import dev.tercet.internal.nio.LoopNetwork
import dev.tercet.loop.EventLoop
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import java.io.IOException
import kotlin.time.Duration.Companion.seconds

class NetworksSpec :
    FunSpec({
        val mine = EventLoop.shared().network().withResolver(Resolver { _, _ -> error("not asked") })

        test("the network is that of the context, inherited by children, and the inner one counts") {
            runTest {
                withNetwork(mine) {
                    currentNetwork() shouldBeSameInstanceAs mine
                    async { currentNetwork() }.await() shouldBeSameInstanceAs mine
                    nursery { startSoon { currentNetwork() shouldBeSameInstanceAs mine } }
                    withNetwork(EventLoop.shared().network()) { currentNetwork() shouldBe EventLoop.shared().network() }
                    currentNetwork() shouldBeSameInstanceAs mine
                }
                CoroutineScope(currentCoroutineContext() + mine.asContextElement()).async {
                    currentNetwork()
                }.await() shouldBeSameInstanceAs
                    mine
            }
        }

        test("without one in the context it is that of the loop the coroutine runs on, else the shared one") {
            EventLoop.open("own", 2).use { loop ->
                runOnLoop(loop) {
                    currentNetwork() shouldBe loop.network()
                    withContext(Dispatchers.Default) { currentNetwork() } shouldBe EventLoop.shared().network()
                    withNetwork(mine) { currentNetwork() } shouldBeSameInstanceAs mine
                }
            }
            runOnLoop(EventLoop.shared()) { currentNetwork() } shouldBe EventLoop.shared().network()
        }

        test("IO-SV13 a program of one thread, and what runs on a dispatcher of a loop, has the network of that thread") {
            fun NetworkProvider.loops() = (this as LoopNetwork).group().loops()
            runOnLoop { currentNetwork().loops() shouldBe listOf(LoopThread.currentLoop()) }
            EventLoop.open("own", 2).use { loop ->
                withContext(loop.dispatcher) { currentNetwork().loops() shouldBe listOf(LoopThread.currentLoop()) }
                runOnLoop { withContext(loop.dispatcher) { currentNetwork().loops() shouldBe listOf(LoopThread.currentLoop()) } }
            }
        }

        test("NUR-X20 withNetwork returns the result of a block that has finished, though it was cancelled meanwhile") {
            runTest {
                val steps = mutableListOf<String>()
                val job =
                    launch {
                        steps += withNetwork(mine) { shielded { delay(1.seconds) }.let { "resource" } }
                        yield()
                        steps += "not reached"
                    }
                yield()
                job.cancelAndJoin()
                launch {
                    val self = currentCoroutineContext().job
                    steps +=
                        withNetwork(mine) {
                            self.cancel()
                            "in place"
                        }
                }.join()
                steps.shouldContainExactly("resource", "in place")
            }
        }

        test("failures of the block come out as they are") {
            runTest {
                val failure = IOException("mine")
                shouldThrow<IOException> { withNetwork(mine) { yield().also { throw failure } } } shouldBeSameInstanceAs failure
            }
        }
    })
