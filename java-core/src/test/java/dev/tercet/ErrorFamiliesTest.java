package dev.tercet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.blocking.CancelledException;
import dev.tercet.tls.NeedHandshakeException;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.ConnectException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Which error is of which family. */
class ErrorFamiliesTest {
  private static final List<Class<? extends Throwable>> RESOURCE =
      List.of(
          BrokenResourceException.class,
          ClosedResourceException.class,
          EndOfChannelException.class);
  private static final List<Class<? extends Throwable>> CALLERS_BUG =
      List.of(BusyResourceException.class, NeedHandshakeException.class, WouldBlockException.class);
  private static final List<Class<? extends Throwable>> OTHER =
      List.of(
          TooSlowException.class,
          TooLongException.class,
          ConnectFailedException.class,
          CancelledException.class);

  @Test
  @DisplayName("IO-E5 Broken, Closed, EndOfChannel are all the ResourceExceptions, checked ones")
  void resourceErrors() {
    assertTrue(IOException.class.isAssignableFrom(ResourceException.class));
    assertTrue(ResourceException.class.isSealed());
    assertEquals(Set.copyOf(RESOURCE), Set.of(ResourceException.class.getPermittedSubclasses()));
  }

  @Test
  @DisplayName("IO-E4 IO-E5 Busy, NeedHandshake and WouldBlock are bugs of the caller")
  void callersBugs() {
    for (Class<? extends Throwable> error : CALLERS_BUG) {
      assertTrue(IllegalStateException.class.isAssignableFrom(error), error.getName());
    }
  }

  @Test
  @DisplayName("IO-E5 IO-E6 limits and failed connects are IOExceptions and no ResourceExceptions")
  void otherErrors() {
    assertEquals(IOException.class, TooSlowException.class.getSuperclass());
    assertEquals(IOException.class, TooLongException.class.getSuperclass());
    assertEquals(ConnectException.class, ConnectFailedException.class.getSuperclass());
  }

  @Test
  @DisplayName("IO-E5 no error is a CancellationException, and each has a field of its own")
  void noneIsSwallowedOrCopied() {
    for (Class<? extends Throwable> error :
        Stream.of(RESOURCE, CALLERS_BUG, OTHER).flatMap(List::stream).toList()) {
      assertFalse(CancellationException.class.isAssignableFrom(error), error.getName());
      assertTrue(hasFieldOfItsOwn(error), error.getName());
    }
  }

  @Test
  @DisplayName("IO-E5 a plain exception of the JDK has no field of its own")
  void theCheckCanFail() {
    assertFalse(hasFieldOfItsOwn(IllegalStateException.class));
  }

  /** What kotlinx looks at before it copies one. */
  private static boolean hasFieldOfItsOwn(Class<?> error) {
    for (Class<?> type = error;
        type != null && type.getName().startsWith("dev.tercet.");
        type = type.getSuperclass()) {
      if (Arrays.stream(type.getDeclaredFields())
          .anyMatch(field -> !Modifier.isStatic(field.getModifiers()))) {
        return true;
      }
    }
    return false;
  }
}
