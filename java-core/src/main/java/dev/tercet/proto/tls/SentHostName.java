package dev.tercet.proto.tls;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The name of a server as a client sends it (RFC 6066, section 3). Little is allowed: callbacks
 * look it up, log it, and make file names of it. What a DNS name cannot have is refused, and so is
 * an empty label, so that there is no {@code ..} in it, and a final dot, which RFC 6066 forbids.
 */
public final class SentHostName {
  /** RFC 1035, section 2.3.4. */
  private static final int MAX_BYTES = 255;

  private SentHostName() {}

  /**
   * Says what is wrong with a name.
   *
   * @return null when it is one
   */
  public static @Nullable String complaintUntrusted(byte[] name) {
    if (name.length > MAX_BYTES) {
      return "the server name has " + name.length + " bytes, more than " + MAX_BYTES;
    }
    byte before = '.';
    for (byte b : name) {
      if (b == '.' && before == '.') {
        return "the server name " + visible(name) + " has an empty label";
      }
      if (!isOfNames(b)) {
        return "the server name "
            + visible(name)
            + " has the byte "
            + String.format("0x%02x", b & 0xff);
      }
      before = b;
    }
    return before == '.' ? "the server name " + visible(name) + " ends with a dot" : null;
  }

  /**
   * The name as a text.
   *
   * @param name about which there is no complaint
   * @return in lower case
   */
  public static String of(byte[] name) {
    return new String(name, StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT);
  }

  private static boolean isOfNames(byte b) {
    return (b >= 'a' && b <= 'z')
        || (b >= 'A' && b <= 'Z')
        || (b >= '0' && b <= '9')
        || b == '-'
        || b == '_'
        || b == '.';
  }

  /** For a message, which may end in a log: what is not plain ASCII is a dot. */
  private static String visible(byte[] name) {
    StringBuilder text = new StringBuilder("\"");
    for (byte b : name) {
      text.append(b >= ' ' && b <= '~' ? (char) b : '.');
    }
    return text.append('"').toString();
  }
}
