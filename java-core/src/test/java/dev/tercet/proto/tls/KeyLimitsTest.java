package dev.tercet.proto.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tercet.tls.TlsVersion;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.Security;
import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The JDK reads its limits once in the life of a JVM, so the test has one of its own. */
class KeyLimitsTest {
  @Test
  @Timeout(60)
  @DisplayName("TLS-L5 the engine changes its keys by itself after so many bytes: no data is lost")
  void keyLimits() throws Exception {
    Path target = Path.of(System.getProperty("basedir", "."), "target");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                target.resolve("classes") + File.pathSeparator + target.resolve("test-classes"),
                Talk.class.getName())
            .redirectErrorStream(true)
            .start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals("whole, with new keys", output.strip());
    } finally {
      process.destroyForcibly();
    }
  }

  /** Sends more than the limit, both ways. */
  static final class Talk {
    private static final int MOST_BYTES = 60;

    private Talk() {}

    public static void main(String[] args) {
      Security.setProperty("jdk.tls.keyLimits", "AES/GCM/NoPadding KeyUpdate 2^17");
      MachinePair pair = MachinePair.of(TlsVersion.TLS_1_3).handshaken();
      byte[] data = TlsMachineTest.bytes(400_000, 5);
      boolean whole =
          pair.run(pair.client.write(data), pair.server.read(data.length))
              && pair.run(pair.client.read(data.length), pair.server.write(data))
              && Arrays.equals(data, pair.server.received.toByteArray())
              && Arrays.equals(data, pair.client.received.toByteArray());
      boolean updated =
          keyUpdates(pair.toServer.all.toByteArray()) > 1
              && keyUpdates(pair.toClient.all.toByteArray()) > 1;
      System.out.println((whole ? "whole" : "damaged") + (updated ? ", with new keys" : ""));
    }

    /** They are encrypted, but shorter than data and everything else. */
    private static int keyUpdates(byte[] wire) {
      int count = 0;
      for (int at = 0; at < wire.length; ) {
        int bytes = 5 + ((wire[at + 3] & 0xff) << 8 | (wire[at + 4] & 0xff));
        count += wire[at] == 23 && bytes < MOST_BYTES ? 1 : 0;
        at += bytes;
      }
      return count;
    }
  }
}
