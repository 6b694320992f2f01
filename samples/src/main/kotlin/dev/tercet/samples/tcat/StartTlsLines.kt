package dev.tercet.samples.tcat

import java.io.ByteArrayOutputStream
import java.io.IOException

/** A protocol of lines that end with LF, or CR and LF. Whatever is no ASCII in them is kept as Latin-1, since it is only shown. */
internal abstract class StartTlsLines(private val title: String) : StartTls() {
    private val line = ByteArrayOutputStream()

    final override fun byteUntrusted(byte: Byte): Step {
        if (byte.toInt() != '\n'.code) {
            if (line.size() ==
                MAX_LINE_BYTES
            ) {
                throw IOException("a line of $title is longer than $MAX_LINE_BYTES bytes: ${quoted(taken())}")
            }
            line.write(byte.toInt())
            return Step.Receive
        }
        return lineUntrusted(taken().removeSuffix("\r"))
    }

    private fun taken(): String = line.toString(Charsets.ISO_8859_1).also { line.reset() }

    /** Takes one line, and returns another step than receiving when it was the last one of a reply. */
    protected abstract fun lineUntrusted(line: String): Step

    private companion object {
        /** RFC 5321 allows 512 bytes, and servers take more. */
        const val MAX_LINE_BYTES = 4096
    }
}
