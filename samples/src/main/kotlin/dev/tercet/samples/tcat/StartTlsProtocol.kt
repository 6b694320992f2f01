package dev.tercet.samples.tcat

import java.util.Locale

/** What a server speaks until TLS begins, for `--starttls`. */
enum class StartTlsProtocol(private val title: String) {
    SMTP("SMTP"),
    IMAP("IMAP"),
    POSTGRESQL("PostgreSQL"),
    XMPP("XMPP"),
    ;

    /** @param host whom the server is asked for, where the protocol asks; null for nobody */
    internal fun dialogue(host: String?): StartTls = when (this) {
        SMTP -> SmtpStartTls()
        IMAP -> ImapStartTls()
        POSTGRESQL -> PostgresqlStartTls()
        XMPP -> XmppStartTls(host ?: throw UsageException("--starttls xmpp asks for a host: --server-name NAME"))
    }

    override fun toString() = title

    companion object {
        val WORDS = "smtp, imap, postgresql or xmpp"

        fun of(word: String): StartTlsProtocol? =
            entries.firstOrNull { it.name.lowercase(Locale.ROOT) == word } ?: POSTGRESQL.takeIf { word == "postgres" }
    }
}
