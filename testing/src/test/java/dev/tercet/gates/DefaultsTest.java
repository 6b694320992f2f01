package dev.tercet.gates;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.tercet.OnHandlerError;
import dev.tercet.blocking.ConnectOptions;
import dev.tercet.blocking.ListenOptions;
import dev.tercet.blocking.ServeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Kotlin's parameters have the defaults of Java's options. They stand in the signatures, where
 * users see them, so they are written again; here they are compared.
 */
class DefaultsTest {
  private static final Path KOTLIN = Path.of("../kotlin-api/src/main/kotlin/dev/tercet/coroutines");
  private static final Pattern PARAMETER =
      Pattern.compile("(?m)^ +(\\w+): [^=\\n]+ = ([^\\n]+?),?$");
  private static final Pattern IN_ONE_LINE =
      Pattern.compile("\\b(host|backlog|localAddress): \\w+\\? = ([\\w.]+)");

  private final Map<String, Set<String>> defaults = new TreeMap<>();

  DefaultsTest() throws IOException {
    try (Stream<Path> files = Files.list(KOTLIN)) {
      for (Path file : files.filter(file -> file.toString().endsWith(".kt")).toList()) {
        String text = Files.readString(file);
        PARAMETER.matcher(text).results().forEach(this::add);
        IN_ONE_LINE.matcher(text).results().forEach(this::add);
      }
    }
  }

  private void add(MatchResult parameter) {
    defaults.computeIfAbsent(parameter.group(1), name -> new TreeSet<>()).add(parameter.group(2));
  }

  private void isEverywhere(String parameter, @Nullable Object value) {
    assertEquals(Set.of(inKotlin(value)), defaults.get(parameter), parameter);
  }

  private static String inKotlin(@Nullable Object value) {
    if (value instanceof Duration duration) {
      return duration.isZero() ? "Duration.ZERO" : duration.toMillis() + ".milliseconds";
    }
    return Integer.valueOf(Integer.MAX_VALUE).equals(value)
        ? "Int.MAX_VALUE"
        : String.valueOf(value);
  }

  @Test
  @DisplayName("the parameters of servers have the defaults of ServeOptions")
  void serving() {
    ServeOptions options = ServeOptions.DEFAULT;
    isEverywhere("handlerNursery", options.handlerNursery());
    isEverywhere("maxConnections", options.maxConnections());
    isEverywhere("stop", options.stop());
    isEverywhere("drain", options.drain());
    isEverywhere("idleTimeout", options.idleTimeout());
    assertSame(OnHandlerError.PROPAGATE_OWN, options.onHandlerError());
    assertEquals(Set.of("OnHandlerError.PROPAGATE_OWN"), defaults.get("onHandlerError"));
  }

  @Test
  @DisplayName("the parameters of connects and listens have the defaults of their options")
  void connectingAndListening() {
    isEverywhere("happyEyeballsDelay", ConnectOptions.DEFAULT.happyEyeballsDelay());
    isEverywhere("localAddress", ConnectOptions.DEFAULT.localAddress());
    isEverywhere("onReport", ConnectOptions.DEFAULT.onReport());
    isEverywhere("host", ListenOptions.DEFAULT.host());
    isEverywhere("backlog", ListenOptions.DEFAULT.backlog());
  }
}
