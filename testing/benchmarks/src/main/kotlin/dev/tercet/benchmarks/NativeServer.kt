package dev.tercet.benchmarks

import java.io.IOException
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.io.path.absolutePathString
import kotlin.io.path.createDirectories
import kotlin.io.path.createTempFile
import kotlin.io.path.deleteIfExists
import kotlin.io.path.div
import kotlin.io.path.readText
import kotlin.io.path.writeBytes

/** A server in C, compiled anew for each run; it takes less than a second. */
class NativeServer private constructor(private val name: String, private vararg val libraries: String) {
    /** Why there is none; null when there is one. */
    val missing: String? get() = built.exceptionOrNull()?.message

    /** The key is for those that speak TLS. */
    fun command(work: String, key: KeyStoreFile): List<String> =
        listOf(built.getOrThrow().absolutePathString(), work, "${key.file}", key.password)

    private val built: Result<Path> by lazy {
        if (!System.getProperty("os.name").startsWith("Linux")) {
            Result.failure(IOException("it is written for Linux"))
        } else {
            try {
                Result.success(compile())
            } catch (e: IOException) {
                Result.failure(e)
            }
        }
    }

    private fun compile(): Path {
        val source = checkNotNull(NativeServer::class.java.getResourceAsStream("$name.c")) {
            "$name.c is not on the class path"
        }.use { it.readBytes() }
        val folder = Path.of(System.getProperty("bench.logs", System.getProperty("java.io.tmpdir"))).createDirectories()
        val file = createTempFile(folder, name, ".c")
        val said = folder / "gcc-$name.log"
        try {
            file.writeBytes(source)
            val program = folder / name
            // A program that still runs cannot be written to, but its name can be given to another.
            program.deleteIfExists()
            val gcc = try {
                ProcessBuilder(listOf("gcc", "-O2", "-o", "$program", "$file") + libraries)
                    .redirectErrorStream(true).redirectOutput(said.toFile()).start()
            } catch (_: IOException) {
                throw IOException("no gcc to compile it with")
            }
            if (!gcc.waitFor(1, TimeUnit.MINUTES)) gcc.destroyForcibly()
            if (gcc.waitFor() != 0) throw IOException("gcc: ${said.readText().lineSequence().firstOrNull().orEmpty()}")
            return program
        } finally {
            file.deleteIfExists()
        }
    }

    companion object {
        val EPOLL = NativeServer("epoll")

        /** Needs OpenSSL's headers. */
        val OPENSSL = NativeServer("openssl", "-lssl", "-lcrypto", "-lpthread")
    }
}
