package dev.tercet.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasModifiers.Predicates.modifier;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Which package of the core may import which. The rules are a function of the root package, so that
 * the same rules that guard {@code dev.tercet} are shown to fail on {@code
 * dev.tercet.architecture.broken}, which breaks each of them.
 */
final class ImportRules {
  private ImportRules() {}

  /**
   * All rules, by name.
   *
   * @param root the package that stands for {@code dev.tercet}
   */
  static Map<String, ArchRule> under(String root) {
    Map<String, ArchRule> rules = new LinkedHashMap<>();
    rules.put("packages are free of cycles", packagesAreFreeOfCycles(root));
    rules.put(
        "the root package imports no other, but for texts and the log", rootImportsNoOther(root));
    rules.put("texts import nothing of ours", textsImportNothing(root));
    rules.put(
        "proto imports only the root package, tls, proto and texts", protoImportsOnlyRoot(root));
    rules.put("proto knows no channel and no socket", protoKnowsNoChannel(root));
    rules.put("proto knows no thread, lock, logger or clock", protoKnowsNoThread(root));
    rules.put("proto reads no time", protoReadsNoTime(root));
    rules.put("proto has no synchronized methods", protoHasNoSynchronizedMethods(root));
    rules.put("tls imports only the root package", tlsImportsOnlyRoot(root));
    rules.put("TLS streams know no socket", tlsStreamsKnowNoSocket(root));
    rules.put("nobody uses Net", nobodyUsesNet(root));
    rules.put("internals import no driver", internalsImportNoDriver(root));
    rules.put("only the log uses loggers", onlyTheLogUsesLoggers(root));
    rules.put("one package uses Bouncy Castle", onePackageUsesBouncyCastle(root));
    rules.put("only events use the flight recorder", onlyEventsUseTheRecorder(root));
    return rules;
  }

  private static ArchRule packagesAreFreeOfCycles(String root) {
    return slices()
        .assignedFrom(
            new SliceAssignment() {
              @Override
              public SliceIdentifier getIdentifierOf(JavaClass type) {
                String name = type.getPackageName();
                return name.equals(root) || name.startsWith(root + ".")
                    ? SliceIdentifier.of(name)
                    : SliceIdentifier.ignore();
              }

              @Override
              public String getDescription() {
                return "packages of " + root;
              }
            })
        .should()
        .beFreeOfCycles();
  }

  private static ArchRule rootImportsNoOther(String root) {
    return noClasses()
        .that()
        .resideInAPackage(root)
        .should()
        .dependOnClassesThat(
            resideInAPackage(root + "..")
                .and(
                    not(
                        resideInAnyPackage(
                            root, root + ".internal.text", root + ".internal.log"))));
  }

  private static ArchRule protoImportsOnlyRoot(String root) {
    return noClasses()
        .that()
        .resideInAPackage(root + ".proto..")
        .should()
        .dependOnClassesThat(
            resideInAPackage(root + "..")
                .and(
                    not(
                        resideInAnyPackage(
                            root, root + ".tls", root + ".proto..", root + ".internal.text"))));
  }

  /** Since the root package imports them. */
  private static ArchRule textsImportNothing(String root) {
    return noClasses()
        .that()
        .resideInAPackage(root + ".internal.text")
        .should()
        .dependOnClassesThat(
            resideInAPackage(root + "..").and(not(resideInAPackage(root + ".internal.text"))));
  }

  private static ArchRule protoKnowsNoChannel(String root) {
    DescribedPredicate<JavaClass> addresses =
        nameMatching("java\\.net\\.(Inet(4|6|Socket)?Address|(Unix)?(Domain)?SocketAddress)")
            .forSubtype();
    return noClasses()
        .that()
        .resideInAPackage(root + ".proto..")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("java.nio.channels..", "java.nio.file..")
                .or(resideInAPackage("java.net..").and(not(addresses)))
                .as("are channels, files or sockets"));
  }

  private static ArchRule protoKnowsNoThread(String root) {
    return noClasses()
        .that()
        .resideInAPackage(root + ".proto..")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("java.util.concurrent.locks..", "java.util.logging..")
                .or(nameMatching("java\\.lang\\.(Thread|ThreadLocal)(\\$.*)?").forSubtype())
                .or(nameMatching("java\\.lang\\.System\\$Logger.*").forSubtype())
                .or(nameMatching(".*\\.\\w*Executor\\w*").forSubtype())
                .or(nameMatching("java\\.util\\.(Timer|TimerTask)").forSubtype())
                .or(nameMatching("java\\.time\\.(\\w*Clock|InstantSource)").forSubtype())
                .as("are threads, locks, loggers or clocks"));
  }

  private static ArchRule protoReadsNoTime(String root) {
    return noClasses()
        .that()
        .resideInAPackage(root + ".proto..")
        .should()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(Clock.class, "systemUTC");
  }

  private static ArchRule protoHasNoSynchronizedMethods(String root) {
    return noMethods()
        .that()
        .areDeclaredInClassesThat()
        .resideInAPackage(root + ".proto..")
        .should(
            com.tngtech.archunit.lang.conditions.ArchConditions.have(
                modifier(JavaModifier.SYNCHRONIZED)));
  }

  /** Values: what both languages share about TLS and DTLS. */
  private static ArchRule tlsImportsOnlyRoot(String root) {
    return noClasses()
        .that()
        .resideInAPackage(root + ".tls")
        .should()
        .dependOnClassesThat(
            resideInAPackage(root + "..")
                .and(
                    not(
                        resideInAnyPackage(
                            root,
                            root + ".tls",
                            root + ".internal.text",
                            root + ".internal.log"))));
  }

  /** They run over any stream. */
  private static ArchRule tlsStreamsKnowNoSocket(String root) {
    String blocking = Pattern.quote(root + ".blocking.");
    return noClasses()
        .that()
        .haveNameMatching(blocking + "(TlsStream|TlsListener|Unwrapped|Chooser)(\\$.*)?")
        .should()
        .dependOnClassesThat(
            nameMatching(blocking + "\\w*(Socket|Dtls)\\w*(\\$.*)?").as("are sockets"));
  }

  /** It is where programs enter; what it does belongs to the classes behind it. */
  private static ArchRule nobodyUsesNet(String root) {
    String net = root + ".blocking.Net";
    return noClasses()
        .that()
        .doNotHaveFullyQualifiedName(net)
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName(net);
  }

  private static ArchRule internalsImportNoDriver(String root) {
    return noClasses()
        .that()
        .resideInAPackage(root + ".internal..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(root + ".blocking..", root + ".loop..");
  }

  /** A logging call on a path of failure must not throw, which is what the log is for. */
  private static ArchRule onlyTheLogUsesLoggers(String root) {
    return noClasses()
        .that()
        .resideOutsideOfPackage(root + ".internal.log")
        .should()
        .dependOnClassesThat(
            resideInAPackage("java.util.logging..")
                .or(nameMatching("java\\.lang\\.System\\$Logger.*").forSubtype())
                .as("are loggers"));
  }

  /** It is an optional dependency, and what handles its objects must not spread. */
  private static ArchRule onePackageUsesBouncyCastle(String root) {
    return noClasses()
        .that()
        .resideOutsideOfPackage(root + ".internal.dtls.bouncycastle")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.bouncycastle..");
  }

  /** It may be missing, it may fail, and its first class is expensive. */
  private static ArchRule onlyEventsUseTheRecorder(String root) {
    return noClasses()
        .that()
        .haveNameNotMatching(
            Pattern.quote(root) + "\\..*Events?\\$?\\w*|.*\\.event\\.Recorder\\$Flag")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jdk.jfr..");
  }
}
