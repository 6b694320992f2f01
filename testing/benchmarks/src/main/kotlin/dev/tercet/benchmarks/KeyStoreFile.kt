package dev.tercet.benchmarks

import java.io.IOException
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.io.path.deleteIfExists
import kotlin.io.path.div

/** The key of all TLS servers: EC P-256, made anew for each run by the JDK's own tool, with a certificate that nobody believes. */
class KeyStoreFile private constructor(val file: Path, val password: String) {
    companion object {
        /** Takes about a second. */
        fun create(folder: Path): KeyStoreFile {
            val file = folder / "bench.p12"
            file.deleteIfExists()
            val password = "throw-away"
            val tool = "${Jdks.own.home / "bin" / "keytool"}"
            val what = listOf("-genkeypair", "-alias", "bench", "-keyalg", "EC", "-groupname", "secp256r1", "-validity", "7")
            val where = listOf("-dname", "CN=bench", "-storetype", "PKCS12", "-keystore", "$file", "-storepass", password)
            val process = ProcessBuilder(listOf(tool) + what + where).redirectErrorStream(true).start()
            process.outputStream.close()
            val said = process.inputReader().readText()
            if (!process.waitFor(1, TimeUnit.MINUTES) || process.exitValue() != 0) throw IOException("keytool: $said")
            return KeyStoreFile(file, password)
        }
    }
}
