package dev.tercet.gates;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Every public member is documented, in both languages, and says what it must. */
class DocTagsTest {
  private static final List<Path> JAVA =
      List.of(Path.of("../java-core/src/main/java"), Path.of("src/main/java"));
  private static final List<Path> KOTLIN =
      List.of(Path.of("../kotlin-api/src/main/kotlin"), Path.of("src/main/kotlin"));

  @Test
  @DisplayName("Java: public members are documented, with errors, interruption and thread-safety")
  void java() throws IOException {
    List<Path> files = published(JAVA, ".java");
    assertTrue(files.size() > 30, "only " + files.size() + " files were found");
    try (StandardJavaFileManager manager =
        ToolProvider.getSystemJavaCompiler().getStandardFileManager(null, null, null)) {
      none(JavaDocRules.check(manager.getJavaFileObjectsFromPaths(files)));
    }
  }

  @Test
  @DisplayName("Kotlin: public members are documented, with errors, cancellation, thread-safety")
  void kotlin() throws IOException {
    List<Path> files = published(KOTLIN, ".kt");
    assertTrue(files.size() > 8, "only " + files.size() + " files were found");
    List<Finding> findings = new ArrayList<>();
    for (Path file : files) {
      findings.addAll(KotlinDocRules.check(file.toString(), Files.readAllLines(file)));
    }
    none(findings);
  }

  @Test
  @DisplayName("the Java rules see what is missing, and where")
  void javaRulesCanFail() throws IOException {
    assertEquals(
        List.of(
            "2: type A has no doc comment",
            "3: x has no doc comment",
            "4: A: m() has no doc comment",
            "6: A: n() does not say \"Errors:\"",
            "6: A: n() does not say \"Interruption:\"",
            "6: A: n() does not say \"Thread-safety:\"",
            "13: A: constructor has no doc comment",
            "23: type E has no doc comment",
            "24: ONE has no doc comment"),
        java(
            """

            public class A {
              public int x;
              public void m() {}
              /** Waits. */
              public void n() throws java.io.IOException, InterruptedException {}
              /** Another form: {@link #n} of nothing. */
              public void n(int i) throws IOException {}
              /** <p><i>Errors:</i> a. <p><i>Interruption:</i> b. <p><i>Thread-safety:</i> c. */
              public void o() throws IOException, InterruptedException {}
              @Override
              public String toString() { return ""; }
              public A(int i) {}
              void hidden() throws IOException {}
              /** Handles. */
              @FunctionalInterface
              public interface F {
                /** Handles one. */
                void handle() throws IOException;
              }
              /** Has components. */
              public record R(int a, int b) { /** Checks. */ public R {} }
              public enum E {
                ONE
              }
            }
            class Hidden { public void m() {} }
            """));
  }

  @Test
  @DisplayName("a label on a Java type holds for its members, a throws tag for what does not wait")
  void labels() throws IOException {
    assertEquals(
        List.of(
            "5: A: n() does not say \"Errors:\"",
            "19: A: w() does not say \"Errors:\"",
            "19: A: w() does not say \"Interruption:\""),
        java(
            """
            /** Such. <p><i>Thread-safety:</i> any thread. */
            public interface A {

              /** Does. */
              void n() throws IOException;

              /**
               * Does.
               *
               * @throws IOException when it cannot
               */
              void m() throws IOException;

              /**
               * Waits.
               *
               * @throws IOException when it cannot
               */
              void w() throws IOException, InterruptedException;
            }
            """));
  }

  @Test
  @DisplayName("the Kotlin rules see what is missing, and where")
  void kotlinRulesCanFail() {
    List<String> lines =
        """
        public interface A {
            public suspend fun n(): Int
            /** Waits. */
            @Deprecated("")
            public suspend fun <T> m(t: T): Int
            /** Waits, as [m]. */
            public suspend fun o(): Int
            /** Waits. *Errors:* a. *Cancellation:* b. *Thread-safety:* c. */
            public suspend fun p(): Int
            override suspend fun q(): Int
        }
        /**
         * Documented.
         *
         * *Thread-safety:* any thread.
         * @property a first
         */
        public class B(
            public val a: Int,
            public val b: Int,
        ) {
            internal suspend fun hidden() {}
            /** Waits. *Errors:* a. */
            public suspend fun n() {}
        }
        public suspend fun List<Int>.ext(i: Int) {}
        """
            .lines()
            .toList();
    assertEquals(
        List.of(
            "1: interface A has no doc comment",
            "2: fun n has no doc comment",
            "5: fun m does not say \"Errors:\"",
            "5: fun m does not say \"Cancellation:\"",
            "5: fun m does not say \"Thread-safety:\"",
            "20: val b has no doc comment",
            "24: fun n does not say \"Cancellation:\"",
            "26: fun ext has no doc comment"),
        KotlinDocRules.check("B.kt", lines).stream().map(f -> f.line() + ": " + f.what()).toList());
  }

  private static List<String> java(String source) throws IOException {
    JavaFileObject file =
        new SimpleJavaFileObject(URI.create("string:///A.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    return JavaDocRules.check(List.of(file)).stream().map(f -> f.line() + ": " + f.what()).toList();
  }

  private static List<Path> published(List<Path> roots, String extension) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path root : roots) {
      if (Files.isDirectory(root)) {
        try (Stream<Path> walk = Files.walk(root)) {
          walk.filter(file -> file.toString().endsWith(extension))
              .filter(file -> !file.endsWith("module-info.java"))
              .filter(file -> !file.toString().contains("/internal/"))
              .filter(file -> !file.toString().contains("/proto/"))
              .sorted()
              .forEach(files::add);
        }
      }
    }
    return files;
  }

  private static void none(List<Finding> findings) {
    assertTrue(
        findings.isEmpty(),
        () ->
            findings.size()
                + " to mend:\n"
                + findings.stream().map(Finding::toString).collect(Collectors.joining("\n")));
  }
}
