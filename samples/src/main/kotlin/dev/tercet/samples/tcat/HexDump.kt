package dev.tercet.samples.tcat

import java.nio.ByteBuffer
import java.util.HexFormat

/**
 * Bytes as people read them, sixteen a line: `> 00000010  48 65 6c 6c 6f 0a                                 |Hello.|`. [mark] begins each line, and
 * [offset] is where the first byte stands in its direction. The bytes are those from the position to the limit, which stay.
 */
internal fun hexDump(mark: Char, offset: Long, bytes: ByteBuffer): String {
    val dump = StringBuilder()
    for (start in bytes.position() until bytes.limit() step BYTES_PER_LINE) {
        val end = minOf(start + BYTES_PER_LINE, bytes.limit())
        dump.append(mark).append(' ').append(HEX.toHexDigits(offset + start - bytes.position(), OFFSET_DIGITS)).append("  ")
        for (at in start until start + BYTES_PER_LINE) {
            if (at < end) HEX.toHexDigits(dump, bytes.get(at)).append(' ') else dump.append("   ")
            if (at - start == BYTES_PER_LINE / 2 - 1) dump.append(' ')
        }
        dump.append('|')
        for (at in start until end) dump.append(bytes.get(at).toInt().toChar().let { if (it in ' '..'~') it else '.' })
        dump.append("|\n")
    }
    return dump.toString()
}

private val HEX = HexFormat.of()
private const val BYTES_PER_LINE = 16
private const val OFFSET_DIGITS = 8
