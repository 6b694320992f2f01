package dev.tercet.coroutines

/**
 * A stream that can wait first and find memory afterwards, so that an idle connection holds no buffer. The extension
 * `receiveSome(maxBytes)` asks for it; a stream of a user's own does not have it and gets a buffer to fill.
 *
 * The member has the name of the extension, and means the same: an interface cannot hide it, so it is what a user may call anyway. Only
 * final classes implement this: through `Stream by transport` it would bypass what the delegating class overrides.
 */
internal interface WaitsForReadiness {
    /**
     * Receives some bytes into a fresh array that is made after waiting; otherwise as [ReceiveStream.receiveSome].
     *
     * @param maxBytes at least 1; to be checked with [requireMaxBytes]
     * @return 1 to [maxBytes] bytes, or an empty array at EOF
     */
    suspend fun receiveSome(maxBytes: Int): ByteArray
}

internal fun requireMaxBytes(maxBytes: Int) = require(maxBytes >= 1) { "maxBytes must be at least 1, not $maxBytes" }
