package dev.tercet;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Where the standard input of a child process comes from. Immutable (spec PROC-P4). */
public final class ChildInput {
  /** Nothing: the child finds the end at once. The default. */
  public static final ChildInput EMPTY = new ChildInput(Kind.EMPTY, null, null);

  /** The standard input of this program. */
  public static final ChildInput INHERIT = new ChildInput(Kind.INHERIT, null, null);

  /** A stream of the child object, for the caller to send to. */
  public static final ChildInput PIPE = new ChildInput(Kind.PIPE, null, null);

  /** The ways there are. */
  public enum Kind {
    /** {@link ChildInput#EMPTY}. */
    EMPTY,
    /** {@link ChildInput#INHERIT}. */
    INHERIT,
    /** {@link ChildInput#PIPE}. */
    PIPE,
    /** {@link ChildInput#bytes(byte[])}. */
    BYTES,
    /** {@link ChildInput#file}. */
    FILE
  }

  private final Kind kind;
  private final byte @Nullable [] bytes;
  private final @Nullable Path path;

  private ChildInput(Kind kind, byte @Nullable [] bytes, @Nullable Path path) {
    this.kind = kind;
    this.bytes = bytes;
    this.path = path;
  }

  /**
   * Bytes, and then the end. A child that stops reading before the end is in its right (spec
   * PROC-P6).
   *
   * @param bytes what the child reads; copied
   * @return the input
   */
  public static ChildInput bytes(byte[] bytes) {
    return new ChildInput(Kind.BYTES, bytes.clone(), null);
  }

  /**
   * A file, from its beginning.
   *
   * @param path a file of the default file system, opened when the child is started
   * @return the input
   */
  public static ChildInput file(Path path) {
    return new ChildInput(Kind.FILE, null, Objects.requireNonNull(path, "path"));
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
   * The bytes to be sent.
   *
   * @return a copy; null when the input is none of {@link #bytes(byte[])}
   */
  public byte @Nullable [] bytes() {
    return bytes == null ? null : bytes.clone();
  }

  /**
   * The file to be read.
   *
   * @return null when the input is none of {@link #file(Path)}
   */
  public @Nullable Path path() {
    return path;
  }

  @Override
  public String toString() {
    return switch (kind) {
      case BYTES -> "bytes(" + (bytes == null ? 0 : bytes.length) + ")";
      case FILE -> "file(" + path + ")";
      default -> kind.name();
    };
  }
}
