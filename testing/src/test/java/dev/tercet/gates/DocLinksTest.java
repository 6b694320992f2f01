package dev.tercet.gates;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Documents and sources refer only to what exists. */
class DocLinksTest {
  private static final Path ROOT = Path.of("..");
  private static DocRules rules;

  @BeforeAll
  static void read() throws IOException {
    rules = new DocRules(ROOT);
  }

  @Test
  @DisplayName("documents: links, decisions, statements, files, packages and names exist")
  void documents() throws IOException {
    List<Path> files = rules.documents();
    assertTrue(files.size() > 70, "only " + files.size() + " documents were found");
    assertTrue(rules.statements().size() > 600, "only " + rules.statements().size() + " ids");
    List<Finding> findings = new ArrayList<>();
    for (Path file : files) {
      findings.addAll(rules.inDocument(file, Files.readString(file)));
    }
    none(findings);
  }

  @Test
  @DisplayName("sources: the decisions and statements that they name exist")
  void sources() throws IOException {
    List<Path> files = rules.sources();
    assertTrue(files.size() > 800, "only " + files.size() + " sources were found");
    List<Finding> findings = new ArrayList<>();
    for (Path file : files) {
      if (!file.toString().contains("/gates/Doc")) {
        findings.addAll(rules.inSource(file, Files.readString(file)));
      }
    }
    none(findings);
  }

  @Test
  @DisplayName("the index of decisions has each file once, and the index of the specification too")
  void indexes() throws IOException {
    for (String folder : List.of("docs/adr", "docs/spec")) {
      String index = Files.readString(ROOT.resolve(folder).resolve("README.md"));
      try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
        for (Path file : files.filter(path -> !path.endsWith("README.md")).toList()) {
          int links = index.split("\\(" + file.getFileName() + "\\)", -1).length - 1;
          assertEquals(1, links, folder + "/README.md: links to " + file.getFileName());
        }
      }
    }
  }

  @Test
  @DisplayName("the rules see what is missing, and where")
  void canFail() throws IOException {
    String text =
        """
        # A heading of `ours`
        [here](#a-heading-of-ours) [there](docs/loop.md#the-cell) [web](https://example.com/x)
        [gone](docs/gone.md)
        [no](docs/loop.md#the-prison)
        ADR 1, and ADR 4711. As DESIGN 3 and BUILD.md say,
        TLS-R6, TLS-R7 (struck), KIT-O1, TLS-R-a; but TLS-Z99 and IO-ZZ1.
        `docs/spec/tls.md`, `docs/spec/ssl.md`, `java-core/src/gone`.
        `internal.connect.Dial`, `dev.tercet.proto.tls`, `internal.connect.Phone`
        `TlsStream<SocketStream>`, `TlsStream%sRenamed.close`
        """
            .formatted("ThatWas");
    assertEquals(
        List.of(
            "3: no file docs/gone.md",
            "4: no heading #the-prison",
            "5: no ADR 4711",
            "5: no document BUILD.md",
            "5: no document DESIGN",
            "6: no statement IO-ZZ1",
            "6: no statement TLS-Z99",
            "7: no file docs/spec/ssl.md",
            "7: no file java-core/src/gone",
            "8: no package or type internal.connect.Phone",
            "9: no name TlsStream" + "ThatWasRenamed"),
        rules.inDocument(ROOT.resolve("README.md"), text).stream()
            .map(found -> found.line() + ": " + found.what())
            .sorted()
            .toList());
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
