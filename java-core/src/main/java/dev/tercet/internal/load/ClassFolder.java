package dev.tercet.internal.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;
import java.util.stream.Stream;

/**
 * Classes that lie in a folder, as during development.
 *
 * <p><b>The problem.</b> To load a class from a folder takes a file descriptor. When a process has
 * none left, the classes that handle this cannot be loaded; and a reference to a class that could
 * not be loaded once fails for ever, with {@code NoClassDefFoundError}. A jar is open already, and
 * does not have this problem.
 *
 * <p><b>The strategy.</b> The classes of whole packages are loaded before they are needed, if they
 * lie in a folder. From a jar nothing is loaded early.
 */
public final class ClassFolder {
  private static final String SUFFIX = ".class";

  private ClassFolder() {}

  /**
   * Loads the classes of some packages, if they lie in a folder. Initializes none. A class that
   * cannot be loaded, because what it extends is not there, is left out.
   *
   * @param anchor a class of the same folder
   * @param packages full names
   */
  public static void load(Class<?> anchor, List<String> packages) {
    try {
      CodeSource source = anchor.getProtectionDomain().getCodeSource();
      if (source == null || !"file".equals(source.getLocation().getProtocol())) {
        return;
      }
      Path root = Path.of(source.getLocation().toURI());
      if (Files.isDirectory(root)) {
        for (String name : packages) {
          loadPackage(root, name, anchor.getClassLoader());
        }
      }
    } catch (Exception | LinkageError e) {
      // It was to be on the safe side: the classes are loaded when they are used.
    }
  }

  private static void loadPackage(Path root, String packageName, ClassLoader loader)
      throws IOException {
    try (Stream<Path> files = Files.list(root.resolve(packageName.replace('.', '/')))) {
      files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(SUFFIX))
          .map(file -> packageName + "." + file.substring(0, file.length() - SUFFIX.length()))
          .forEach(name -> load(name, loader));
    }
  }

  private static void load(String name, ClassLoader loader) {
    try {
      Class.forName(name, false, loader);
    } catch (ClassNotFoundException | LinkageError e) {
      // An optional dependency of it is not there.
    }
  }
}
