package dev.tercet.coroutines.testing

import dev.tercet.coroutines.asContextElement
import dev.tercet.internal.text.Durations
import dev.tercet.testing.internal.SimulationNote
import dev.tercet.testing.simulation.NameTable
import dev.tercet.testing.simulation.Router
import dev.tercet.testing.simulation.SimulatedNetwork
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.job
import kotlinx.coroutines.plus
import kotlinx.coroutines.test.StandardTestDispatcher
import kotlinx.coroutines.test.TestCoroutineScheduler
import kotlinx.coroutines.test.TestResult
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import kotlin.random.Random
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toKotlinDuration

/**
 * Runs a test in virtual time and on a simulated network: `runTest` of kotlinx-coroutines-test, in whose context `openTcpStream`, `serveTcp`
 * and all other functions of the network use [IoTestScope.network].
 *
 * ```
 * @Test
 * fun `a dead address costs one delay`() = runIoTest {
 *     dns.set("example.com", "2001:db8::1", "192.0.2.1")
 *     network.onConnect("2001:db8::1", ConnectAnswer.hang())
 *     network.onConnect("192.0.2.1", ConnectAnswer.accept().after(30.milliseconds))
 *     openTcpStream("example.com", 443).use { now shouldBe 280.milliseconds }
 *     network.trace().assertNothingOpen()
 * }
 * ```
 *
 * Coroutines run one at a time, in an order that the seed decides (KIT-J7), so that a run is a function of its seed. Pass the seed of a
 * failure to repeat it. Code on another dispatcher is outside of this. The clock counts milliseconds: events of the network in between
 * happen at the next one.
 *
 * With [parallel] coroutines run on four threads at once instead, still in virtual time. That is for programs which [dev.tercet.coroutines.runOnLoop]
 * gives several threads: it finds state that their handlers share without a lock. Such a run is not a function of its seed. A program of one
 * thread, as `runOnLoop { }` runs it, needs the default.
 *
 * When all coroutines wait, and none for a time, that is a deadlock. After a second of real time everything is cancelled, and an
 * [AssertionError] has the place of each coroutine. It waits for a coroutine on another dispatcher, such as `Dispatchers.IO`.
 *
 * *Errors:* what the body throws; a suppressed exception has the seed and the end of the network's trace (KIT-R1). An error of
 * kotlinx-coroutines-test when the body does not end within [timeout].
 *
 * *Cancellation:* does not suspend.
 *
 * *Thread-safety:* any thread; tests can run side by side.
 *
 * @param seed chooses the order, and the jitter of the network; random by default, and reported when the test fails
 * @param timeout how long the test may take in real time
 * @param parallel whether coroutines run on several threads at once
 * @param body the test; what it launches is waited for
 */
public fun runIoTest(
    seed: Long = Random.nextLong(),
    timeout: Duration = 60.seconds,
    parallel: Boolean = false,
    body: suspend IoTestScope.() -> Unit,
): TestResult {
    var network: SimulatedNetwork? = null
    var atOnce: ParallelDispatcher? = null
    val watch = DeadlockWatch()
    var deadlock: Throwable? = null
    try {
        return runTest(timeout = timeout) {
            val simulated = SimulatedNetwork.create(TestSchedulerTime(backgroundScope, testScheduler), seed)
            network = simulated
            val inOrder = StandardTestDispatcher(testScheduler)
            val dispatcher = if (parallel) {
                ParallelDispatcher(inOrder, watch).also {
                    atOnce = it
                }
            } else {
                ShufflingDispatcher(inOrder, seed, watch)
            }
            val context = dispatcher + simulated.asContextElement()
            val test = this
            withContext(context) {
                val running = coroutineContext.job
                watch.start(running, dispatcher) { whereEachIs ->
                    deadlock =
                        AssertionError(
                            "deadlock at ${Durations.text(simulated.now())}: everybody waits, and not for a time\n" +
                                whereEachIs.joinToString("\n"),
                        )
                    running.cancel(CancellationException("deadlock", deadlock))
                }
                IoTestScope(this, test, test.backgroundScope + context, simulated).body()
            }
        }
    } catch (thrown: Throwable) {
        val failure = deadlock ?: thrown
        failure.addSuppressed(SimulationNote(seed, network?.trace()?.last(SimulationNote.LINES).orEmpty()))
        throw failure
    } finally {
        watch.stop()
        atOnce?.close()
    }
}

/**
 * Where the body of [runIoTest] runs.
 *
 * *Thread-safety:* for the coroutines of the test.
 *
 * @property network what everything is opened on
 * @property backgroundScope for what the test does not wait for: it is cancelled when the body ends
 */
public class IoTestScope internal constructor(
    scope: CoroutineScope,
    private val test: TestScope,
    public val backgroundScope: CoroutineScope,
    public val network: SimulatedNetwork,
) : CoroutineScope by scope {
    /** The virtual time since the test began. */
    public val now: Duration get() = network.now().toKotlinDuration()

    /** The names that can be looked up. */
    public val dns: NameTable get() = network.names()

    /** Who decides about datagrams. */
    public var router: Router
        get() = network.router()
        set(value) = network.setRouter(value)

    /** The scheduler of the test. */
    public val testScheduler: TestCoroutineScheduler get() = test.testScheduler

    /**
     * Runs everything that can run now, until all coroutines of this test but the caller are suspended or done; virtual time stands still
     * (KIT-W1, KIT-W4).
     *
     * *Errors:* none.
     *
     * *Cancellation:* throws (KIT-W3).
     *
     * *Thread-safety:* from a coroutine of the test.
     */
    public suspend fun waitAllTasksBlocked(): Unit = test.waitAllTasksBlocked()
}
