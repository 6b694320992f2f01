package dev.tercet.benchmarks.contender;

import dev.tercet.benchmarks.load.Generator;
import java.nio.ByteBuffer;

/** Which datagrams a server answers with an echo. */
final class DatagramAnswers {
  private DatagramAnswers() {}

  /** A sink answers, too, when it is asked to: else nobody knew when it is through with a flood. */
  static boolean wanted(Work work, ByteBuffer message) {
    return wanted(work, message.get(message.position()));
  }

  static boolean wanted(Work work, byte first) {
    return work == Work.ECHO || work == Work.IDLE || first == Generator.ASKS;
  }
}
