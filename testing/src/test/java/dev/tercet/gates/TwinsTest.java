package dev.tercet.gates;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * {@code dev.tercet.blocking} and {@code dev.tercet.coroutines} are twins, and so are the testing
 * packages of both languages: the same simple names and the same words. What differs on purpose is
 * in the lists here, each with its reason.
 */
class TwinsTest {
  private static final String KOTLIN = "dev/tercet/coroutines/";
  private static final String JAVA = "dev/tercet/blocking/";
  private static final String JAVA_TESTING = "dev/tercet/testing/";

  /** Types of one language only. */
  private static final Set<String> ONE_LANGUAGE =
      Set.of(
          // Kotlin has function types and pairs.
          "MessageReceiveChannel$Body",
          "IoAction",
          "IoCall",
          "Nursery$Action",
          "Nursery$Call",
          "StartedTask",
          "testing/IoHook",
          "Chooser",
          "SocketPair",
          "StreamPair",
          "testing/MemoryStreams$Pair",
          "testing/MemoryStreams$OneWayPair",
          // Kotlin's scopes are functions; its cancellation is kotlinx's.
          "CancelScope",
          "CancelScope$TimeLimit",
          "CancelledException",
          // Kotlin has parameters with defaults, and functions.
          "ConnectOptions",
          "ListenOptions",
          "ServeOptions",
          "StreamHandler",
          "StoppableCall",
          // Java's is shared by both languages.
          "AsyncResource",
          // Kotlin has top-level functions. Their words are compared below.
          "Net",
          "Processes",
          "StandardStreams",
          "testing/MemoryStreams",
          "testing/StreamConformance",
          "testing/StreamConformance$Maker",
          // Coroutines that share a thread need help to be put in order.
          "testing/Sequencer",
          // Java has Simulation.run, Kotlin runIoTest; the scopes of the two are compared by eye.
          "testing/Simulation",
          "testing/Simulation$Body",
          "testing/IoTestScope",
          // Nothing here waits: the simulated network is one object for both languages.
          "testing/ConnectAnswer",
          "testing/NameAnswer",
          "testing/NameTable",
          "testing/NameTable$Query",
          "testing/NetworkEvent",
          "testing/NetworkEvent$Kind",
          "testing/NetworkTrace",
          "testing/Packet",
          "testing/Router",
          "testing/SimulatedNetwork",
          "testing/SimulatedPeer",
          "testing/VirtualTime",
          // Java's files are java.nio.file's.
          "AsyncFile",
          "AsyncPath",
          "IoLimiter",
          "IoLimiter$Key",
          // They wait for nothing and serve both languages.
          "testing/TestCa",
          "testing/TestIdentity",
          "testing/TestKeyType",
          "testing/TestLeaf",
          "testing/TestLeaf$Usage");

  /** Java's words without a twin. */
  private static final Map<String, Set<String>> JAVA_ONLY =
      Map.of(
          // JDK types, and a loop over messages: Kotlin has flows, and adapters in
          // coroutines.adapt.
          "SendStream", Set.of("from"),
          "ReceiveStream", Set.of("from"),
          "Stream", Set.of("asByteChannel"),
          "MessageReceiveChannel", Set.of("forEach"),
          "MemoryChannel", Set.of("open"),
          // Kotlin: one extension of SendStream, so that no delegation bypasses an override.
          "SocketStream", Set.of("sendFile"),
          "BufferedStream", Set.of("sendFile"),
          "StapledStream", Set.of("sendFile"),
          // Kotlin: nursery { }.
          "Nursery", Set.of("run", "call"),
          // Kotlin: withSignals { }.
          "SignalReceiver", Set.of("open", "close"));

  /** Kotlin's words without a twin. */
  private static final Map<String, Set<String>> KOTLIN_ONLY =
      Map.of(
          // Flows, and the bridge to Java.
          "ReceiveStream", Set.of("chunks", "lines"),
          // relay is a function of two streams, so it looks like an extension of the first.
          "Stream", Set.of("asBlocking", "relay"),
          "HalfCloseableStream", Set.of("asBlocking"),
          "MessageReceiveChannel", Set.of("messages"),
          "SignalReceiver", Set.of("asFlow"),
          // Java: MemoryStreams.pump.
          "testing/MemorySendStream", Set.of("memoryStreamPump"));

  /** Kotlin's top-level functions, and where Java has them; null for nowhere. */
  private static final Map<String, String> ELSEWHERE = new TreeMap<>();

  static {
    ELSEWHERE.put("openMemoryChannel", "MemoryChannel open");
    ELSEWHERE.put("nursery", "Nursery run");
    ELSEWHERE.put("moveOnAfter", "CancelScope moveOnAfter");
    ELSEWHERE.put("failAfter", "CancelScope failAfter");
    ELSEWHERE.put("checkpoint", "CancelScope checkpoint");
    ELSEWHERE.put("start", "Nursery start");
    // Other people's interrupts cannot be put off.
    ELSEWHERE.put("shielded", null);
    // Java: a static DEFAULT and with... of the shared class.
    ELSEWHERE.put("TlsConfig", null);
    ELSEWHERE.put("TlsServerConfig", null);
    ELSEWHERE.put("DtlsConfig", null);
    ELSEWHERE.put("DtlsServerConfig", null);
    // The network and the loop are a coroutine's context.
    ELSEWHERE.put("asContextElement", null);
    ELSEWHERE.put("dispatcher", null);
    ELSEWHERE.put("runOnLoop", null);
    ELSEWHERE.put("withNetwork", null);
    // Java: getSuppressed().
    ELSEWHERE.put("allFailures", null);
    ELSEWHERE.put("withSignals", "SignalReceiver open");
    ELSEWHERE.put("runProcess", "Processes run");
    ELSEWHERE.put("runPipeline", "Processes runPipeline");
    ELSEWHERE.put("openProcess", "Processes open");
    ELSEWHERE.put("wrapProcess", "Processes wrap");
    // Java: Processes.open in a try statement.
    ELSEWHERE.put("withProcess", null);
    ELSEWHERE.put("standardInput", "StandardStreams input");
    ELSEWHERE.put("standardOutput", "StandardStreams output");
    ELSEWHERE.put("standardError", "StandardStreams error");
    // Java's files are java.nio.file's, and its threads may block.
    ELSEWHERE.put("AsyncPath", null);
    ELSEWHERE.put("async", null);
    ELSEWHERE.put("blockingIo", null);
    ELSEWHERE.put("openFile", null);
    ELSEWHERE.put("wrapFile", null);
    ELSEWHERE.put("testing/memoryStreamPair", "testing/MemoryStreams pair");
    ELSEWHERE.put("testing/memoryStreamOneWayPair", "testing/MemoryStreams oneWayPair");
    ELSEWHERE.put("testing/lockstepStreamPair", "testing/MemoryStreams lockstepPair");
    ELSEWHERE.put("testing/lockstepStreamOneWayPair", "testing/MemoryStreams lockstepOneWayPair");
    ELSEWHERE.put("testing/checkOneWayStream", "testing/StreamConformance checkOneWayStream");
    ELSEWHERE.put("testing/checkTwoWayStream", "testing/StreamConformance checkTwoWayStream");
    ELSEWHERE.put(
        "testing/checkHalfCloseableStream", "testing/StreamConformance checkHalfCloseableStream");
    ELSEWHERE.put("testing/runIoTest", "testing/Simulation run");
    // About coroutines, or easy to say in Java.
    ELSEWHERE.put("testing/assertCheckpoints", null);
    ELSEWHERE.put("testing/assertNoCheckpoints", null);
    ELSEWHERE.put("testing/waitAllTasksBlocked", null);
    ELSEWHERE.put("testing/openStreamToSocketListener", null);
  }

  private final Map<String, Set<String>> java = new TreeMap<>();
  private final Map<String, Set<String>> kotlin = new TreeMap<>();

  TwinsTest() {
    for (ApiDump module : ApiDump.ALL) {
      PublicWords.of(module.now())
          .forEach(
              (type, words) -> {
                if (type.startsWith(KOTLIN)) {
                  kotlin.put(type.substring(KOTLIN.length()), words);
                } else if (type.startsWith(JAVA)) {
                  java.put(type.substring(JAVA.length()), words);
                } else if (type.startsWith(JAVA_TESTING)) {
                  // Java's are sorted by subject; a Kotlin test imports one package.
                  java.put("testing/" + type.substring(type.lastIndexOf('/') + 1), words);
                }
              });
    }
  }

  @Test
  @DisplayName("every type that waits has a twin")
  void typesHaveTwins() {
    Set<String> single = new TreeSet<>();
    java.keySet().stream().filter(type -> !kotlin.containsKey(type)).forEach(single::add);
    kotlin.keySet().stream().filter(type -> !java.containsKey(type)).forEach(single::add);
    single.removeIf(type -> ONE_LANGUAGE.contains(type) || type.endsWith("*"));
    single.removeIf(type -> type.startsWith("adapt/"));
    assertEquals(Set.of(), single);
  }

  @Test
  @DisplayName("twins have the same words")
  void sameWords() {
    List<String> differences = new ArrayList<>();
    Set<String> twins = new TreeSet<>();
    for (String type : kotlin.keySet()) {
      if (java.containsKey(type)) {
        twins.add(type);
        Set<String> javaWords = spelled(java, type, JAVA_ONLY);
        Set<String> kotlinWords = spelled(kotlin, type, KOTLIN_ONLY);
        if (!javaWords.equals(kotlinWords)) {
          differences.add(type + ": Java " + javaWords + ", Kotlin " + kotlinWords);
        }
      }
    }
    assertTrue(twins.size() >= 20, "only " + twins + " are twins");
    Set<String> subjects =
        Set.of(
            "DtlsChannel",
            "DtlsEndpoint",
            "ListenerSocket",
            "Nursery",
            "SocketStream",
            "TlsStream");
    assertTrue(twins.containsAll(subjects), "only " + twins + " are twins");
    assertEquals(List.of(), differences);
  }

  @Test
  @DisplayName("every top-level function of Kotlin is an entry point of Java, or known")
  void topLevelFunctions() {
    List<String> strangers = new ArrayList<>();
    Set<String> entryPoints = java.getOrDefault("Net", Set.of());
    Set<String> functions = new TreeSet<>(kotlin.getOrDefault("*", Set.of()));
    functions.addAll(KOTLIN_ONLY.getOrDefault("Stream", Set.of()));
    assertTrue(
        entryPoints.containsAll(
            Set.of("openTcpStream", "planConnect", "serveListeners", "serveTcp")),
        "only " + entryPoints + " are entry points");
    entryPoints.stream().filter(word -> !functions.contains(word)).forEach(strangers::add);
    for (String part : List.of("", "testing/")) {
      for (String word : kotlin.getOrDefault(part + "*", Set.of())) {
        String name = part + word;
        String place = ELSEWHERE.get(name);
        if (!ELSEWHERE.containsKey(name) && !entryPoints.contains(name)) {
          strangers.add(name);
        } else if (place != null) {
          String[] typeAndWord = place.split(" ", -1);
          if (!java.getOrDefault(typeAndWord[0], Set.of()).contains(typeAndWord[1])) {
            strangers.add(name + " is not " + place);
          }
        }
      }
    }
    assertEquals(List.of(), strangers);
  }

  @Test
  @DisplayName("no simple name is in two packages that one program imports")
  void starImportsDoNotClash() {
    Map<String, Set<String>> packagesOf = new TreeMap<>();
    for (ApiDump module : ApiDump.ALL) {
      for (String type : PublicWords.of(module.now()).keySet()) {
        int slash = type.lastIndexOf('/');
        if (!type.startsWith("*", slash + 1)) {
          packagesOf
              .computeIfAbsent(type.substring(slash + 1), name -> new TreeSet<>())
              .add(type.substring(0, slash + 1));
        }
      }
    }
    Set<String> clashes = new TreeSet<>();
    packagesOf.forEach(
        (name, packages) -> {
          // One program is in one language.
          for (String language : List.of(KOTLIN, JAVA)) {
            List<String> imported =
                packages.stream()
                    .filter(
                        place ->
                            place.equals(language) || place.matches("dev/tercet/((tls|loop)/)?"))
                    .toList();
            if (imported.size() > 1) {
              clashes.add(name + " " + imported);
            }
          }
        });
    assertTrue(packagesOf.containsKey("StopSignal"), packagesOf.keySet().toString());
    assertEquals(Set.of(), clashes);
  }

  @Test
  @DisplayName("the lists of exceptions name nothing that is not there")
  void exceptionsExist() {
    List<String> gone = new ArrayList<>();
    JAVA_ONLY.forEach((type, words) -> missing(java, type, words, gone));
    KOTLIN_ONLY.forEach((type, words) -> missing(kotlin, type, words, gone));
    assertEquals(List.of(), gone);
  }

  @Test
  @DisplayName("NUR-X19 only scopes, and policies of servers and connects, take a duration")
  void timeoutsAreScopes() {
    Set<String> known =
        Set.of(
            // Scopes, and the error of one.
            "moveOnAfter",
            "failAfter",
            "setLimit",
            "TooSlowException",
            "inVirtualTime",
            // Policies.
            "withStop",
            "withIdleTimeout",
            "serveTcp",
            "serveTlsOverTcp",
            "serveUnix",
            "serveListeners",
            "serve",
            "openTcpStream",
            "openTlsOverTcpStream",
            "withHandshakeTimeout",
            "withCloseNotifyReadTimeout",
            "TlsConfig",
            "TlsServerConfig",
            "DtlsConfig",
            "DtlsServerConfig",
            "doHandshake", // When DTLS repeats itself.
            "withHappyEyeballsDelay",
            "withResolutionDelay",
            // What a child gets between TERM and KILL, and its grandchildren after its end.
            "runProcess",
            "withProcess",
            "withKillAfter",
            "withDrain",
            // What a simulated network is told, and the real time that a test may take.
            "after",
            "deliverPacket",
            "setLatency",
            "sleep",
            "runIoTest",
            // Results.
            "ConnectAttempt",
            "ConnectReport",
            "NetworkEvent",
            "Query",
            "getNow");
    // A Kotlin Duration is an inline class: its functions have a mangled name. So have those of
    // AsyncPath, an inline class of our own.
    Pattern taking =
        Pattern.compile(
            "fun (?:(?<mangled>\\w+)-\\w+|(?<plain>\\S+)) \\((?<arguments>[^)]*)\\)\\S*");
    Set<String> strangers = new TreeSet<>();
    for (ApiDump module : ApiDump.ALL) {
      String type = "";
      boolean ofOwnInlineClass = false;
      for (String line : module.now().lines().toList()) {
        Matcher header = Pattern.compile("public .*?class (?:\\S+[/$])?(\\w+) .*").matcher(line);
        if (header.matches()) {
          type = header.group(1);
          ofOwnInlineClass = header.group().contains("/AsyncPath");
        }
        Matcher function = taking.matcher(line);
        if (function.find()
            && !ofOwnInlineClass
            && (function.group("mangled") != null
                || function.group("arguments").contains("Ljava/time/Duration;"))) {
          String name =
              function.group("mangled") != null
                  ? function.group("mangled")
                  : function.group("plain");
          strangers.add(name.equals("<init>") ? type : name);
        }
      }
    }
    assertTrue(strangers.removeAll(known), "nothing takes a duration");
    assertEquals(Set.of(), strangers);
  }

  private static Set<String> spelled(
      Map<String, Set<String>> language, String type, Map<String, Set<String>> exceptions) {
    Set<String> words = new TreeSet<>(language.getOrDefault(type, Set.of()));
    words.removeAll(exceptions.getOrDefault(type, Set.of()));
    // A Java factory is a Kotlin constructor.
    if (words.removeAll(Set.of("wrap", "of", "<init>"))) {
      words.add("(made)");
    }
    return words;
  }

  private static void missing(
      Map<String, Set<String>> language, String type, Set<String> words, List<String> gone) {
    for (String word : words) {
      if (!language.getOrDefault(type, Set.of()).contains(word)) {
        gone.add(type + " " + word);
      }
    }
  }
}
