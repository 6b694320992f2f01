package dev.tercet.gates;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;

/**
 * What the doc comments of public Java code must have.
 *
 * <ul>
 *   <li>Every public or protected type and member has one. Overrides inherit theirs; a record's
 *       components are in the comment of the record.
 *   <li>A method that throws a checked exception has the label <i>Thread-safety:</i>; one that
 *       waits, which is to say that it throws InterruptedException, has <i>Errors:</i> and
 *       <i>Interruption:</i> too; one that does not wait has <i>Errors:</i> or a throws tag. A
 *       label on the type holds for its members.
 *   <li>A form that only rearranges arguments may refer to the other form instead: by a link to a
 *       method of its own name, or by the word "as" and a link.
 *   <li>The method of a functional interface is somebody else's to implement and has no labels.
 * </ul>
 *
 * <p>The sources are parsed and not compiled: names are looked at as they are written.
 */
final class JavaDocRules extends TreePathScanner<Void, Void> {
  private static final Pattern AS_ANOTHER = Pattern.compile("\\b[Aa]s\\s+\\{@link");

  /** What a throws clause may name without being checked. */
  private static final Set<String> UNCHECKED =
      Set.of(
          "IllegalArgumentException",
          "IllegalStateException",
          "IndexOutOfBoundsException",
          "NullPointerException",
          "UnsupportedOperationException",
          "BusyResourceException",
          "CancelledException",
          "NeedHandshakeException",
          "WouldBlockException");

  private final DocTrees trees;
  private final CompilationUnitTree unit;
  private final String file;
  private final List<Finding> findings;
  private final Deque<String> typeComments = new ArrayDeque<>();
  private final Deque<ClassTree> types = new ArrayDeque<>();

  private JavaDocRules(
      DocTrees trees, CompilationUnitTree unit, String file, List<Finding> findings) {
    this.trees = trees;
    this.unit = unit;
    this.file = file;
    this.findings = findings;
  }

  /**
   * Looks at sources.
   *
   * @param sources what to parse
   * @return what is missing
   * @throws IOException when a source cannot be read
   */
  static List<Finding> check(Iterable<? extends JavaFileObject> sources) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    JavacTask task =
        (JavacTask) compiler.getTask(null, null, null, List.of("-proc:none"), null, sources);
    DocTrees trees = DocTrees.instance(task);
    List<Finding> findings = new ArrayList<>();
    for (CompilationUnitTree unit : task.parse()) {
      new JavaDocRules(trees, unit, unit.getSourceFile().getName(), findings)
          .scan(new TreePath(unit), null);
    }
    return findings;
  }

  @Override
  public Void visitClass(ClassTree type, Void nothing) {
    boolean insideInterface = !types.isEmpty() && types.peek().getKind() == Tree.Kind.INTERFACE;
    if (!isPublic(type.getModifiers(), insideInterface)) {
      return null;
    }
    String comment = comment();
    if (comment.isEmpty()) {
      report(type, "type " + type.getSimpleName() + " has no doc comment");
    }
    types.push(type);
    typeComments.push(comment);
    try {
      for (Tree member : type.getMembers()) {
        scan(member, null);
      }
    } finally {
      types.pop();
      typeComments.pop();
    }
    return null;
  }

  @Override
  public Void visitMethod(MethodTree method, Void nothing) {
    ClassTree type = types.element();
    if (!isPublic(method.getModifiers(), type.getKind() == Tree.Kind.INTERFACE)
        || hasAnnotation(method.getModifiers(), "Override")
        || trees.getSourcePositions().getEndPosition(unit, method) < 0) {
      return null;
    }
    String comment = comment();
    if (comment.isEmpty()) {
      if (!isImplicit(method, type)) {
        report(method, name(method, type) + " has no doc comment");
      }
      return null;
    }
    if (method.getThrows().stream().allMatch(e -> UNCHECKED.contains(simpleName(e)))
        || hasAnnotation(type.getModifiers(), "FunctionalInterface")
        || refersToAnother(comment, method)) {
      return null;
    }
    boolean waits =
        method.getThrows().stream().anyMatch(e -> simpleName(e).equals("InterruptedException"));
    if (waits || !comment.contains("@throws")) {
      require(method, comment, "Errors");
    }
    if (waits) {
      require(method, comment, "Interruption");
    }
    require(method, comment, "Thread-safety");
    return null;
  }

  @Override
  public Void visitVariable(VariableTree field, Void nothing) {
    ClassTree type = types.element();
    boolean component =
        type.getKind() == Tree.Kind.RECORD
            && !field.getModifiers().getFlags().contains(Modifier.STATIC);
    boolean constant = type.getKind() == Tree.Kind.INTERFACE;
    if (!component && isPublic(field.getModifiers(), constant) && comment().isEmpty()) {
      report(field, field.getName() + " has no doc comment");
    }
    return null;
  }

  private void require(MethodTree method, String comment, String label) {
    Pattern pattern = Pattern.compile("<i>[^<]*\\b" + label + "\\b[^<]*:</i>");
    if (!pattern.matcher(comment).find()
        && typeComments.stream().noneMatch(of -> pattern.matcher(of).find())) {
      report(method, name(method, types.element()) + " does not say \"" + label + ":\"");
    }
  }

  private static boolean refersToAnother(String comment, MethodTree method) {
    return AS_ANOTHER.matcher(comment).find()
        || Pattern.compile("\\{@link(plain)?\\s+(\\w+)?#" + method.getName() + "\\b")
            .matcher(comment)
            .find();
  }

  /** A compact constructor of a record without a body, an enum's values: nobody wrote them. */
  private boolean isImplicit(MethodTree method, ClassTree type) {
    long start = trees.getSourcePositions().getStartPosition(unit, method);
    return start < 0 || start == trees.getSourcePositions().getStartPosition(unit, type);
  }

  private static boolean isPublic(ModifiersTree modifiers, boolean byDefault) {
    Set<Modifier> flags = modifiers.getFlags();
    return flags.contains(Modifier.PUBLIC)
        || flags.contains(Modifier.PROTECTED)
        || (byDefault && !flags.contains(Modifier.PRIVATE));
  }

  private static boolean hasAnnotation(ModifiersTree modifiers, String name) {
    return modifiers.getAnnotations().stream()
        .map(AnnotationTree::getAnnotationType)
        .anyMatch(type -> type.toString().equals(name));
  }

  private static String simpleName(ExpressionTree type) {
    String name = type.toString();
    return name.substring(name.lastIndexOf('.') + 1);
  }

  private static String name(MethodTree method, ClassTree type) {
    String name =
        method.getName().contentEquals("<init>") ? "constructor" : method.getName() + "()";
    return type.getSimpleName() + ": " + name;
  }

  private String comment() {
    String comment = trees.getDocComment(getCurrentPath());
    return comment == null ? "" : comment;
  }

  private void report(Tree tree, String what) {
    long start = trees.getSourcePositions().getStartPosition(unit, tree);
    findings.add(new Finding(file, unit.getLineMap().getLineNumber(Math.max(start, 0)), what));
  }
}
