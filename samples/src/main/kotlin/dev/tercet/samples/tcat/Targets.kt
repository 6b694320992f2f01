package dev.tercet.samples.tcat

/**
 * What `tcat check` looks at, of one argument: an address, or a range of ports.
 *
 * @property text as it was written
 * @property isRange whether it is enough that one of them is open
 */
data class Target(val text: String, val addresses: List<Address>, val isRange: Boolean = false)

/** Reads `tcp:HOST:22,80,8000-8099`, or any address to connect to. Each port between commas is checked for itself. */
fun targets(text: String): List<Target> {
    val ports = text.substringAfterLast(':')
    if (text.substringBefore(':') !in WITH_PORTS || !PORTS.matches(ports)) return listOf(single(text))
    val before = text.removeSuffix(ports)
    return ports.split(',').map { part ->
        val first = part.substringBefore('-')
        val last = part.substringAfter('-', first)
        if (first == part) single(before + part) else range(before, first, last)
    }
}

private fun single(text: String) = Target(text, listOf(toCheck(text)))

private fun range(before: String, first: String, last: String): Target {
    val text = "$before$first-$last"
    toCheck(before + first)
    toCheck(before + last)
    if (first.toInt() > last.toInt()) throw UsageException("the range of ports of $text ends before it begins")
    return Target(text, (first.toInt()..last.toInt()).map { toCheck("$before$it") }, isRange = true)
}

private fun toCheck(text: String): Address {
    val address = Address.toConnect(text)
    if (address is Address.Udp) throw UsageException("$address cannot be checked: a port that takes datagrams need not answer; dtls: does")
    return address
}

private val WITH_PORTS = setOf("tcp", "tls", "dtls", "udp")

/** More than one, with commas or a range. What is wrong with a number is said by whoever reads an address. */
private val PORTS = Regex("[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*")
