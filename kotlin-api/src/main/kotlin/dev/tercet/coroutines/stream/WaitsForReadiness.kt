package dev.tercet.coroutines.stream

/**
 * A stream that can wait first and find memory afterwards, so that an idle connection holds no buffer. The extension
 * `receiveSome(maxBytes)` asks for it; a stream of a user's own does not have it and gets a buffer to fill.
 */
internal interface WaitsForReadiness {
    /**
     * Receives some bytes into a fresh array that is made after waiting; otherwise as [ReceiveStream.receiveSome].
     *
     * @param maxBytes at least 1, has been checked
     * @return 1 to [maxBytes] bytes, or an empty array at the end
     */
    suspend fun receiveUpTo(maxBytes: Int): ByteArray
}
