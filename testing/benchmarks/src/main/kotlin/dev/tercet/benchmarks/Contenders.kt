package dev.tercet.benchmarks

/** What a contender is: two of different kinds are never in one table. */
enum class Kind {
    /** A server of TCP. */
    STREAM,

    /** A server of TLS over TCP. */
    TLS,

    /** A server of DTLS over UDP. */
    DTLS,

    /** A client: it connects, and the load generator is what it connects to. */
    DIAL,
}

/** A program that can be measured, and what it needs. */
data class Entry(
    val name: String,
    val kind: Kind = Kind.STREAM,
    val needsVirtualThreads: Boolean = false,
    val needsLinux: Boolean = false,
    val needsConscrypt: Boolean = false,
    /** A program in C, and no class; null for a class. */
    val native: NativeServer? = null,
) {
    val isOurs: Boolean get() = name.startsWith("tercet")

    /** The JDK it runs on; null when there is none for it here, or it needs none. */
    fun jdk(): Jdk? = when {
        native != null -> null
        needsVirtualThreads -> Jdks.withVirtualThreads
        else -> Jdks.own
    }

    /** Why it cannot run here; null when it can. */
    fun missing(): String? = when {
        native != null -> native.missing

        jdk() == null -> "no JDK with virtual threads in \$JDK25 or /usr/lib/jvm"

        needsLinux && !(System.getProperty("os.name").startsWith("Linux") && System.getProperty("os.arch") == "amd64") ->
            "its native library is here for Linux on x86-64 only"

        needsConscrypt -> conscryptMissing

        else -> null
    }
}

/** Why Conscrypt cannot run here; null when it can. Its library is loaded to find out. */
private val conscryptMissing: String? by lazy {
    try {
        org.conscrypt.Conscrypt.checkAvailability()
        null
    } catch (e: LinkageError) {
        "its native library cannot be loaded: ${e.message?.lineSequence()?.firstOrNull()}"
    }
}

/** All contenders, in the order of the tables. */
val CONTENDERS: Map<String, Entry> = listOf(
    Entry("nio"),
    Entry("c", native = NativeServer.EPOLL),
    Entry("tercet"),
    Entry("tercet-default"),
    Entry("tercet-two-loops"),
    Entry("tercet-platform"),
    Entry("tercet-virtual", needsVirtualThreads = true),
    Entry("socket-platform"),
    Entry("socket-virtual", needsVirtualThreads = true),
    Entry("netty-nio"),
    Entry("netty-epoll", needsLinux = true),
    Entry("ktor"),
    Entry("engine", Kind.TLS),
    Entry("engine-conscrypt", Kind.TLS, needsConscrypt = true),
    Entry("openssl", Kind.TLS, native = NativeServer.OPENSSL),
    Entry("tercet-tls", Kind.TLS),
    Entry("tercet-tls-platform", Kind.TLS),
    Entry("tercet-tls-conscrypt", Kind.TLS, needsConscrypt = true),
    Entry("sslsocket", Kind.TLS),
    Entry("tls-channel", Kind.TLS),
    Entry("netty-tls", Kind.TLS),
    Entry("engine-dtls", Kind.DTLS),
    Entry("tercet-dtls", Kind.DTLS),
    Entry("tercet-dtls-platform", Kind.DTLS),
    Entry("tercet-dtls-virtual", Kind.DTLS, needsVirtualThreads = true),
    Entry("bouncy-castle", Kind.DTLS),
    Entry("scandium", Kind.DTLS),
    Entry("nio-dial", Kind.DIAL),
    Entry("channel-dial", Kind.DIAL),
    Entry("tercet-dial", Kind.DIAL),
    Entry("tercet-dial-literal", Kind.DIAL),
    Entry("tercet-dial-platform", Kind.DIAL),
    Entry("netty-dial", Kind.DIAL),
    Entry("ktor-dial", Kind.DIAL),
).associateBy { it.name }
