package dev.tercet.benchmarks

/** Says on stderr what goes on: in one line that changes on a terminal, and elsewhere a line per stage. */
class Progress(private val isTerminal: Boolean) {
    private var shown = 0

    /** A stage, such as a round. */
    fun stage(text: String) {
        clear()
        System.err.println("bench: $text")
    }

    /** A step of it. */
    fun step(text: String) {
        if (!isTerminal) return
        clear()
        System.err.print(text)
        shown = text.length
    }

    fun clear() {
        if (shown > 0) System.err.print("\r${" ".repeat(shown)}\r")
        shown = 0
    }
}
