package dev.tercet.samples

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldNotContain
import kotlin.io.path.div

/** The launchers at the root: when they build, and what they hand on. Processes: they are shell scripts. */
class LauncherSpec :
    FunSpec({
        for ((name, module) in listOf("tcat" to "samples", "bench" to "testing/benchmarks")) {
            fun Launcher.runBuilds(count: Int, why: String) = withClue(why) {
                Program(command("an argument")).use { launched ->
                    launched.endInput()
                    launched.hear().lines().last { it.isNotEmpty() } shouldBe "an argument"
                    // The exit code is that of the program.
                    launched.exitCode() shouldBe 7
                }
                builds() shouldHaveSize count
            }

            fun launcher() = Launcher(name, module, java = "for last; do :; done; echo \"\$last\"; exit 7")

            test("./$name builds once in a fresh clone, and again when the build is not up to date") {
                launcher().use { launcher ->
                    launcher.runBuilds(1, "fresh clone")
                    launcher.builds().single() shouldContain "-pl $module -am "
                    launcher.runBuilds(1, "nothing has changed")
                    launcher.edit()
                    launcher.runBuilds(2, "a source was edited")
                    launcher.runBuilds(2, "and nothing since")
                    (launcher.root / "kotlin-api/target/classes").toFile().deleteRecursively()
                    launcher.runBuilds(3, "a folder on the class path has gone")
                    (launcher.root / module / "target/classes").toFile().deleteRecursively()
                    launcher.runBuilds(4, "its own classes have gone")
                    launcher.runBuilds(4, "all is there")
                    launcher.edit()
                    launcher.editDuringBuild()
                    launcher.runBuilds(5, "a source was edited, and once more during the build")
                    launcher.runBuilds(6, "a source was edited during the last build")
                    launcher.runBuilds(6, "and nothing since")
                }
            }

            test("./$name: a build that fails is exit code 1, and is tried again") {
                launcher().use { launcher ->
                    launcher.failBuild(true)
                    repeat(2) {
                        Program(launcher.command()).use { launched ->
                            launched.exitCode() shouldBe 1
                            launched.errors().last() shouldBe "$name: the build failed"
                        }
                    }
                    launcher.failBuild(false)
                    launcher.runBuilds(3, "it can be built now")
                }
            }
        }

        fun Launcher.run(): List<String> {
            Program(command("an argument")).use { launched ->
                launched.endInput()
                launched.hear() shouldBe "an argument\n"
                launched.exitCode() shouldBe 7
            }
            return starts()
        }

        test("./tcat has the JVM archive its classes once after a build, and runs with the archive, from jars") {
            Launcher("tcat", "samples").use { launcher ->
                launcher.fakeJvm()
                val (list, dump, start) = launcher.run()
                list shouldContain "-XX:DumpLoadedClassList="
                list shouldContain "dev.tercet.samples.tcat.TrainingKt"
                dump shouldContain "-Xshare:dump "
                val archive = launcher.archives().single()
                val folder = archive.parent
                val jars = "-cp $folder/1.jar:$folder/2.jar:$folder/3.jar dev.tercet.samples.tcat.MainKt an argument"
                start shouldContain "-XX:SharedArchiveFile=$archive "
                start shouldEndWith jars
                launcher.run().single() shouldBe start

                withClue("stale, as the class path is") {
                    launcher.edit()
                    launcher.run() shouldHaveSize 3
                    launcher.run() shouldHaveSize 1
                }
                withClue("gone") {
                    archive.toFile().delete()
                    launcher.run() shouldHaveSize 3
                }
            }
        }

        test("./tcat starts from folders where the JVM makes no archive, and does not try again before the next build") {
            Launcher("tcat", "samples").use { launcher ->
                launcher.fakeJvm()
                launcher.archives(false)
                launcher.run().last().let { start ->
                    start shouldNotContain "-XX:SharedArchiveFile"
                    start shouldContain "-cp ${launcher.root}/samples/target/classes:${launcher.root}/java-core/target/classes:"
                }
                launcher.run() shouldHaveSize 1
                launcher.archives(true)
                launcher.run() shouldHaveSize 1
                launcher.edit()
                launcher.run().last() shouldContain "-XX:SharedArchiveFile"
            }
        }
    })
