package dev.tercet.benchmarks.micro;

import dev.tercet.benchmarks.KeyStoreFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A key store for a process that nobody has given one. */
final class ThrowAwayKey {
  private ThrowAwayKey() {}

  /** Makes it, and names it where all look for it. */
  static void make() {
    try {
      Path folder = Files.createTempDirectory("bench");
      KeyStoreFile made = KeyStoreFile.Companion.create(folder);
      System.setProperty("bench.keystore", made.getFile().toString());
      System.setProperty("bench.keystore.password", made.getPassword());
      folder.toFile().deleteOnExit();
      made.getFile().toFile().deleteOnExit();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
