package dev.tercet.internal.names;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class SystemTableTest {
  private static final String FEW = "tcp 6 TCP\nhttp 80/tcp www\n";

  @TempDir Path folder;

  private NameTable read(String content) throws Exception {
    Path file = folder.resolve("table");
    Files.write(file, content.getBytes(StandardCharsets.UTF_8));
    return new SystemTable(file, FEW).table().toCompletableFuture().get();
  }

  @Test
  @DisplayName(
      "IO-K10 IO-K11 names, aliases and numbers of a file; what it does not say is built in")
  void file() throws Exception {
    NameTable table =
        read(
            """
            # a comment
            my-tcp\t7\tMYTCP  another # tcp 8

              webby  80/tcp  w1 w2
              webby  80/udp
            """);
    assertEquals(7, table.number("my-tcp"));
    assertEquals(7, table.number("MYTCP"));
    assertEquals(7, table.number("another"));
    assertEquals(6, table.number("tcp"), "not from the comment");
    assertEquals("webby", table.name("80/tcp"));
    assertEquals("webby", table.name("80/udp"));
    assertNull(table.name("80"));
    assertEquals("my-tcp", table.name("7"));
    assertNull(table.number("MyTcp"));
    assertNull(table.number("7"));
  }

  @Test
  @DisplayName("IO-K10 IO-K11 malformed lines are skipped, the first of two wins")
  void malformed() throws Exception {
    NameTable table =
        read(
            """
            lonely
            negative -1
            word word
            big 65536/tcp
            bigger 99999999999999999999
            empty /tcp
            mixed 8x
            \u00fc\ud83d\ude00 \u0000
            good 9 first
            other 9 good
            last 65535""");
    for (String name :
        new String[] {"lonely", "negative", "word", "big", "bigger", "empty", "mixed"}) {
      assertNull(table.number(name), name);
    }
    assertEquals(9, table.number("good"));
    assertEquals("good", table.name("9"));
    assertEquals(65_535, table.number("last"));
    byte[] garbage = new byte[10_000];
    new java.util.Random(3).nextBytes(garbage);
    Files.write(folder.resolve("garbage"), garbage);
    SystemTable noise = new SystemTable(folder.resolve("garbage"), FEW);
    assertEquals(6, noise.table().toCompletableFuture().get().number("tcp"));
  }

  @Test
  @DisplayName(
      "IO-K10 IO-K11 no file, or a folder in its place, leaves what is built in; it is read once")
  void missing() throws Exception {
    for (Path path : new Path[] {folder.resolve("nothing"), folder}) {
      SystemTable table = new SystemTable(path, FEW);
      assertEquals("http", table.table().toCompletableFuture().get().name("80/tcp"));
      assertSame(
          table.table().toCompletableFuture().get(), table.table().toCompletableFuture().get());
    }
  }

  @Test
  @DisplayName("IO-K10 IO-K11 the usual services and protocols are known")
  void usual() throws Exception {
    NameTable protocols = SystemTable.PROTOCOLS.table().toCompletableFuture().get();
    assertEquals(6, protocols.number("tcp"));
    assertEquals(17, protocols.number("udp"));
    assertEquals(17, protocols.number("UDP"));
    NameTable services = SystemTable.SERVICES.table().toCompletableFuture().get();
    assertEquals("https", services.name("443/tcp"));
    assertEquals("ssh", services.name("22/tcp"));
  }
}
