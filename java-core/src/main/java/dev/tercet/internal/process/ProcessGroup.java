package dev.tercet.internal.process;

import dev.tercet.internal.log.Log;
import dev.tercet.internal.thread.LibraryThreads;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A child and its own children, to be signalled together.
 *
 * <p><b>The problem.</b> A signal to a shell does not reach what the shell has started. The JDK
 * knows the descendants of a process, but not those whose parent has ended meanwhile, and it cannot
 * make a process group.
 *
 * <p><b>The strategy.</b> {@code setsid} in front of the command makes the group and becomes the
 * command, with the same number. {@code kill} with a negative number reaches all of it, also when
 * the child itself has ended. Each needs a process to be started, so it is done on a thread of its
 * own. Where {@code setsid} is missing, the descendants are looked up before the first signal, and
 * signalled one by one.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
final class ProcessGroup {
  private static final Log LOG = Log.of("dev.tercet.process");
  private static final File NULL = new File("/dev/null");

  private final Process leader;
  private final boolean isGroup;

  /** Guarded by this. Those who have been asked to end, where there is no group. */
  private List<ProcessHandle> members = List.of();

  /**
   * Makes the group of a child.
   *
   * @param isGroup whether it was started with {@link #prefix}
   */
  ProcessGroup(Process leader, boolean isGroup) {
    this.leader = leader;
    this.isGroup = isGroup;
  }

  /**
   * The program that makes a group of the command behind it.
   *
   * @return null when the system has none
   */
  static @Nullable String prefix() {
    for (String path : List.of("/usr/bin/setsid", "/bin/setsid")) {
      if (Files.isExecutable(Path.of(path))) {
        return path;
      }
    }
    return null;
  }

  /**
   * Signals all of it. Does not wait; a failure is logged.
   *
   * @param signal TERM or KILL
   */
  void signal(String signal) {
    if (!isGroup) {
      signalEach(signal);
      return;
    }
    try {
      LibraryThreads.make("tercet-kill", () -> signalGroup(signal)).start();
    } catch (Throwable e) {
      // No thread to be had: those that can be signalled without one.
      signalEach(signal);
    }
  }

  private void signalGroup(String signal) {
    try {
      kill(signal, -leader.pid());
    } catch (Throwable e) {
      // It was signalled before it could make its group, or nobody is left; or there are no
      // descriptors or processes for the program.
      LOG.debug("cannot send ", signal, " to process group ", leader.pid(), ": ", e);
      signalEach(signal);
    }
  }

  private void signalEach(String signal) {
    boolean forcibly = signal.equals("KILL");
    for (ProcessHandle member : members()) {
      try {
        if (member.isAlive() && !(forcibly ? member.destroyForcibly() : member.destroy())) {
          LOG.debug("cannot send ", signal, " to process ", member.pid());
        }
      } catch (Throwable e) {
        LOG.warning(e, "cannot send ", signal, " to process ", member.pid());
      }
    }
  }

  private synchronized List<ProcessHandle> members() {
    List<ProcessHandle> all = new ArrayList<>(members);
    leader.descendants().filter(child -> !all.contains(child)).forEach(all::add);
    if (!all.contains(leader.toHandle())) {
      all.add(leader.toHandle());
    }
    members = List.copyOf(all);
    return members;
  }

  /**
   * Sends a signal by the program of this name. Blocks for some milliseconds.
   *
   * @param signal without SIG
   * @param pid of a process; negative for a group
   * @throws IOException when it cannot be run, or says that it has failed
   */
  static void kill(String signal, long pid) throws IOException {
    Process kill =
        new ProcessBuilder(
                "/bin/sh", "-c", "kill -s \"$1\" -- \"$2\"", "sh", signal, String.valueOf(pid))
            .redirectInput(NULL)
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.DISCARD)
            .start();
    int status = kill.onExit().join().exitValue();
    if (status != 0) {
      throw new IOException("kill -s " + signal + " -- " + pid + " ended with status " + status);
    }
  }
}
