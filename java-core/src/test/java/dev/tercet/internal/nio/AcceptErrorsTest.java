package dev.tercet.internal.nio;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.SocketException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the texts of the system mean. */
class AcceptErrorsTest {
  @ParameterizedTest
  @DisplayName("IO-SL3 errors of one connection are told from all others")
  @ValueSource(
      strings = {
        "Software caused connection abort",
        "Connection reset by peer",
        "Operation not permitted",
        "Protocol error",
        "Network is down",
        "Network is unreachable",
        "Host is down",
        "No route to host",
        "Connection timed out",
        "Operation not supported"
      })
  void oneConnection(String text) {
    assertTrue(AcceptErrors.isAboutOneConnection(new SocketException(text)));
    assertTrue(AcceptErrors.isAboutOneConnection(new IOException(text)));
    assertFalse(AcceptErrors.isAboutCapacity(new SocketException(text)));
  }

  @ParameterizedTest
  @DisplayName("IO-SL7 IO-SL9 a full table is known by its text, on Windows too")
  @ValueSource(
      strings = {
        "Too many open files",
        "Too many open files in system",
        "Cannot allocate memory",
        "No buffer space available",
        "No buffer space available (maximum connections reached?): accept",
        "Too many open sockets: accept"
      })
  void capacity(String text) {
    assertTrue(AcceptErrors.isAboutCapacity(new IOException(text)));
    assertTrue(AcceptErrors.isAboutCapacity(new SocketException(text)));
    assertFalse(AcceptErrors.isAboutOneConnection(new IOException(text)));
  }

  @ParameterizedTest
  @DisplayName("IO-SL7 a text in another language means nothing while sockets can be opened")
  @ValueSource(strings = {"Zu viele offene Dateien", "Trop de fichiers ouverts", "Bad address"})
  void otherLanguages(String text) {
    assertFalse(AcceptErrors.isAboutCapacity(new IOException(text)));
    assertFalse(AcceptErrors.isAboutOneConnection(new IOException(text)));
  }

  @ParameterizedTest
  @DisplayName("IO-SL3 an error without a text is nobody's")
  @ValueSource(classes = {IOException.class, SocketException.class})
  void noText(Class<? extends IOException> type) throws ReflectiveOperationException {
    IOException error = type.getConstructor().newInstance();
    assertFalse(AcceptErrors.isAboutCapacity(error));
    assertFalse(AcceptErrors.isAboutOneConnection(error));
  }
}
