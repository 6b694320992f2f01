package dev.tercet.proto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.support.Stress;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ByteQueueTest {
  @Test
  @DisplayName("what goes in comes out in order, through every form of append and take")
  void order() {
    long seed = Stress.seed(ByteQueueTest.class);
    Random random = new Random(seed);
    ByteQueue queue = new ByteQueue();
    ByteArrayOutputStream in = new ByteArrayOutputStream();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < Stress.rounds(20_000, 200_000); i++) {
      byte[] piece = new byte[random.nextInt(random.nextInt(10) == 0 ? 9000 : 20)];
      random.nextBytes(piece);
      in.writeBytes(piece);
      switch (random.nextInt(6)) {
        case 0 -> queue.append(piece);
        case 1 -> {
          byte[] wide = new byte[piece.length + 7];
          System.arraycopy(piece, 0, wide, 3, piece.length);
          queue.append(wide, 3, piece.length);
        }
        case 2 -> queue.append(ByteBuffer.wrap(piece).asReadOnlyBuffer());
        case 3 -> queue.append(ByteBuffer.allocateDirect(piece.length).put(piece).flip());
        case 4 -> queue.give(piece.clone());
        default -> {
          ByteBuffer space = queue.space(piece.length + 1);
          assertTrue(space.remaining() > piece.length);
          space.put(piece);
          queue.filled(piece.length);
        }
      }
      int max = random.nextInt(random.nextInt(10) == 0 ? 9000 : 30);
      switch (random.nextInt(3)) {
        case 0 -> out.writeBytes(queue.take(max));
        case 1 -> {
          ByteBuffer into = ByteBuffer.allocate(max);
          int n = queue.take(into);
          assertEquals(n, into.position());
          out.write(into.array(), 0, n);
        }
        default -> {
          int n = Math.min(max, queue.size());
          for (int k = 0; k < n; k++) {
            out.write(queue.byteAt(k));
          }
          queue.drop(n);
        }
      }
      assertEquals(in.size() - out.size(), queue.size(), "seed " + seed);
    }
    out.writeBytes(queue.takeAll());
    assertTrue(queue.isEmpty());
    assertArrayEquals(in.toByteArray(), out.toByteArray(), "seed " + seed);
  }

  @Test
  @DisplayName("a backlog that moves on slowly costs memory for the backlog, not for its history")
  void compacts() {
    ByteQueue queue = new ByteQueue();
    byte[] piece = new byte[1000];
    queue.append(piece);
    for (int i = 0; i < 100_000; i++) {
      queue.append(piece);
      queue.drop(1000);
    }
    ByteBuffer space = queue.space(1);
    assertTrue(space.capacity() < 8000, "space of " + space.capacity());
  }

  @Test
  @DisplayName("an array given to an empty queue is not copied")
  void given() {
    ByteQueue queue = new ByteQueue();
    byte[] bytes = {1, 2, 3};
    queue.give(bytes);
    bytes[1] = 9;
    assertEquals(9, queue.byteAt(1));
    queue.give(new byte[] {4});
    assertArrayEquals(new byte[] {1, 9, 3, 4}, queue.takeAll());
  }

  @Test
  @DisplayName("an empty queue lets go of a large array")
  void releases() {
    ByteQueue queue = new ByteQueue();
    queue.append(new byte[1 << 20]);
    queue.drop(1 << 20);
    assertTrue(queue.space(1).capacity() <= ByteQueue.RETAINED_BYTES);
  }

  @Test
  @DisplayName("space that was not filled changes nothing")
  void spaceUnused() {
    ByteQueue queue = new ByteQueue();
    queue.append(new byte[] {1, 2});
    queue.space(10).put(new byte[10]);
    queue.space(100).put(new byte[100]);
    assertArrayEquals(new byte[] {1, 2}, queue.takeAll());
  }

  @Test
  @DisplayName("indexes outside are refused")
  void bounds() {
    ByteQueue queue = new ByteQueue();
    queue.append(new byte[] {1, 2});
    assertThrows(IndexOutOfBoundsException.class, () -> queue.byteAt(2));
    assertThrows(IndexOutOfBoundsException.class, () -> queue.drop(3));
    assertThrows(IndexOutOfBoundsException.class, () -> queue.append(new byte[2], 1, 2));
    assertEquals(2, queue.size());
  }

  @Test
  @DisplayName("a wipe leaves no copy in an array that was given, a clear does")
  void wipe() {
    byte[] secret = {1, 2, 3};
    ByteQueue queue = new ByteQueue();
    queue.give(secret);
    queue.wipe();
    assertArrayEquals(new byte[3], secret);
    assertTrue(queue.isEmpty());
    byte[] kept = {1, 2, 3};
    queue.give(kept);
    queue.drop(1);
    queue.clear();
    assertArrayEquals(new byte[] {1, 2, 3}, kept);
    assertTrue(queue.isEmpty());
    queue.append(new byte[] {4});
    assertArrayEquals(new byte[] {4}, queue.takeAll());
  }

  @Test
  @DisplayName("a small array is kept when it is empty, and nothing is given for an empty one")
  void retains() {
    byte[] small = new byte[ByteQueue.RETAINED_BYTES];
    ByteQueue queue = new ByteQueue();
    queue.give(small);
    queue.drop(small.length);
    assertSame(small, queue.space(1).array());
    assertSame(small, queue.space(small.length).array());
    queue.give(new byte[0]);
    assertTrue(queue.isEmpty());
    assertSame(small, queue.space(1).array());
    byte[] large = new byte[ByteQueue.RETAINED_BYTES + 1];
    ByteQueue other = new ByteQueue();
    other.give(large);
    other.drop(large.length);
    assertEquals(64, other.space(1).array().length);
  }

  @Test
  @DisplayName("room is made by moving what is there, if half is free, and else by doubling")
  void room() {
    ByteQueue queue = new ByteQueue();
    queue.append(new byte[64]);
    queue.drop(32);
    byte[] array = queue.view().array();
    assertSame(array, queue.space(32).array(), "moved to the front");
    assertEquals(32, queue.size());
    queue.drop(15);
    assertEquals(128, queue.space(48).array().length, "15 bytes are not worth a move of 17");
    assertEquals(300, queue.space(283).array().length);
    assertEquals(17, queue.size());
  }

  @Test
  @DisplayName("what was filled must be in the space")
  void filled() {
    ByteQueue queue = new ByteQueue();
    int space = queue.space(1).remaining();
    queue.filled(space);
    assertEquals(space, queue.size());
    assertThrows(IndexOutOfBoundsException.class, () -> queue.filled(1));
  }
}
