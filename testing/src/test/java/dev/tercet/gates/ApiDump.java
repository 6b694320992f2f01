package dev.tercet.gates;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jetbrains.kotlin.abi.tools.AbiFilters;
import org.jetbrains.kotlin.abi.tools.AbiTools;

/**
 * The public API of a published module as text, by Kotlin's own tool, which reads any class files
 * and knows what is internal in Kotlin. Packages that are exported to our own modules only are left
 * out.
 *
 * @param name of the artifact
 * @param folder of the module, seen from this one
 */
record ApiDump(String name, Path folder) {
  static final ApiDump CORE = new ApiDump("tercet-core", Path.of("../java-core"));
  static final ApiDump COROUTINES = new ApiDump("tercet-coroutines", Path.of("../kotlin-api"));
  static final ApiDump TESTING = new ApiDump("tercet-testing", Path.of("."));
  static final List<ApiDump> ALL = List.of(CORE, COROUTINES, TESTING);

  /** What was agreed on. */
  Path golden() {
    return folder.resolve("api").resolve(name + ".api");
  }

  /** What the class files say. */
  String now() {
    StringBuilder dump = new StringBuilder();
    ClassLoader loader = ApiDump.class.getClassLoader();
    AbiTools.Companion.getInstance(loader)
        .printJvmDump(
            dump, classFiles(folder.resolve("target/classes")), AbiFilters.Companion.getEMPTY());
    return dump.toString();
  }

  private static List<File> classFiles(Path root) {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(file -> file.toString().endsWith(".class"))
          .filter(file -> !file.endsWith("module-info.class"))
          .filter(file -> !file.endsWith("package-info.class"))
          .filter(file -> !isInside(root.relativize(file), "internal"))
          .filter(file -> !isInside(root.relativize(file), "proto"))
          .sorted()
          .map(Path::toFile)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isInside(Path file, String part) {
    for (Path name : file) {
      if (name.toString().equals(part)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String toString() {
    return name;
  }
}
