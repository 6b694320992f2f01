package dev.tercet.coroutines.internal

import dev.tercet.internal.text.Durations
import kotlin.time.Duration
import kotlin.time.toJavaDuration

/** As messages of both languages say it: `1 min 30 s`. */
internal fun Duration.text(): String = Durations.text(toJavaDuration())
