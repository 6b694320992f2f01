package dev.tercet.architecture;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The import rules of the core, and a proof that each of them can fail. */
class ArchitectureTest {
  private static final String BROKEN = "dev.tercet.architecture.broken";

  private static JavaClasses core;
  private static JavaClasses broken;

  @BeforeAll
  static void importClasses() {
    // The rules look at names only: there is no need to open the JDK's class files, of any version.
    ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
    // Once: an import takes longer than all rules.
    core = new ClassFileImporter().importPath(Path.of("target/classes/dev"));
    broken =
        new ClassFileImporter()
            .importPath(Path.of("target/test-classes/" + BROKEN.replace('.', '/')));
  }

  static Stream<String> rules() {
    return ImportRules.under("dev.tercet").keySet().stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  @DisplayName("the core keeps its import rules")
  void theCoreKeepsTheRule(String name) {
    assertTrue(core.size() > 40, "only " + core.size() + " classes were found");
    rule("dev.tercet", name).check(core);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  @DisplayName("each import rule fails on code that breaks it")
  void theRuleCanFail(String name) {
    assertTrue(rule(BROKEN, name).evaluate(broken).hasViolation(), name);
  }

  private static ArchRule rule(String root, String name) {
    ArchRule rule = ImportRules.under(root).get(name);
    if (rule == null) {
      throw new AssertionError("no rule " + name);
    }
    return rule;
  }
}
