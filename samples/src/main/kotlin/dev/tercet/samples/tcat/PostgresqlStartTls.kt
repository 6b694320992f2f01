package dev.tercet.samples.tcat

import java.io.IOException
import java.nio.ByteBuffer

/**
 * PostgreSQL's SSLRequest: eight bytes, answered by one. An error message may be the answer, too; it is nobody's word before TLS, and is not
 * shown (CVE-2024-10977).
 */
internal class PostgresqlStartTls : StartTls() {
    override val opening: ByteArray get() = ByteBuffer.allocate(REQUEST_BYTES).putInt(REQUEST_BYTES).putInt(SSL_REQUEST).array()

    override fun byteUntrusted(byte: Byte): Step = when (val answer = Char(byte.toInt() and 0xff)) {
        'S' -> Step.Begin
        'N' -> throw IOException("the PostgreSQL server does not speak TLS")
        'E' -> throw IOException("the PostgreSQL server answered the request for TLS with an error")
        else -> throw IOException("the server does not speak PostgreSQL, it sent ${quoted(answer.toString())}")
    }

    private companion object {
        const val REQUEST_BYTES = 8

        /** 1234 and 5679, as a version that does not exist. */
        const val SSL_REQUEST = 80_877_103
    }
}
