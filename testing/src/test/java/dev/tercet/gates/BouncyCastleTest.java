package dev.tercet.gates;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Bouncy Castle is optional: two packages of what is published and of the samples use it. */
class BouncyCastleTest {
  private static final List<Path> SOURCES =
      Stream.of("../java-core", "../kotlin-api", "../testing", "../samples")
          .map(module -> Path.of(module, "src/main"))
          .toList();

  @Test
  @DisplayName("only the engine of DTLS and the authority for tests import Bouncy Castle")
  void importedInTwoPackages() throws IOException {
    Set<String> packages = new TreeSet<>();
    for (Path sources : SOURCES) {
      try (Stream<Path> files = Files.walk(sources)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          if (file.toString().matches(".*\\.(java|kt)") && imports(Files.readString(file))) {
            packages.add(
                sources.relativize(file).getParent().toString().replaceAll("^(java|kotlin)/", ""));
          }
        }
      }
    }
    assertEquals(
        Set.of("dev/tercet/internal/dtls/bouncycastle", "dev/tercet/testing/certificates"),
        packages);
  }

  private static boolean imports(String source) {
    return source
        .lines()
        .anyMatch(line -> line.matches("import (static )?org\\.bouncycastle\\..*"));
  }
}
