package dev.tercet.proto.dtls;

/**
 * Bytes from the network that are not what they claim to be. It never leaves the packages of DTLS:
 * the packet is dropped and counted. Without a stack trace, because an attacker decides how many
 * there are.
 */
public final class BadPacketException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * Says what is wrong.
   *
   * @param message which field, and which value
   */
  public BadPacketException(String message) {
    super(message, null, false, false);
  }
}
