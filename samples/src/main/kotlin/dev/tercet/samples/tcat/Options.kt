package dev.tercet.samples.tcat

import dev.tercet.AddressFamily
import java.nio.file.InvalidPathException
import java.nio.file.Path
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** Walks over arguments; an option takes its value with `=` or from the next one. */
class Options(private val command: String, private val args: ArrayDeque<String>) {
    private var option = ""
    private var attached: String? = null

    /** Calls [onArgument] with each option, without its value, and with each argument that is none. */
    fun forEach(onArgument: (String) -> Unit) {
        while (true) {
            val next = args.removeFirstOrNull() ?: return
            val isOption = next.startsWith("-")
            option = if (isOption) next.substringBefore('=') else next
            attached = if (isOption && '=' in next) next.substringAfter('=') else null
            onArgument(option)
        }
    }

    fun value(): String = attached ?: args.removeFirstOrNull() ?: throw UsageException("$option needs a value; see tcat $command --help")

    fun connectionTo(): Address {
        val address = Address.toConnect(value())
        if (address.below is Address.Udp) throw UsageException("$option needs streams, and $address has none")
        return address
    }

    fun path(): Path {
        val value = value()
        return try {
            Path.of(value).also { if (value.isEmpty()) throw UsageException("$option needs the name of a file") }
        } catch (e: InvalidPathException) {
            throw UsageException("$option: '$value' is no path: ${e.reason}")
        }
    }

    /** Values with commas between them; each is read by [read], which returns null for what makes no sense. */
    fun <T : Any> list(meaning: String, read: (String) -> T?): List<T> {
        val value = value()
        return value.split(',').map { read(it) ?: throw UsageException("$option must be $meaning, not '$value'") }
    }

    fun <T : Any> choice(meaning: String, read: (String) -> T?): T {
        val value = value()
        return read(value) ?: throw UsageException("$option must be $meaning, not '$value'")
    }

    fun flag(): Boolean {
        if (attached != null) throw UsageException("$option takes no value")
        return true
    }

    fun number(): Int {
        val value = value()
        return value.toIntOrNull()?.takeIf { it >= 1 } ?: throw UsageException("$option must be a number from 1, not '$value'")
    }

    fun number(range: IntRange): Int {
        val value = value()
        return value.toIntOrNull()?.takeIf { it in range }
            ?: throw UsageException("$option must be a number from ${range.first} to ${range.last}, not '$value'")
    }

    /** `1500`, `10K`, `1.5M`: bytes, with the factors of curl, 1024 each. */
    fun bytesPerSecond(): Long {
        val value = value()
        val factor = RATE_UNITS[value.takeLast(1).uppercase()]
        val number = (if (factor == null) value else value.dropLast(1)).toDoubleOrNull()
        val bytes = number?.times(factor ?: 1L)?.takeIf { it >= Pace.SLOWEST && it < 1e15 }
        return bytes?.toLong()
            ?: throw UsageException("$option must be bytes per second from ${Pace.SLOWEST} on, such as 1500, 10K or 1.5M, not '$value'")
    }

    fun family(present: AddressFamily): AddressFamily {
        flag()
        val family = if (option == "-4") AddressFamily.IPV4 else AddressFamily.IPV6
        if (present != AddressFamily.ANY && present != family) throw UsageException("only one of -4 and -6")
        return family
    }

    fun seconds(): Duration {
        val value = value()
        val seconds = value.toDoubleOrNull()?.takeIf { it >= 0.001 && it < 1e9 }
        return seconds?.seconds ?: throw UsageException("$option must be a number of seconds, not '$value'")
    }

    /** None is without limit. */
    fun secondsOrNone(): Duration {
        val value = value()
        if (value == "none") return Duration.INFINITE
        val seconds = value.toDoubleOrNull()?.takeIf { it >= 0 && it < 1e9 }
        return seconds?.seconds ?: throw UsageException("$option must be a number of seconds or none, not '$value'")
    }

    fun millisOrNone(): Duration? {
        val value = value()
        if (value == "none") return null
        val millis = value.toLongOrNull()?.takeIf { it in 0..3_600_000 }
        return millis?.milliseconds ?: throw UsageException("$option must be a number of milliseconds or none, not '$value'")
    }

    fun allThatFollows(): List<String> {
        flag()
        if (args.isEmpty()) throw UsageException("$option needs a command; see tcat $command --help")
        return args.toList().also { args.clear() }
    }

    /** An argument that is no option known here. */
    fun <T : Any> only(present: T?, what: String = "ADDRESS", read: () -> T): T {
        if (option.startsWith("-")) {
            throw UsageException("unknown option $option: ${didYouMean(optionMeantBy(option))}see tcat $command --help")
        }
        if (present != null) throw UsageException("one $what is enough: $present and $option")
        return read()
    }

    fun onlyService(present: Service?, read: () -> Service): Service {
        if (present != null) throw UsageException("only one of --echo, --exec and --forward: $option")
        return read()
    }

    private companion object {
        val RATE_UNITS = mapOf("K" to 1024L, "M" to 1024L * 1024, "G" to 1024L * 1024 * 1024)
    }
}
