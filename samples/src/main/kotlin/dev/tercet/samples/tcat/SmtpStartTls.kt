package dev.tercet.samples.tcat

import java.io.IOException

/** RFC 3207: the greeting, EHLO, what the server can do, STARTTLS. Who goes on with SMTP after it begins with EHLO again. */
internal class SmtpStartTls : StartTlsLines("SMTP") {
    private enum class Waiting { FOR_GREETING, FOR_EXTENSIONS, FOR_CONSENT }

    private var waiting = Waiting.FOR_GREETING
    private var offersTls = false

    override fun lineUntrusted(line: String): Step {
        // "250-SIZE 1000" has more lines behind it, "250 SIZE 1000" and "250" have not.
        val code = line.take(CODE_CHARACTERS)
        if (code.length < CODE_CHARACTERS || !code.all { it in '0'..'9' } || line.getOrElse(CODE_CHARACTERS) { ' ' } !in "- ") {
            throw IOException("the server does not speak SMTP, it sent ${quoted(line)}")
        }
        if (waiting == Waiting.FOR_EXTENSIONS &&
            line.drop(CODE_CHARACTERS + 1).trim().equals("STARTTLS", ignoreCase = true)
        ) {
            offersTls = true
        }
        if (line.getOrNull(CODE_CHARACTERS) == '-') return Step.Receive
        return replyUntrusted(code, line)
    }

    private fun replyUntrusted(code: String, line: String): Step = when (waiting) {
        Waiting.FOR_GREETING -> {
            requireCode("220", code, line, "refused the connection")
            waiting = Waiting.FOR_EXTENSIONS
            // An address literal, which is allowed where there is no name (RFC 5321, section 4.1.3), and tells nobody anything.
            Step.Send("EHLO [127.0.0.1]\r\n")
        }

        Waiting.FOR_EXTENSIONS -> {
            requireCode("250", code, line, "refused EHLO")
            if (!offersTls) throw IOException("the SMTP server offers no STARTTLS")
            waiting = Waiting.FOR_CONSENT
            Step.Send("STARTTLS\r\n")
        }

        Waiting.FOR_CONSENT -> {
            requireCode("220", code, line, "refused STARTTLS")
            Step.Begin
        }
    }

    private fun requireCode(wanted: String, code: String, line: String, problem: String) {
        if (code != wanted) throw IOException("the SMTP server $problem: ${quoted(line)}")
    }

    private companion object {
        const val CODE_CHARACTERS = 3
    }
}
