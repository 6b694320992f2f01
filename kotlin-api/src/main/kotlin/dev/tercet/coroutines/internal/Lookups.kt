package dev.tercet.coroutines.internal

import dev.tercet.internal.names.Lookup

/** Waits until everything is answered; a caller who is cancelled gives up. */
internal suspend fun Lookup.await() {
    try {
        answered().await()
    } finally {
        abandon()
    }
}
