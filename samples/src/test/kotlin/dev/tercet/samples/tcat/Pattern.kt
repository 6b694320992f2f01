package dev.tercet.samples.tcat

import java.io.InputStream
import java.io.OutputStream
import java.nio.ByteBuffer
import kotlin.math.min
import kotlin.random.Random

/**
 * So many bytes that whoever makes them and whoever checks them need not share: random blocks, each with its number in front, so that none can
 * be lost, doubled or exchanged without being noticed.
 */
class Pattern(private val size: Long) {
    private val random = Random(SEED).nextBytes(BLOCK_BYTES)

    private fun block(number: Long): ByteBuffer {
        val length = min(BLOCK_BYTES.toLong(), size - number * BLOCK_BYTES).toInt()
        return ByteBuffer.wrap(random).putLong(0, number).limit(length)
    }

    private val blocks = (size + BLOCK_BYTES - 1) / BLOCK_BYTES

    /** Sends all and closes. */
    fun sendTo(output: OutputStream) = output.use {
        for (number in 0 until blocks) {
            val block = block(number)
            it.write(block.array(), 0, block.limit())
        }
    }

    /** Receives to the end and checks each byte. [atLastByte] runs before the end is awaited. */
    fun receiveFrom(input: InputStream, atLastByte: () -> Unit = {}) {
        val received = ByteArray(BLOCK_BYTES)
        for (number in 0 until blocks) {
            val block = block(number)
            val n = input.readNBytes(received, 0, block.limit())
            val mismatch = block.mismatch(ByteBuffer.wrap(received, 0, n))
            check(mismatch == -1) { "byte ${number * BLOCK_BYTES + mismatch} of $size is wrong or missing" }
        }
        atLastByte()
        check(input.read() == -1) { "more than $size bytes arrived" }
    }

    private companion object {
        const val SEED = 20_170_101
        const val BLOCK_BYTES = 65_536
    }
}
