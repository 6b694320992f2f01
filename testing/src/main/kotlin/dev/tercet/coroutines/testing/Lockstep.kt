package dev.tercet.coroutines.testing

import dev.tercet.coroutines.ReceiveStream
import dev.tercet.coroutines.SendStream
import dev.tercet.coroutines.internal.await
import dev.tercet.testing.internal.LockstepPipe
import dev.tercet.testing.internal.ReceiveHalf
import kotlinx.coroutines.yield
import java.nio.ByteBuffer

/** The sending end of a lockstep pipe. */
internal class LockstepSendStream(private val pipe: LockstepPipe) : SendStream {
    override suspend fun sendAll(data: ByteBuffer) {
        pipe.sending().enter()
        try {
            yield()
            if (pipe.offer(data)) return
            try {
                while (!pipe.isSent) pipe.sent().await()
            } finally {
                pipe.withdraw()
            }
            data.position(data.limit())
        } finally {
            pipe.sending().exit()
        }
    }

    override suspend fun waitSendAllMightNotBlock() {
        pipe.sending().enter()
        try {
            yield()
            while (!pipe.isWritable) pipe.writable().await()
        } finally {
            pipe.sending().exit()
        }
    }

    override suspend fun close() {
        closeForcefully()
        yield()
    }

    override fun closeForcefully(): Unit = pipe.closeSender()
}

/** The receiving end of a lockstep pipe. */
internal class LockstepReceiveStream(private val pipe: LockstepPipe) : ReceiveStream {
    override suspend fun receiveSome(into: ByteBuffer): Int {
        ReceiveHalf.checkRoom(into)
        pipe.receiving().enter()
        try {
            yield()
            while (true) {
                val count = pipe.take(into)
                if (count != 0) return count
                pipe.receivable().await()
            }
        } finally {
            pipe.leaveReceive()
        }
    }

    override suspend fun close() {
        closeForcefully()
        yield()
    }

    override fun closeForcefully(): Unit = pipe.closeReceiver()
}
