package dev.tercet.samples

import java.nio.file.Path
import java.nio.file.StandardCopyOption
import kotlin.io.path.copyTo
import kotlin.io.path.createDirectories
import kotlin.io.path.createParentDirectories
import kotlin.io.path.createTempDirectory
import kotlin.io.path.deleteIfExists
import kotlin.io.path.div
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readLines
import kotlin.io.path.writeText

/**
 * A copy of a launcher in a folder that looks like a fresh clone, with a Maven that only writes down that it was called, and makes what a build
 * makes. The real build is not touched: it may be running this test.
 *
 * @param name `tcat` or `bench`
 * @param module what it runs
 * @param classPath what the build finds as the class path; null for folders of the clone
 * @param java what runs as `java`, a shell script; null for the real one
 */
class Launcher(private val name: String, module: String, classPath: String? = null, java: String? = null) : AutoCloseable {
    val root: Path = createTempDirectory("tercet-launcher")
    private val bin = (root / "bin").createDirectories()
    private val builds = root / "builds"
    private val started = root / "started"
    private val classPathFile = root / module / "target" / "$name.classpath"
    val source = root / "java-core/src/main/Source.java"

    init {
        for (file in listOf(name, ".mvn/launch.sh")) {
            (projectFolder / file).copyTo((root / file).createParentDirectories(), StandardCopyOption.COPY_ATTRIBUTES)
        }
        (root / "pom.xml").writeText("")
        for (each in MODULES) {
            (root / each / "src/main").createDirectories()
            (root / each / "pom.xml").writeText("")
        }
        source.writeText("")
        val folders = MODULES.joinToString(" ") { "'$root/$it/target/classes'" }
        script(
            "mvn",
            "echo \"$*\" >>'$builds'; mkdir -p $folders\n[ ! -e fail ] || exit 1\n$EDIT\nprintf %s '${classPath ?: folders()}' >'$classPathFile'",
        )
        java?.let { script("java", it) }
    }

    private fun folders() = listOf("java-core", "kotlin-api").joinToString(":") { "$root/$it/target/classes" }

    private fun script(name: String, text: String) = (bin / name).run {
        writeText("#!/bin/sh\n$text\n")
        toFile().setExecutable(true)
    }

    /**
     * The JVM and its tools become scripts that write down what they are called with, as [starts] returns it. The JVM makes lists and archives of classes
     * when it is told to; else it prints its last argument, and its exit code is 7.
     */
    fun fakeJvm() {
        script("java", "echo \"$*\" >>'$started'\n$FAKE_JAVA")
        script("jar", "while [ $# -gt 0 ]; do [ \"$1\" != --file ] || echo a jar >\"$2\"; shift; done")
    }

    /** Whether the JVM of [fakeJvm] can make archives. */
    fun archives(can: Boolean) = (bin / "no-archives").toFile().run { if (can) delete() else writeText("") }

    /** What the JVM was called with since the last call of this. */
    fun starts(): List<String> = (if (started.exists()) started.readLines() else emptyList()).also { started.deleteIfExists() }

    /** The archives of classes that were made. */
    fun archives(): List<Path> = (classPathFile.resolveSibling("$name.fast")).listDirectoryEntries("*.jsa")

    /** What Maven was called with, each time. */
    fun builds(): List<String> = if (builds.exists()) builds.readLines() else emptyList()

    /** Changes the source. The clock of the file system is coarse: until it has moved on. */
    fun edit() {
        val built = classPathFile.toFile().lastModified()
        do source.writeText("edited") while (source.toFile().lastModified() <= built)
    }

    /** The next build finds the source edited after it has begun. */
    fun editDuringBuild() = (root / "edit").writeText("")

    fun failBuild(fails: Boolean) = (root / "fail").toFile().run { if (fails) writeText("") else delete() }

    fun command(vararg args: String): ProcessBuilder = ProcessBuilder("$root/$name", *args).apply {
        environment()["PATH"] = "$bin:${System.getenv("PATH")}"
        if ((bin / "java").exists()) environment().remove("JAVA_HOME") else environment()["JAVA_HOME"] = System.getProperty("java.home")
        environment()["JAVA_OPTS"] = "-Xmx64m -XX:TieredStopAtLevel=1 -Xshare:auto"
    }

    override fun close() {
        root.toFile().deleteRecursively()
    }

    private companion object {
        val MODULES = listOf("java-core", "kotlin-api", "testing", "testing/benchmarks", "samples")

        val FAKE_JAVA =
            """
            for argument; do
              case ${'$'}argument in
                -XX:DumpLoadedClassList=*) echo java/lang/Object >"${'$'}{argument#*=}"; exit 0 ;;
                -XX:SharedArchiveFile=*) case " ${'$'}* " in *" -Xshare:dump "*)
                  [ ! -e "${'$'}{0%/*}/no-archives" ] || exit 1
                  echo classes >"${'$'}{argument#*=}"; exit 0 ;;
                esac ;;
              esac
            done
            echo "${'$'}argument"
            exit 7
            """.trimIndent()

        /** The source is newer than a file that was made after the build began. */
        const val EDIT = "if [ -e edit ]; then rm edit; : >probe; until [ java-core/src/main/Source.java -nt probe ]; do " +
            "echo edited >java-core/src/main/Source.java; done; fi"
    }
}
