package dev.tercet.coroutines.testing

import dev.tercet.testing.simulation.ConnectAnswer
import dev.tercet.testing.simulation.NameAnswer
import dev.tercet.testing.simulation.Packet
import dev.tercet.testing.simulation.SimulatedNetwork
import kotlin.time.Duration
import kotlin.time.toJavaDuration

/*
 * The simulated network with Kotlin's durations.
 */

/** The same answer, exactly so long after the connect began; zero makes a failure immediate. */
public fun ConnectAnswer.after(sinceConnect: Duration): ConnectAnswer = after(sinceConnect.toJavaDuration())

/** The same answer, so much later than it would have come. */
public fun NameAnswer.after(delay: Duration): NameAnswer = after(delay.toJavaDuration())

/**
 * Says how long everything is on its way, in each direction; what is between the two is drawn for each segment and packet. Segments of one
 * connection keep their order, datagrams do not.
 */
public fun SimulatedNetwork.setLatency(atLeast: Duration, atMost: Duration = atLeast): Unit =
    setLatency(atLeast.toJavaDuration(), atMost.toJavaDuration())

/** Says how long things are on their way to and from one address, an IP literal. */
public fun SimulatedNetwork.setLatency(literal: String, atLeast: Duration, atMost: Duration = atLeast): Unit =
    setLatency(literal, atLeast.toJavaDuration(), atMost.toJavaDuration())

/** Puts a datagram into the inbox of whoever is bound to its destination then (KIT-F10, KIT-F13). */
public fun SimulatedNetwork.deliverPacket(packet: Packet, after: Duration): Unit = deliverPacket(packet, after.toJavaDuration())
