package dev.tercet.proto.tls;

import dev.tercet.ClientHello;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a ClientHello (RFC 8446, section 4.1.2; RFC 5246, section 7.4.1.2). All lengths are
 * checked, also of what nobody reads here, since an engine will read it; the content of a field is
 * checked only if it is read.
 *
 * <p>Of the name of the server little is allowed: callbacks look it up, log it, and make file names
 * of it. What a DNS name cannot have is refused, and so is an empty label, so that there is no
 * {@code ..} in it, and a final dot, which RFC 6066 forbids.
 */
final class ClientHelloFields {
  private static final int SERVER_NAME = 0;
  private static final int ALPN = 16;
  private static final int SUPPORTED_VERSIONS = 43;
  private static final int HOST_NAME = 0;
  private static final int RANDOM_BYTES = 32;
  private static final int MAX_SESSION_ID_BYTES = 32;

  /** RFC 1035, section 2.3.4, and what RFC 8446 leaves for the other lists. */
  private static final int MAX_NAME_BYTES = 255;

  private static final int MAX_LIST_BYTES = 0xffff;

  private @Nullable String serverName;
  private List<String> alpn = List.of();
  private List<String> versions = List.of();

  private ClientHelloFields() {}

  /**
   * Reads a whole message.
   *
   * @param start where its fields begin, behind the header that says what it is
   */
  static ClientHello parseUntrusted(byte[] message, int start) throws MalformedHelloException {
    return new ClientHelloFields()
        .readUntrusted(new HelloField(message, start, message.length, "the message"));
  }

  private ClientHello readUntrusted(HelloField hello) throws MalformedHelloException {
    int highest = hello.numberUntrusted(2, "the version");
    if (highest >> 8 != 3) {
      throw hello.refused(
          TlsAlert.PROTOCOL_VERSION, "the version is " + String.format("0x%04x", highest));
    }
    versions = name(highest);
    hello.skipUntrusted(RANDOM_BYTES, "the random");
    HelloField unusedSession =
        hello.partUntrusted(1, 0, MAX_SESSION_ID_BYTES, "the id of the session");
    HelloField suites = hello.partUntrusted(2, 2, MAX_LIST_BYTES - 1, "the list of cipher suites");
    if (suites.remaining() % 2 != 0) {
      throw suites.malformed("half a cipher suite");
    }
    HelloField unusedCompression =
        hello.partUntrusted(1, 1, 255, "the list of compression methods");
    if (!hello.isEmpty()) {
      extensionsUntrusted(hello.partUntrusted(2, 0, MAX_LIST_BYTES, "the list of extensions"));
    }
    hello.requireEndUntrusted();
    return new ClientHello(serverName, alpn, versions);
  }

  private void extensionsUntrusted(HelloField extensions) throws MalformedHelloException {
    Set<Integer> seen = new HashSet<>();
    while (!extensions.isEmpty()) {
      int type = extensions.numberUntrusted(2, "the type of an extension");
      if (!seen.add(type)) {
        throw extensions.refused(
            TlsAlert.ILLEGAL_PARAMETER, "the extension " + type + " is there twice");
      }
      HelloField extension =
          extensions.partUntrusted(2, 0, MAX_LIST_BYTES, "the extension " + type);
      switch (type) {
        case SERVER_NAME -> serverNamesUntrusted(extension);
        case ALPN -> alpnUntrusted(extension);
        case SUPPORTED_VERSIONS -> versionsUntrusted(extension);
        default -> {}
      }
    }
  }

  private void serverNamesUntrusted(HelloField extension) throws MalformedHelloException {
    HelloField list = extension.partUntrusted(2, 1, MAX_LIST_BYTES, "the list of server names");
    extension.requireEndUntrusted();
    Set<Integer> seen = new HashSet<>();
    while (!list.isEmpty()) {
      int type = list.numberUntrusted(1, "the type of a server name");
      if (!seen.add(type)) {
        throw list.refused(
            TlsAlert.ILLEGAL_PARAMETER, "there are two server names of type " + type);
      }
      HelloField name = list.partUntrusted(2, 1, MAX_LIST_BYTES, "the server name");
      if (type == HOST_NAME) {
        serverName = hostNameUntrusted(name);
      }
    }
  }

  private static String hostNameUntrusted(HelloField field) throws MalformedHelloException {
    if (field.remaining() > MAX_NAME_BYTES) {
      throw field.refused(
          TlsAlert.ILLEGAL_PARAMETER,
          "the server name has " + field.remaining() + " bytes, more than " + MAX_NAME_BYTES);
    }
    byte[] name = field.rest();
    byte before = '.';
    for (byte b : name) {
      if (b == '.' && before == '.') {
        throw field.refused(
            TlsAlert.ILLEGAL_PARAMETER, "the server name " + visible(name) + " has an empty label");
      }
      if (!isOfNames(b)) {
        throw field.refused(
            TlsAlert.ILLEGAL_PARAMETER,
            "the server name "
                + visible(name)
                + " has the byte "
                + String.format("0x%02x", b & 0xff));
      }
      before = b;
    }
    if (before == '.') {
      throw field.refused(
          TlsAlert.ILLEGAL_PARAMETER, "the server name " + visible(name) + " ends with a dot");
    }
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

  private void alpnUntrusted(HelloField extension) throws MalformedHelloException {
    HelloField list =
        extension.partUntrusted(2, 2, MAX_LIST_BYTES, "the list of application protocols");
    extension.requireEndUntrusted();
    List<String> names = new ArrayList<>();
    while (!list.isEmpty()) {
      HelloField name = list.partUntrusted(1, 1, 255, "the name of an application protocol");
      names.add(new String(name.rest(), StandardCharsets.ISO_8859_1));
    }
    alpn = names;
  }

  private void versionsUntrusted(HelloField extension) throws MalformedHelloException {
    HelloField list = extension.partUntrusted(1, 2, 254, "the list of versions");
    extension.requireEndUntrusted();
    List<String> names = new ArrayList<>();
    while (!list.isEmpty()) {
      names.addAll(name(list.numberUntrusted(2, "a version")));
    }
    versions = names;
  }

  /** The name of a version, if it has one. */
  private static List<String> name(int version) {
    return switch (version) {
      case 0x0300 -> List.of("SSLv3");
      case 0x0301 -> List.of("TLSv1");
      case 0x0302 -> List.of("TLSv1.1");
      case 0x0303 -> List.of("TLSv1.2");
      case 0x0304 -> List.of("TLSv1.3");
      default -> List.of();
    };
  }
}
