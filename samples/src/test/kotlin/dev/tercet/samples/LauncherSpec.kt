package dev.tercet.samples

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
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
    })
