package dev.tercet.interop

import dev.tercet.ConnectReport
import dev.tercet.Resolver
import dev.tercet.blocking.CancelScope
import dev.tercet.blocking.ConnectOptions
import dev.tercet.blocking.Net
import dev.tercet.coroutines.moveOnAfter
import dev.tercet.coroutines.openTcpStream
import dev.tercet.coroutines.runOnLoop
import dev.tercet.coroutines.withNetwork
import dev.tercet.loop.EventLoop
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.time.Duration
import kotlin.time.Duration.Companion.milliseconds

private const val HOST = "both.test"
private const val PORT = 7000

/**
 * Connects inside a namespace. Each line of stdin asks for one, which is told line by line on stdout: java or kotlin; the happy-eyeballs delay in
 * milliseconds; where to listen; what the host's addresses are, or "system" to ask the system; after how many milliseconds to give up, 0 for never.
 */
fun main() {
    for (question in generateSequence(::readlnOrNull)) {
        race(question.split(" "))
        println(Namespace.Answering.END)
    }
}

private fun race(question: List<String>) {
    val (language, delayMillis, listen, resolve, limitMillis) = question
    val delay = delayMillis.toLong()
    val limit = limitMillis.toLong().takeIf { it > 0 } ?: 100_000
    val servers = listen.split(",").map { ServerSocket().apply { bind(InetSocketAddress(it, PORT)) } }
    var network = EventLoop.shared().network()
    if (resolve == "system") {
        println("jdk ${InetAddress.getAllByName(HOST).joinToString(",") { text(it) }}")
    } else {
        network = network.withResolver(Resolver.fixed(mapOf(HOST to resolve.split(",").map(InetAddress::getByName))))
    }
    var report: ConnectReport? = null
    if (language == "java") {
        val options = ConnectOptions.DEFAULT.withNetwork(network).withHappyEyeballsDelay(Duration.ofMillis(delay)).withOnReport {
            report =
                it
        }
        CancelScope.moveOnAfter(Duration.ofMillis(limit)).run { Net.openTcpStream(HOST, PORT, options).close() }
    } else {
        runOnLoop {
            moveOnAfter(limit.milliseconds) {
                withNetwork(network) {
                    openTcpStream(HOST, PORT, happyEyeballsDelay = delay.milliseconds, onReport = { report = it }).close()
                }
            }
        }
    }
    // At once: whatever is still being sent now will be sent again.
    println("syn-sent ${synSent()}")
    println("winner ${report?.winner()?.let { text(it.address) } ?: "none"}")
    for (attempt in report?.attempts().orEmpty()) {
        val ended = attempt.ended() ?: Duration.ZERO
        println("attempt ${text(attempt.address().address)} ${attempt.outcome()} ${attempt.started().toMillis()} ${ended.toMillis()}")
    }
    servers.forEach { it.close() }
}

private fun synSent(): Int {
    val ss = ProcessBuilder("ss", "-Htan", "state", "syn-sent").start()
    return ss.inputStream.bufferedReader().readLines().size.also { check(ss.waitFor() == 0) { "ss failed" } }
}

/** As the test writes them, and not as the JDK does. */
private fun text(address: InetAddress) = address.hostAddress.replace("2001:db8:7:0:0:0:0:1", "2001:db8:7::1")
