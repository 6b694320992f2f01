package dev.tercet.samples.tcat

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.nio.ByteBuffer

class HexDumpSpec :
    FunSpec({
        test("sixteen bytes a line with their offsets; what is not printable ASCII is a point; the buffer stays as it is") {
            val bytes = ByteBuffer.wrap(ByteArray(20) { it.toByte() } + "Hello |\u007fé".encodeToByteArray()).position(3)
            hexDump('>', 0x1_0000_0000L - 16, bytes) shouldBe
                """
                > fffffff0  03 04 05 06 07 08 09 0a  0b 0c 0d 0e 0f 10 11 12 |................|
                > 00000000  13 48 65 6c 6c 6f 20 7c  7f c3 a9                |.Hello |...|

                """.trimIndent()
            bytes.position() shouldBe 3
        }

        test("no bytes are no line") { hexDump('<', 7, ByteBuffer.allocate(0)) shouldBe "" }
    })
