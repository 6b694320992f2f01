package dev.tercet.samples.tcat

import dev.tercet.samples.Program
import dev.tercet.samples.Tcat
import io.kotest.assertions.withClue
import io.kotest.matchers.string.shouldEndWith

/** tcat and the programs of others that talk to it, in both roles, with the certificates of [files]. [scheme] is `tls` or `dtls`. */
class Peers(private val files: TlsFiles, private val scheme: String) {
    fun listening(vararg args: String, body: (Tcat, Int) -> Unit) =
        Tcat("listen", "$scheme:127.0.0.1:0", "--cert", files.serverPem, *args).use { tcat ->
            body(tcat, tcat.awaitError("listening $scheme:127.0.0.1:").toInt())
        }

    fun connecting(port: Int, vararg args: String, body: (Tcat) -> Unit) =
        Tcat("connect", "$scheme:127.0.0.1:$port", *args).use { tcat -> withClue(args.joinToString(" ")) { body(tcat) } }

    fun opensslServer(vararg args: String, body: (Program, Int) -> Unit) =
        Program("openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", files.serverPem, "-key", files.serverPem, *args).use { peer ->
            val line = generateSequence { peer.hearLine() }.first { it.startsWith("ACCEPT ") }
            body(peer, line.substringAfterLast(':').toInt())
        }

    /** [version] is an option of it, as `-tls1_3`. */
    fun opensslClient(port: Int, version: String, vararg args: String): Program {
        val quiet = listOf("-quiet", "-no_ign_eof", "-verify_return_error", "-CAfile", files.ca)
        val own = listOf("-cert", files.clientPem, "-key", files.clientPem, version)
        return Program(*(listOf("openssl", "s_client", "-connect", "127.0.0.1:$port") + quiet + own + args).toTypedArray())
    }

    fun gnutlsClient(port: Int, vararg args: String): Program {
        val quiet = listOf("--logfile=/dev/null", "--x509cafile", files.ca)
        val own = listOf("--x509certfile", files.clientPem, "--x509keyfile", files.clientPem)
        return Program(*(listOf("gnutls-cli", "-p", "$port") + quiet + own + args + "127.0.0.1").toTypedArray())
    }

    /** It would listen on all addresses of the machine: it gets a network of its own, and tcat goes there, which only a process can. */
    fun toGnutlsServer(serving: List<String>, connecting: List<String>, body: (Program, Program) -> Unit) {
        val own = listOf("unshare", "-rn", "sh", "-c", "ip link set lo up && exec \"\$@\"", "sh")
        val pem = listOf("--x509certfile", files.serverPem, "--x509keyfile", files.serverPem)
        val server = listOf("gnutls-serv", "--echo", "--disable-client-cert", "-p", "443") + pem
        Program(*(own + server + serving).toTypedArray()).use { peer ->
            peer.awaitError("listening on IPv4 ") shouldEndWith "done"
            val there = listOf("nsenter", "-t", "${peer.process.pid()}", "-U", "--preserve-credentials", "-n")
            val tcat = Program.tcatCommand("connect", "$scheme:127.0.0.1:443", "--ca", files.ca, *connecting.toTypedArray())
            Program(tcat.command(there + tcat.command())).use { body(peer, it) }
        }
    }
}
