package dev.tercet.samples.tcat

import dev.tercet.AddressText
import dev.tercet.BrokenResourceException
import dev.tercet.ConnectFailedException
import dev.tercet.TooSlowException
import dev.tercet.tls.TlsTruncatedException
import java.io.IOException
import java.net.PortUnreachableException
import java.net.UnknownHostException
import java.nio.file.AccessDeniedException
import java.nio.file.FileAlreadyExistsException
import javax.net.ssl.SSLException

/** Something failed, and this is where: `stdout`, or an address. */
class FailedAtException(val where: String, override val cause: IOException) : IOException(cause)

/** Adds to failures where they happened. */
inline fun <T> at(where: Any, block: () -> T): T = try {
    block()
} catch (e: FailedAtException) {
    throw e
} catch (e: IOException) {
    throw FailedAtException(where.toString(), e)
}

/** A failure in one line: where, and what the system said. */
fun describe(failure: IOException): String = when (failure) {
    is FailedAtException -> "${failure.where}: ${describe(failure.cause)}"
    is ConnectFailedException -> describeAttempts(failure)
    else -> reason(failure)
}

private fun describeAttempts(failure: ConnectFailedException): String {
    val attempts = failure.report().attempts.map { AddressText.of(it.address.address) to reason(it.error ?: failure) }
    val (_, reason) = attempts.singleOrNull() ?: return attempts.joinToString { (address, reason) -> "$address: $reason" }
    return reason
}

/** Whoever reads our output has gone away, as `head` does: no reason to complain. */
fun isReaderGone(failure: IOException, host: Host) =
    host.standardStreams.stdoutIsPipe && failure is FailedAtException && failure.where == STDOUT

/** The words of the system, from below what others have added to them; about TLS the library's, which know what the engine's are about. */
fun reason(failure: Throwable): String {
    generateSequence(failure) { it.cause }.firstOrNull { it is BrokenResourceException && isAboutTls(it.cause) }?.let {
        return it.message.orEmpty().replace('\n', ' ')
    }
    val root = generateSequence(failure) { it.cause }.last()
    return when (root) {
        is TooSlowException -> root.message.orEmpty()
        is UnknownHostException -> "no such host: ${root.message?.substringBefore(':')}"
        is PortUnreachableException -> "Port unreachable"
        is AccessDeniedException -> "permission denied"
        is FileAlreadyExistsException -> "is there already, and is no socket"
        else -> root.message ?: root.javaClass.simpleName
    }
}

/** What a peer may have chosen, such as a name in a certificate: on a terminal it must not move the cursor, turn the line around or begin a new one. */
fun printable(text: String): String = text.codePoints().toArray().joinToString("") { if (isPrintable(it)) Character.toString(it) else "?" }

private fun isPrintable(codePoint: Int) = when (CharCategory.valueOf(Character.getType(codePoint))) {
    CharCategory.CONTROL, CharCategory.FORMAT, CharCategory.SURROGATE, CharCategory.PRIVATE_USE -> false
    CharCategory.UNASSIGNED, CharCategory.LINE_SEPARATOR, CharCategory.PARAGRAPH_SEPARATOR -> false
    else -> true
}

private fun isAboutTls(cause: Throwable?) = cause is SSLException || cause is TlsTruncatedException || cause is TooSlowException
