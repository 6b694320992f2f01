package dev.tercet.samples.tcat

/** What `--trace` shows, on stderr. Without it nothing is put into words: that takes more time than a connect. */
class Trace(private val host: Host, private val on: Boolean) {
    fun say(what: () -> Any) {
        if (on) what().toString().lines().forEach { host.stderr.println("tcat: $it") }
    }
}
