package dev.tercet.samples.tcat

import dev.tercet.testing.certificates.TestCa
import dev.tercet.testing.certificates.TestIdentity
import dev.tercet.testing.certificates.TestKeyType
import java.nio.file.Path
import kotlin.io.path.createTempDirectory
import kotlin.io.path.div
import kotlin.io.path.writeText

/** A throw-away authority and what it certifies, as PEM files for programs. */
class TlsFiles(keyType: TestKeyType = TestKeyType.EC) : AutoCloseable {
    val authority: TestCa = TestCa.create()
    val folder: Path = createTempDirectory("tcat-tls")
    val ca: String = write("ca.pem", authority.certificatePem())

    /** For `127.0.0.1` and `server.test`. */
    val server: TestIdentity = authority.leaf("server.test", "127.0.0.1").withKeyType(keyType).issue()

    /** Certificate and key in one file. */
    val serverPem: String = write("server.pem", server.chainPem() + server.keyPem())

    val clientPem: String =
        authority.leaf("client.test").withKeyType(keyType).issue().let { write("client.pem", it.chainPem() + it.keyPem()) }

    fun write(name: String, text: String): String = (folder / name).apply { writeText(text) }.toString()

    override fun close() {
        folder.toFile().deleteRecursively()
    }
}
