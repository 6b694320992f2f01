package dev.tercet.proto.tls;

import dev.tercet.tls.ClientHello;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a ClientHello (RFC 8446, section 4.1.2; RFC 5246, section 7.4.1.2). All lengths are
 * checked, also of what nobody reads here, since an engine will read it; the content of a field is
 * checked only if it is read.
 */
final class ClientHelloFields {
  private static final int SERVER_NAME = 0;
  private static final int ALPN = 16;
  private static final int SUPPORTED_VERSIONS = 43;
  private static final int HOST_NAME = 0;
  private static final int RANDOM_BYTES = 32;
  private static final int MAX_SESSION_ID_BYTES = 32;

  /** What RFC 8446 leaves. */
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
    byte[] name = field.rest();
    String complaint = SentHostName.complaintUntrusted(name);
    if (complaint != null) {
      throw field.refused(TlsAlert.ILLEGAL_PARAMETER, complaint);
    }
    return SentHostName.of(name);
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
