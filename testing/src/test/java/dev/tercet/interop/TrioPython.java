package dev.tercet.interop;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A Python that has Trio, and the programs for it. */
final class TrioPython {
  private TrioPython() {}

  /** The distribution's first, since a Python from elsewhere does not see its packages. */
  static @Nullable String find() {
    for (String python : List.of("/usr/bin/python3", "python3")) {
      try (PeerProgram probe = PeerProgram.start(List.of(python, "-c", "import trio, OpenSSL"))) {
        if (probe.exitCode() == 0) {
          return python;
        }
      } catch (IOException e) {
        // There is none of that name.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      }
    }
    return null;
  }

  /** The text of a program. */
  static String script(String name) {
    try (InputStream resource =
        Objects.requireNonNull(TrioPython.class.getResourceAsStream(name))) {
      return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
