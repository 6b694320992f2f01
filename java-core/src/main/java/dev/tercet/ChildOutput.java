package dev.tercet;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Where an output of a child process goes. Immutable (spec PROC-P7). */
public final class ChildOutput {
  /** The same output of this program. The default. */
  public static final ChildOutput INHERIT = new ChildOutput(Kind.INHERIT, null);

  /** Nowhere. */
  public static final ChildOutput DISCARD = new ChildOutput(Kind.DISCARD, null);

  /** A stream of the child object, for the caller to receive from. */
  public static final ChildOutput PIPE = new ChildOutput(Kind.PIPE, null);

  /** Memory: {@link CompletedProcess} has it when the child has ended. */
  public static final ChildOutput CAPTURE = new ChildOutput(Kind.CAPTURE, null);

  /** For standard error only: where standard output goes, in the order of the writes. */
  public static final ChildOutput MERGE_INTO_STDOUT = new ChildOutput(Kind.MERGE_INTO_STDOUT, null);

  /** The ways there are. */
  public enum Kind {
    /** {@link ChildOutput#INHERIT}. */
    INHERIT,
    /** {@link ChildOutput#DISCARD}. */
    DISCARD,
    /** {@link ChildOutput#PIPE}. */
    PIPE,
    /** {@link ChildOutput#CAPTURE}. */
    CAPTURE,
    /** {@link ChildOutput#MERGE_INTO_STDOUT}. */
    MERGE_INTO_STDOUT,
    /** {@link ChildOutput#file}. */
    FILE,
    /** {@link ChildOutput#appendTo}. */
    APPEND
  }

  private final Kind kind;
  private final @Nullable Path path;

  private ChildOutput(Kind kind, @Nullable Path path) {
    this.kind = kind;
    this.path = path;
  }

  /**
   * A file, which is made or made empty first.
   *
   * @param path a file of the default file system, opened when the child is started
   * @return the output
   */
  public static ChildOutput file(Path path) {
    return new ChildOutput(Kind.FILE, Objects.requireNonNull(path, "path"));
  }

  /**
   * The end of a file, which is made if there is none.
   *
   * @param path a file of the default file system, opened when the child is started
   * @return the output
   */
  public static ChildOutput appendTo(Path path) {
    return new ChildOutput(Kind.APPEND, Objects.requireNonNull(path, "path"));
  }

  /**
   * Which way it is.
   *
   * @return the kind
   */
  public Kind kind() {
    return kind;
  }

  /**
   * The file to be written.
   *
   * @return null when the output is no file
   */
  public @Nullable Path path() {
    return path;
  }

  @Override
  public String toString() {
    return switch (kind) {
      case FILE -> "file(" + path + ")";
      case APPEND -> "appendTo(" + path + ")";
      default -> kind.name();
    };
  }
}
