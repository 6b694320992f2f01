package dev.tercet.coroutines

import dev.tercet.OnHandlerError
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import java.io.File
import java.net.InetSocketAddress
import java.net.Socket
import java.nio.ByteBuffer
import java.util.concurrent.TimeUnit
import java.util.spi.ToolProvider
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

/** A server in a JVM of its own that may open 256 files, and clients that take them all. */
class ExhaustedDescriptorsRealSocketSpec :
    FunSpec({
        test("IO-SV6 IO-SL3 IO-SL7 a server whose descriptors are exhausted says so, survives, and accepts again") {
            withContext(Dispatchers.IO) {
                val java = File(System.getProperty("java.home"), "bin/java").path
                val classPath = System.getProperty("java.class.path").split(File.pathSeparator).joinToString(File.pathSeparator) {
                    jarOf(File(it))
                }
                val log = File.createTempFile("tercet", ".log")
                val server =
                    ProcessBuilder(
                        "bash",
                        "-c",
                        "ulimit -n 256; exec \"$0\" \"$@\"",
                        java,
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        classPath,
                        "${ServerMain::class.java.name}",
                    )
                        .redirectError(log)
                        .start()
                val clients = mutableListOf<Socket>()
                try {
                    val port = server.inputStream.bufferedReader().readLine().toInt()
                    val address = InetSocketAddress("127.0.0.1", port)
                    repeat(400) { clients += Socket().apply { connect(address, 10_000) } }
                    withTimeout(20.seconds) {
                        while ("retrying in 0.1 seconds" !in log.readText()) kotlinx.coroutines.delay(20)
                    }
                    // Whoever is being served is served on.
                    clients[0].echo() shouldBe 'x'.code
                    // It pauses between its tries: so many take so long, however slow the machine is.
                    fun tries() = log.readText().lines().count { "retrying in 0.1 seconds" in it }
                    val start = TimeSource.Monotonic.markNow()
                    val before = tries()
                    while (tries() < before + 8) kotlinx.coroutines.delay(20)
                    val more = tries() - before
                    more shouldBeLessThan (start.elapsedNow() / 100.milliseconds).toInt() + 2
                    // All that go give their descriptors to those in the queue.
                    clients.take(300).forEach { it.close() }
                    withTimeout(20.seconds) { clients.drop(300).forEach { it.echo() shouldBe 'x'.code } }
                    clients.forEach { it.close() }
                    openTcpStream("127.0.0.1", port).use {
                        it.sendAll("again".buffer())
                        it.receiveText() shouldBe "again"
                    }
                    log.readText() shouldContain "Too many open files"
                    server.isAlive shouldBe true
                } finally {
                    clients.forEach { it.close() }
                    server.destroyForcibly().waitFor(10, TimeUnit.SECONDS)
                    log.delete()
                }
            }
        }
    }) {
    /** Echoes, and prints its port. */
    object ServerMain {
        @JvmStatic
        fun main(args: Array<String>): Unit = runOnLoop {
            serveTcp(0, "127.0.0.1", onHandlerError = OnHandlerError.LOG, taskStatus = { println(it.single().port) }) { stream ->
                val buffer = ByteBuffer.allocate(100)
                while (stream.receiveSome(buffer.clear()) != -1) stream.sendAll(buffer.flip())
            }
        }
    }

    private companion object {
        /**
         * Directories become jars, as in production: a jar is open all the time. From a directory no class can be loaded any more when the
         * descriptors are exhausted.
         */
        fun jarOf(entry: File): String {
            if (!entry.isDirectory) return entry.path
            val jar = File.createTempFile("tercet", ".jar").apply { deleteOnExit() }
            ToolProvider.findFirst("jar").get().run(System.out, System.err, "cf", jar.path, "-C", entry.path, ".") shouldBe 0
            return jar.path
        }

        fun Socket.echo(): Int {
            soTimeout = 20_000
            getOutputStream().write('x'.code)
            return getInputStream().read()
        }
    }
}
