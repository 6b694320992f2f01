package dev.tercet.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tercet.testing.certificates.TestCa;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What who forgot the dependency is told. */
class TestCaWithoutBouncyCastleTest {
  @Test
  @DisplayName("TestCa without Bouncy Castle says what to add")
  void saysWhatToAdd() throws Exception {
    List<URL> path = new ArrayList<>();
    for (String property : List.of("java.class.path", "jdk.module.path")) {
      for (String entry : System.getProperty(property, "").split(File.pathSeparator, -1)) {
        if (!entry.isEmpty() && !entry.contains("bouncycastle")) {
          path.add(Path.of(entry).toUri().toURL());
        }
      }
    }
    try (URLClassLoader without =
        new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      var create = without.loadClass(TestCa.class.getName()).getMethod("create");
      Throwable missing =
          assertThrows(InvocationTargetException.class, () -> create.invoke(null)).getCause();
      assertEquals(
          "TestCa needs Bouncy Castle: add org.bouncycastle:bcpkix-jdk18on (1.84 or later) to the"
              + " dependencies of the tests",
          assertInstanceOf(IllegalStateException.class, missing).getMessage());
    }
  }
}
