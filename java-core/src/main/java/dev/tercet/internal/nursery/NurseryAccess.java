package dev.tercet.internal.nursery;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The door from the rest of the module to what is behind the public face of a nursery. Java has no
 * word for "this module only", and the class of the nursery is in a package that imports this one.
 */
public final class NurseryAccess {
  private static volatile @Nullable Function<Object, TaskSpawner> door;

  private NurseryAccess() {}

  /**
   * Called once, by the class of the nursery when it is initialized, and so before there is any
   * nursery.
   *
   * @param door from a nursery to its spawner
   */
  public static void open(Function<Object, TaskSpawner> door) {
    NurseryAccess.door = door;
  }

  /**
   * What a server can do with a nursery.
   *
   * @param nursery a {@code dev.tercet.blocking.Nursery}
   * @return its spawner
   */
  public static TaskSpawner spawner(Object nursery) {
    Function<Object, TaskSpawner> door = NurseryAccess.door;
    if (door == null) {
      throw new IllegalArgumentException("not a nursery: " + nursery);
    }
    return door.apply(nursery);
  }
}
