package dev.tercet.benchmarks

/** A server that can be measured, and what it needs. */
data class Entry(
    val name: String,
    val needsVirtualThreads: Boolean = false,
    val needsLinux: Boolean = false,
    /** A program in C, and no class. */
    val isNative: Boolean = false,
    /** Speaks TLS, and takes part in nothing else. */
    val isTls: Boolean = false,
) {
    val isOurs: Boolean get() = name.startsWith("tercet")

    /** The JDK it runs on; null when there is none for it here, or it needs none. */
    fun jdk(): Jdk? = when {
        isNative -> null
        needsVirtualThreads -> Jdks.withVirtualThreads
        else -> Jdks.own
    }

    /** Why it cannot run here; null when it can. */
    fun missing(): String? = when {
        isNative -> NativeServer.missing

        jdk() == null -> "no JDK with virtual threads in \$JDK25 or /usr/lib/jvm"

        needsLinux && !(System.getProperty("os.name").startsWith("Linux") && System.getProperty("os.arch") == "amd64") ->
            "its native library is here for Linux on x86-64 only"

        else -> null
    }
}

/** All contenders, in the order of the tables. */
val CONTENDERS: Map<String, Entry> = listOf(
    Entry("nio"),
    Entry("c", isNative = true),
    Entry("tercet"),
    Entry("tercet-default"),
    Entry("tercet-platform"),
    Entry("tercet-virtual", needsVirtualThreads = true),
    Entry("socket-platform"),
    Entry("socket-virtual", needsVirtualThreads = true),
    Entry("netty-nio"),
    Entry("netty-epoll", needsLinux = true),
    Entry("ktor"),
    Entry("engine", isTls = true),
    Entry("tercet-tls", isTls = true),
    Entry("tercet-tls-platform", isTls = true),
    Entry("sslsocket", isTls = true),
    Entry("tls-channel", isTls = true),
    Entry("netty-tls", isTls = true),
).associateBy { it.name }
