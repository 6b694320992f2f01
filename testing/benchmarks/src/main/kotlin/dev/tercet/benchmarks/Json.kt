package dev.tercet.benchmarks

/** Writes maps, iterables, strings, numbers, booleans and null as JSON, indented. */
fun json(value: Any?, indent: String = ""): String = when (value) {
    null -> "null"
    is Boolean, is Int, is Long -> "$value"
    is Double -> if (value.isNaN() || value.isInfinite()) "null" else "$value"
    is String -> quoted(value)
    is Map<*, *> -> block('{', '}', value.entries, indent) { (k, v), deeper -> "${quoted(k as String)}: ${json(v, deeper)}" }
    is Iterable<*> -> block('[', ']', value.toList(), indent) { element, deeper -> json(element, deeper) }
    else -> throw IllegalArgumentException("no JSON for ${value::class}")
}

private fun <E> block(open: Char, close: Char, elements: Collection<E>, indent: String, write: (E, String) -> String): String {
    if (elements.isEmpty()) return "$open$close"
    val deeper = "$indent  "
    return elements.joinToString(",\n", "$open\n", "\n$indent$close") { deeper + write(it, deeper) }
}

private fun quoted(text: String) = text.fold(StringBuilder("\"")) { out, c ->
    when {
        c == '"' || c == '\\' -> out.append('\\').append(c)
        c == '\n' -> out.append("\\n")
        c < ' ' -> out.append("\\u%04x".format(c.code))
        else -> out.append(c)
    }
}.append('"').toString()
