package dev.tercet;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file of blocks in PEM (RFC 7468): what certificates and keys come in. Text outside of the
 * blocks is a comment. Headers inside a block, which only OpenSSL's old encryption of keys has, are
 * kept.
 */
final class PemFile {
  private static final String BEGIN = "-----BEGIN ";
  private static final String END = "-----END ";
  private static final String DASHES = "-----";

  /** Larger is no certificate and no key: a bundle of all public authorities has 300 KB. */
  private static final int MAX_BYTES = 16 * 1024 * 1024;

  private final Path path;
  private final List<Block> blocks;

  private PemFile(Path path, List<Block> blocks) {
    this.path = path;
    this.blocks = blocks;
  }

  /**
   * One block.
   *
   * @param type the words after BEGIN
   * @param line in which it begins, counted from 1
   * @param headers the lines with a colon
   * @param base64 the other lines, which are valid
   */
  record Block(String type, int line, List<String> headers, String base64) {
    byte[] content() {
      return Base64.getDecoder().decode(base64);
    }
  }

  static PemFile read(Path path) throws IOException {
    long size = Files.size(path);
    if (size > MAX_BYTES) {
      throw new IOException(path + ": " + size + " bytes are too many for a PEM file");
    }
    // Comments may be in any encoding; the blocks are ASCII.
    String text = new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1);
    PemFile file = new PemFile(path, new ArrayList<>());
    file.parse(text.lines().toList());
    if (file.blocks.isEmpty()) {
      throw new IOException(
          path + ": there is no PEM block in it; one begins with a line -----BEGIN ...-----");
    }
    return file;
  }

  List<Block> blocks() {
    return blocks;
  }

  /** An error that says where it is. */
  IOException error(Block block, String what, @Nullable Throwable cause) {
    return error(block.line(), what, cause);
  }

  private IOException error(int line, String what, @Nullable Throwable cause) {
    return new IOException(path + ", line " + line + ": " + what, cause);
  }

  private void parse(List<String> lines) throws IOException {
    int i = 0;
    while (i < lines.size()) {
      String line = lines.get(i).strip();
      i++;
      if (line.startsWith(BEGIN) && line.endsWith(DASHES)) {
        i = parseBlock(lines, i, line.substring(BEGIN.length(), line.length() - DASHES.length()));
      }
    }
  }

  /** Returns the index behind the block whose first line is just before {@code start}. */
  private int parseBlock(List<String> lines, int start, String type) throws IOException {
    StringBuilder base64 = new StringBuilder();
    List<String> headers = new ArrayList<>();
    for (int i = start; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.startsWith(END)) {
        if (!line.equals(END + type + DASHES)) {
          throw error(i + 1, "\"" + line + "\" ends what began as " + type, null);
        }
        Block block = new Block(type, start, headers, base64.toString());
        try {
          byte[] unused = block.content();
        } catch (IllegalArgumentException e) {
          throw error(block, "the block " + type + " is not valid base64", e);
        }
        blocks.add(block);
        return i + 1;
      }
      if (line.startsWith(BEGIN)) {
        break;
      }
      if (line.indexOf(':') >= 0) {
        headers.add(line);
      } else {
        base64.append(line);
      }
    }
    throw error(start, "the block " + type + " has no end", null);
  }
}
