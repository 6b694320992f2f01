package dev.tercet.gates;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The public API of each published module is what its file in {@code api/} says. A change of the
 * API is a change of that file, to be looked at; {@code -Dapi.dump=true} writes it.
 */
class ApiDumpTest {
  private static final String REFRESH =
      "mvn -pl java-core,kotlin-api,testing test -Dtest=ApiDumpTest -Dapi.dump=true"
          + " -Dsurefire.failIfNoSpecifiedTests=false -Dtests.required=false";

  @TestFactory
  @DisplayName("the public API is the one that was agreed on")
  Stream<DynamicTest> sameAsAgreed() {
    return ApiDump.ALL.stream()
        .map(module -> DynamicTest.dynamicTest(module.name(), () -> compare(module)));
  }

  private static void compare(ApiDump module) throws IOException {
    String now = module.now();
    Path golden = module.golden();
    if (Boolean.getBoolean("api.dump")) {
      Files.createDirectories(golden.getParent());
      Files.writeString(golden, now);
    }
    assertTrue(Files.exists(golden), golden + " is missing; " + REFRESH + " writes it");
    assertEquals(
        Files.readString(golden),
        now,
        "the API of "
            + module
            + " has changed; if that is meant, commit what this writes: "
            + REFRESH);
  }

  @Test
  @DisplayName("a dump has public types and no internal ones")
  void dumpsWhatIsPublic() {
    String core = ApiDump.CORE.now();
    assertTrue(core.contains("interface class dev/tercet/blocking/Stream "), core);
    assertTrue(core.contains("fun receiveSome (Ljava/nio/ByteBuffer;)I"), core);
    assertFalse(core.contains("class dev/tercet/internal/"), core);
    assertFalse(core.contains("class dev/tercet/proto/"), core);
    assertFalse(core.contains("class dev/tercet/blocking/Listening"), core);
    String coroutines = ApiDump.COROUTINES.now();
    assertTrue(coroutines.contains("interface class dev/tercet/coroutines/Stream "));
    assertFalse(coroutines.contains("lookup"), "an internal function is in the dump");
  }
}
