package dev.tercet.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file of blocks in PEM (RFC 7468): what certificates and keys come in. Text outside of the
 * blocks is a comment. Headers inside a block, which only OpenSSL's old encryption of keys has, are
 * kept.
 *
 * <p><b>Nothing is skipped in silence.</b> A line that was meant to begin a block and does not is
 * an error: a certificate that is left out is one that is not trusted, or a chain that nobody can
 * check. So no comment may contain the word BEGIN.
 *
 * <p><b>No message quotes the file</b>, whose lines may be a key: file, line and reason, and no
 * cause whose text could quote it.
 */
final class PemFile {
  /** What RFC 7468 calls a label; in the files of this trade, capitals and digits. */
  private static final Pattern BEGIN =
      Pattern.compile("-----BEGIN ([A-Z0-9]+(?: [A-Z0-9]+)*)-----");

  private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/]*=*");

  private static final String END = "-----END";
  private static final String DASHES = "-----";

  /** As UTF-8 has it, read as ISO 8859-1. Editors of Windows write it, and joined files keep it. */
  private static final String BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";

  /** As UTF-16 has it, in both orders. */
  private static final Set<String> BYTE_ORDER_MARKS_OF_UTF16 =
      Set.of("\u00ff\u00fe", "\u00fe\u00ff");

  /** Types that messages name. Any other may be a piece of a key. */
  private static final Set<String> NAMED =
      Set.of(
          "CERTIFICATE",
          "X509 CERTIFICATE",
          "TRUSTED CERTIFICATE",
          "CERTIFICATE REQUEST",
          "X509 CRL",
          "PKCS7",
          "PRIVATE KEY",
          "ENCRYPTED PRIVATE KEY",
          "RSA PRIVATE KEY",
          "EC PRIVATE KEY",
          "DSA PRIVATE KEY",
          "OPENSSH PRIVATE KEY",
          "PUBLIC KEY",
          "RSA PUBLIC KEY",
          "EC PARAMETERS",
          "DH PARAMETERS");

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

    /** The type, for a message. */
    String shownType() {
      return shown(type);
    }

    /** Never its content, which may be a key. */
    @Override
    public String toString() {
      return shownType() + " in line " + line;
    }
  }

  static PemFile read(Path path) throws IOException {
    long size = Files.size(path);
    if (size > MAX_BYTES) {
      throw new IOException(path + ": " + size + " bytes are too many for a PEM file");
    }
    // Comments may be in any encoding; the blocks are ASCII.
    String text = new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1);
    if (text.length() >= 2 && BYTE_ORDER_MARKS_OF_UTF16.contains(text.substring(0, 2))) {
      throw new IOException(path + ", line 1: the file is in UTF-16; save it in ASCII or UTF-8");
    }
    PemFile file = new PemFile(path, new ArrayList<>());
    file.parse(text.lines().map(PemFile::content).toList());
    if (file.blocks.isEmpty()) {
      throw new IOException(
          path + ": there is no PEM block in it; one begins with a line -----BEGIN ...-----");
    }
    return file;
  }

  private static String content(String line) {
    String content = line.strip();
    while (content.startsWith(BYTE_ORDER_MARK)) {
      content = content.substring(BYTE_ORDER_MARK.length()).strip();
    }
    return content;
  }

  private static String shown(String type) {
    return NAMED.contains(type) ? type : "block of an unknown type";
  }

  List<Block> blocks() {
    return blocks;
  }

  /** An error that says where it is. */
  IOException error(Block block, String what) {
    return error(block.line(), what);
  }

  /** An error that says where it is. */
  IOException error(int line, String what) {
    return new IOException(path + ", line " + line + ": " + what);
  }

  @Override
  public String toString() {
    return path.toString();
  }

  private void parse(List<String> lines) throws IOException {
    int i = 0;
    while (i < lines.size()) {
      String line = lines.get(i);
      i++;
      Matcher begin = BEGIN.matcher(line);
      if (begin.matches()) {
        i = parseBlock(lines, i, begin.group(1));
      } else {
        requireComment(line, i);
      }
    }
  }

  private void requireComment(String line, int number) throws IOException {
    if (line.contains("BEGIN")) {
      throw error(
          number,
          "it contains BEGIN, and is not a line -----BEGIN ...----- and nothing else;"
              + " line ends may have been lost");
    }
    if (line.contains(END)) {
      throw error(number, "it ends a block that no line above begins");
    }
  }

  /** Returns the index behind the block whose first line is just before {@code start}. */
  private int parseBlock(List<String> lines, int start, String type) throws IOException {
    StringBuilder base64 = new StringBuilder();
    List<String> headers = new ArrayList<>();
    for (int i = start; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.contains(END)) {
        if (!line.equals(END + " " + type + DASHES)) {
          throw error(
              i + 1,
              "this is not the line that ends what began as " + shown(type) + " in line " + start);
        }
        Block block = new Block(type, start, headers, base64.toString());
        requireBase64(block);
        blocks.add(block);
        return i + 1;
      }
      if (BEGIN.matcher(line).matches()) {
        break;
      }
      if (BASE64.matcher(line).matches()) {
        base64.append(line);
        continue;
      }
      requireComment(line, i + 1);
      if (line.indexOf(':') >= 0) {
        headers.add(line);
      } else {
        throw error(
            i + 1,
            "the " + shown(type) + " of line " + start + " is empty, or is not valid base64");
      }
    }
    throw error(start, "the " + shown(type) + " has no end");
  }

  private void requireBase64(Block block) throws IOException {
    if (!isBase64(block)) {
      throw error(block, "the " + block.shownType() + " is empty, or is not valid base64");
    }
  }

  private static boolean isBase64(Block block) {
    try {
      return block.content().length > 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
