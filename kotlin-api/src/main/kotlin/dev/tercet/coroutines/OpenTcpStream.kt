package dev.tercet.coroutines

import dev.tercet.AddressFamily
import dev.tercet.ConnectFailedException
import dev.tercet.ConnectReport
import dev.tercet.RankedAddress
import dev.tercet.coroutines.internal.await
import dev.tercet.internal.connect.Connect
import dev.tercet.internal.connect.DialPlan
import dev.tercet.internal.names.Host
import dev.tercet.internal.names.Lookup
import dev.tercet.internal.net.NetworkProvider
import dev.tercet.proto.connect.RaceSettings
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import java.net.UnknownHostException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.toJavaDuration

/**
 * Connects to a host: a race between its addresses, "happy eyeballs" (RFC 8305). The addresses are ranked by RFC 6724, with the first one
 * of the other family in second place. When an attempt has not succeeded after [happyEyeballsDelay], the next one starts in parallel; when
 * it fails, at once. The first successful attempt becomes the connection, and all others are closed before this returns.
 *
 * *Errors:* [ConnectFailedException] when connecting fails for every address, with one suppressed failure per address, in the order of the
 * attempts; [UnknownHostException] when the host has none; the failure of the resolver; [IllegalArgumentException] for a host that is
 * neither a name nor a literal, for the port, and for a negative delay, before any I/O.
 *
 * *Cancellation:* no connection is left, and no attempt: when this has thrown, nothing more is sent (spec IO-HE14).
 *
 * *Thread-safety:* any coroutine.
 *
 * @param host a name or an IP literal, IPv6 without brackets
 * @param port 1 to 65535
 * @param happyEyeballsDelay 0 or more, 0 for all at once; null, or infinite, for one attempt at a time
 * @param localAddress a name or literal to connect from; addresses of the other family are then unreachable
 * @param onReport gets the report of all attempts at the end: on success, on failure, and when the connect was cancelled; must not block
 * @return the connection; the caller closes it
 */
public suspend fun openTcpStream(
    host: String,
    port: Int,
    happyEyeballsDelay: Duration? = 250.milliseconds,
    localAddress: String? = null,
    onReport: ((ConnectReport) -> Unit)? = null,
): SocketStream {
    val plan = dialPlan(host, port, happyEyeballsDelay, localAddress)
    val network = currentNetwork()
    currentCoroutineContext().ensureActive()
    return run(Connect.tcp(network, plan, onReport) { SocketStream(StreamSocket(it)) })
}

/** Drives a connect to its end. */
internal suspend fun <R : Any> run(connect: Connect<*, R>): R {
    Driver().run(connect)
    return connect.result()
}

/**
 * Returns the order in which [openTcpStream] would try the addresses of a host, with reasons, when all of them are known (spec IO-HV4).
 * Looks up the host, and sends nothing else.
 *
 * *Errors:* as [openTcpStream]'s, except those of connecting.
 *
 * *Cancellation:* immediate; the answer is ignored.
 *
 * *Thread-safety:* any coroutine.
 *
 * @param host a name or an IP literal, IPv6 without brackets
 * @param port 1 to 65535
 * @param localAddress a name or literal to connect from
 * @return at least one address
 */
public suspend fun planConnect(host: String, port: Int, localAddress: String? = null): List<RankedAddress> {
    val plan = dialPlan(host, port, null, localAddress)
    val network = currentNetwork()
    currentCoroutineContext().ensureActive()
    val lookup = answered(network, plan.host())
    val local = plan.localHost()?.let { answered(network, it) }
    return plan.rank(network, lookup, local)
}

internal fun dialPlan(host: String, port: Int, happyEyeballsDelay: Duration?, localAddress: String?): DialPlan {
    val delay = happyEyeballsDelay?.takeUnless { it == Duration.INFINITE }
    val settings = RaceSettings.DEFAULT.withAttemptDelayNanos(DialPlan.requireAttemptDelay(delay?.toJavaDuration()))
    return DialPlan.of(host, port, settings, localAddress, emptyMap())
}

/** All that is to be known about a host; the result may be a failure. */
private suspend fun answered(network: NetworkProvider, host: Host): Lookup =
    Lookup.start(network.resolver(), host, AddressFamily.ANY).also { it.await() }
