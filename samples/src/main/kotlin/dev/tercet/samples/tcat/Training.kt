package dev.tercet.samples.tcat

import dev.tercet.PosixSignal
import dev.tercet.coroutines.withSignals
import dev.tercet.testing.certificates.TestCa
import java.io.ByteArrayInputStream
import java.io.InputStream
import java.io.OutputStream
import java.io.PipedInputStream
import java.io.PipedOutputStream
import java.io.PrintStream
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread

/*
 * What the launcher runs once after a build, while the JVM writes down which classes are loaded. From these it makes an archive, and later starts
 * take them from there. So this does what people do with tcat: it talks to a server of its own on loopback. Who adds a command adds it here; what
 * is missing only starts more slowly.
 */

fun main() {
    // Nobody waits for a machine on which this does not work.
    thread(isDaemon = true) {
        TimeUnit.SECONDS.sleep(LONGEST_SECONDS)
        Runtime.getRuntime().halt(1)
    }
    val folder = Files.createTempDirectory("tcat-training")
    try {
        trainCommands(folder)
    } finally {
        folder.toFile().deleteRecursively()
    }
    // As a process does it, which is its end.
    serving("tcp:127.0.0.1:0") { main(arrayOf("connect", it)) }
}

private fun trainCommands(folder: Path) {
    val authority = TestCa.create()
    val server = authority.leaf("127.0.0.1").issue()
    val ca = Files.writeString(folder.resolve("ca.pem"), authority.certificatePem()).toString()
    val cert = Files.writeString(folder.resolve("server.pem"), server.chainPem() + server.keyPem()).toString()
    run("--help")
    run("resolve", "localhost")
    serving("tcp:127.0.0.1:0") { run("connect", it) }
    for (scheme in listOf("tls", "dtls")) {
        serving("$scheme:127.0.0.1:0", "--cert", cert) { run("connect", it, "--ca", ca, "-q", "0.1") }
        serving("$scheme:127.0.0.1:0", "--cert", cert) { run("cert", it, "--ca", ca) }
    }
    serving("tcp:127.0.0.1:0") { run("check", it) }
}

/** A server for one connection. */
private fun serving(address: String, vararg options: String, client: (String) -> Unit) {
    val stderr = PipedInputStream()
    val printed = PipedOutputStream(stderr)
    thread(isDaemon = true) { run("listen", address, "--echo", "--once", *options, stderr = printed) }
    client(stderr.bufferedReader().readLine().removePrefix("listening "))
}

private fun run(vararg args: String, stderr: OutputStream = OutputStream.nullOutputStream()) {
    val stdin: InputStream = ByteArrayInputStream("hello\n".encodeToByteArray())
    val signals = Signals { block -> withSignals(PosixSignal.INT, PosixSignal.TERM) { received -> block { received.receive() } } }
    tcat(args.asList(), Host(stdin, OutputStream.nullOutputStream(), PrintStream(stderr, true), signals))
}

private const val LONGEST_SECONDS = 60L
