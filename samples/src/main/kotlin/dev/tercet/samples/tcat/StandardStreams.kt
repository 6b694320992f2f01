package dev.tercet.samples.tcat

import dev.tercet.coroutines.adapt.asSuspending
import java.io.FileDescriptor
import java.io.FileInputStream
import java.io.FileOutputStream
import dev.tercet.stream.ReceiveStream as BlockingReceiveStream
import dev.tercet.stream.SendStream as BlockingSendStream

const val STDIN = "stdin"
const val STDOUT = "stdout"

/*
 * Reading a terminal or a pipe blocks a thread and cannot be interrupted. The adapter gives it a thread, and a coroutine that is cancelled
 * does not wait for it. Straight from the descriptors, since System.in and System.out have buffers and locks of their own.
 */

val stdin = BlockingReceiveStream.from(FileInputStream(FileDescriptor.`in`)).asSuspending()

val stdout = BlockingSendStream.from(FileOutputStream(FileDescriptor.out)).asSuspending()

/** Which of the three are terminals: the JVM cannot tell them apart, so the script looks and says. */
object Terminals {
    private val descriptors = System.getProperty("tcat.terminals", "")

    val stdin get() = '0' in descriptors
    val stdout get() = '1' in descriptors
    val stderr get() = '2' in descriptors
}
