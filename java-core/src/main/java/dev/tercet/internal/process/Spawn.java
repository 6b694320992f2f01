package dev.tercet.internal.process;

import dev.tercet.ChildInput;
import dev.tercet.ChildOutput;
import dev.tercet.ProcessOptions;
import dev.tercet.internal.loop.LoopGroup;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Starts children: one, or several of which each reads what the one before it writes. Their pipes
 * are joined in the kernel.
 */
public final class Spawn {
  private static final File NULL = new File("/dev/null");

  private final ProcessOptions options;
  private final @Nullable String groupPrefix;
  private final List<ProcessBuilder> builders = new ArrayList<>();
  private final List<ChildPipes> pipes = new ArrayList<>();
  private final List<Boolean> grouped = new ArrayList<>();

  private Spawn(ProcessOptions options) {
    this.options = options;
    this.groupPrefix = options.group() ? ProcessGroup.prefix() : null;
  }

  /**
   * Starts children that somebody runs to their end: {@link ChildRun}. Blocks for some milliseconds
   * for each; an interrupt does not end that.
   *
   * @param commands programs with their arguments, 1 or more
   * @param options the input is of the first, the output of the last, the errors of all
   * @param group on whose loops their pipes wait
   * @return the children, in the same order
   * @throws IOException the system's error when one cannot be started; the others are killed then,
   *     and nothing is left
   * @throws IllegalArgumentException when a command is empty or has a NUL, and for PIPE: nobody
   *     could reach it
   */
  public static List<Child> startToRun(
      List<List<String>> commands, ProcessOptions options, LoopGroup group) throws IOException {
    requireNone(isPiped(options), "PIPE needs somebody at the other end: open the process");
    requireNone(commands.isEmpty(), "a pipeline needs a command");
    requireNone(
        commands.size() > 1 && options.stderr().kind() == ChildOutput.Kind.MERGE_INTO_STDOUT,
        "MERGE_INTO_STDOUT is for a single command");
    return start(commands, options, group);
  }

  /**
   * Starts a child whose pipes somebody uses; otherwise as {@link #startToRun}.
   *
   * @return the child
   * @throws IOException the system's error when it cannot be started
   * @throws IllegalArgumentException when the command is empty or has a NUL, and for what needs
   *     somebody who runs it: CAPTURE and bytes
   */
  public static Child startToOpen(List<String> command, ProcessOptions options, LoopGroup group)
      throws IOException {
    boolean needsRun =
        options.stdin().kind() == ChildInput.Kind.BYTES
            || options.stdout().kind() == ChildOutput.Kind.CAPTURE
            || options.stderr().kind() == ChildOutput.Kind.CAPTURE;
    requireNone(needsRun, "CAPTURE and bytes need somebody who moves them: run the process");
    return start(List.of(command), options, group).get(0);
  }

  /**
   * Starts a child whose pipes somebody uses while somebody else runs it; otherwise as {@link
   * #startToRun}.
   *
   * @return the child
   * @throws IOException the system's error when it cannot be started
   * @throws IllegalArgumentException when the command is empty or has a NUL
   */
  public static Child startShared(List<String> command, ProcessOptions options, LoopGroup group)
      throws IOException {
    return start(List.of(command), options, group).get(0);
  }

  /**
   * Takes over a process that somebody else has started. Its pipes are on threads.
   *
   * @param process with pipes that nobody else uses
   * @return the child; its command is what the system says of it
   */
  public static Child wrap(Process process) {
    ChildPipes.OnThreads pipes = ChildPipes.onThreads();
    String command = process.info().command().orElse("process " + process.pid());
    return new Child(process, List.of(command), pipes.open(process), null);
  }

  private static boolean isPiped(ProcessOptions options) {
    return options.stdin().kind() == ChildInput.Kind.PIPE
        || options.stdout().kind() == ChildOutput.Kind.PIPE
        || options.stderr().kind() == ChildOutput.Kind.PIPE;
  }

  private static void requireNone(boolean refused, String why) {
    if (refused) {
      throw new IllegalArgumentException(why);
    }
  }

  private static List<Child> start(
      List<List<String>> commands, ProcessOptions options, LoopGroup group) throws IOException {
    Spawn spawn = new Spawn(options);
    try {
      for (List<String> command : commands) {
        spawn.add(requireValid(command), commands.size(), group);
      }
      List<Process> processes = ProcessBuilder.startPipeline(spawn.builders);
      return spawn.open(commands, processes);
    } catch (Throwable e) {
      spawn.pipes.forEach(ChildPipes::abandon);
      throw e;
    }
  }

  private static List<String> requireValid(List<String> command) {
    if (command.isEmpty()) {
      throw new IllegalArgumentException("a command needs a program");
    }
    for (String word : command) {
      if (word.indexOf('\0') >= 0) {
        throw new IllegalArgumentException("a command must not contain a NUL");
      }
    }
    return command;
  }

  private void add(List<String> command, int count, LoopGroup group) throws IOException {
    int index = builders.size();
    ChildPipes planned = ChildPipes.plan(group);
    pipes.add(planned);
    List<String> words = new ArrayList<>(command);
    // A program that is not there is the system's to report, and not setsid's.
    boolean isGrouped = groupPrefix != null && isFound(command.get(0));
    if (isGrouped) {
      words.add(0, Objects.requireNonNull(groupPrefix));
    }
    grouped.add(isGrouped);
    ProcessBuilder builder = new ProcessBuilder(words);
    builders.add(builder);
    Path directory = options.directory();
    if (directory != null) {
      builder.directory(directory.toFile());
    }
    for (Map.Entry<String, @Nullable String> variable : options.environment().entrySet()) {
      String value = variable.getValue();
      if (value == null) {
        builder.environment().remove(variable.getKey());
      } else {
        builder.environment().put(variable.getKey(), value);
      }
    }
    if (index == 0) {
      builder.redirectInput(stdin(options.stdin(), planned));
    }
    if (index == count - 1) {
      builder.redirectOutput(output(options.stdout(), planned, false));
    }
    if (options.stderr().kind() == ChildOutput.Kind.MERGE_INTO_STDOUT) {
      builder.redirectErrorStream(true);
    } else {
      builder.redirectError(output(options.stderr(), planned, true));
    }
  }

  private static Redirect stdin(ChildInput input, ChildPipes pipes) throws IOException {
    return switch (input.kind()) {
      case EMPTY -> Redirect.from(NULL);
      case INHERIT -> Redirect.INHERIT;
      case PIPE, BYTES -> pipes.stdin();
      case FILE -> Redirect.from(file(input.path()));
    };
  }

  private static Redirect output(ChildOutput output, ChildPipes pipes, boolean isStderr)
      throws IOException {
    return switch (output.kind()) {
      case INHERIT -> Redirect.INHERIT;
      case DISCARD -> Redirect.DISCARD;
      case PIPE, CAPTURE -> isStderr ? pipes.stderr() : pipes.stdout();
      case FILE -> Redirect.to(file(output.path()));
      case APPEND -> Redirect.appendTo(file(output.path()));
      case MERGE_INTO_STDOUT -> throw new IllegalStateException("of standard error only");
    };
  }

  private static File file(@Nullable Path path) {
    return Objects.requireNonNull(path, "path").toFile();
  }

  /** As the system looks for it. */
  private boolean isFound(String program) {
    Path directory = options.directory() == null ? Path.of("") : options.directory();
    if (program.indexOf('/') >= 0) {
      return Files.isExecutable(directory.resolve(program));
    }
    String path = System.getenv("PATH");
    for (String folder : path == null ? new String[0] : path.split(File.pathSeparator)) {
      if (Files.isExecutable(directory.resolve(folder).resolve(program))) {
        return true;
      }
    }
    return false;
  }

  private List<Child> open(List<List<String>> commands, List<Process> processes)
      throws IOException {
    List<Child> children = new ArrayList<>();
    try {
      for (int i = 0; i < processes.size(); i++) {
        Process process = processes.get(i);
        ProcessGroup group = options.group() ? new ProcessGroup(process, grouped.get(i)) : null;
        children.add(
            new Child(process, List.copyOf(commands.get(i)), pipes.get(i).open(process), group));
      }
      return children;
    } catch (Throwable e) {
      processes.forEach(process -> process.toHandle().destroyForcibly());
      children.forEach(Child::closePipes);
      throw e;
    }
  }
}
