package dev.tercet.coroutines.architecture

import com.tngtech.archunit.ArchConfiguration
import com.tngtech.archunit.base.DescribedPredicate.not
import com.tngtech.archunit.core.domain.JavaClass
import com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage
import com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage
import com.tngtech.archunit.core.domain.JavaClasses
import com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching
import com.tngtech.archunit.core.importer.ClassFileImporter
import com.tngtech.archunit.lang.ArchRule
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.io.File

/** What the Kotlin module may import of the core and of kotlinx, and a proof that each rule can fail. */
class ArchitectureTest :
    FunSpec({
        // The rules look at names only: there is no need to open the JDK's class files, of any version.
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false)

        // Once: an import takes longer than all rules.
        val module by lazy { classesIn("target/classes") }
        val broken by lazy { classesIn("target/test-classes/dev/tercet/coroutines/architecture/broken") }

        for ((name, rule) in importRules()) {
            test(name) {
                module.size shouldBeGreaterThan 10
                rule.check(module)
            }
            test("can fail: $name") {
                rule.evaluate(broken).hasViolation() shouldBe true
            }
        }

        test("one file opts in to API of kotlinx that is not stable") {
            val optIn = Regex("(Experimental|Internal|Delicate)CoroutinesApi")
            val files = File("src/main/kotlin").walk().filter { it.extension == "kt" && optIn.containsMatchIn(it.readText()) }
            files.map { it.name }.toList() shouldContainExactly listOf("Await.kt")
        }
    })

private fun classesIn(folder: String): JavaClasses = ClassFileImporter().importPath(File(folder).toPath())

private fun importRules(): Map<String, ArchRule> = mapOf(
    "outside adapt, no blocking package of the core is imported" to
        noClasses()
            .that()
            .resideOutsideOfPackage("dev.tercet.coroutines.adapt..")
            .should()
            .dependOnClassesThat(ofTheCore().and(not(sharedWithKotlin()))),
    "one function suspends by hand" to
        noClasses()
            .that()
            .doNotHaveFullyQualifiedName("dev.tercet.coroutines.internal.AwaitKt")
            .should()
            .dependOnClassesThat(nameMatching("kotlinx\\.coroutines\\.CancellableContinuationImpl").forSubtype<JavaClass>()),
)

private fun ofTheCore() = resideInAPackage("dev.tercet..").and(not(resideInAPackage("dev.tercet.coroutines..")))

private fun sharedWithKotlin() =
    resideInAnyPackage("dev.tercet", "dev.tercet.tls", "dev.tercet.loop", "dev.tercet.proto..", "dev.tercet.internal..")
