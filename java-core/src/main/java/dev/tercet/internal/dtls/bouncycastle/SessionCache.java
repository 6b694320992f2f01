package dev.tercet.internal.dtls.bouncycastle;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Sessions that may be resumed (spec DTLS-L11), the most recent ones only, and each for a while
 * only: who resumes shows no certificate, so nobody would notice that it has expired.
 *
 * <p><i>Thread-safety:</i> any thread.
 *
 * @param <K> what a session is found by
 */
final class SessionCache<K, V> {
  /** An hour, of the 24 that RFC 5246, appendix F.1.4 allows. */
  static final long LIFETIME_NANOS = 3_600_000_000_000L;

  private final ReentrantLock lock = new ReentrantLock();
  private final int most;

  /** Guarded by the lock. The oldest one first, since all live as long. */
  private final Map<K, Entry<V>> entries = new LinkedHashMap<>();

  private record Entry<V>(V session, long bornNanos) {}

  SessionCache(int most) {
    this.most = most;
  }

  /** The session with a key, null when there is none that is young enough. */
  @Nullable V get(K key, long nowNanos) {
    lock.lock();
    try {
      dropOld(nowNanos);
      Entry<V> entry = entries.get(key);
      return entry == null ? null : entry.session;
    } finally {
      lock.unlock();
    }
  }

  /** Keeps a session that was made now, in the place of another one with the same key. */
  void put(K key, V session, long nowNanos) {
    lock.lock();
    try {
      entries.remove(key);
      dropOld(nowNanos);
      if (entries.size() >= most) {
        entries.remove(entries.keySet().iterator().next());
      }
      entries.put(key, new Entry<>(session, nowNanos));
    } finally {
      lock.unlock();
    }
  }

  private void dropOld(long nowNanos) {
    Iterator<Entry<V>> all = entries.values().iterator();
    while (all.hasNext() && nowNanos - all.next().bornNanos >= LIFETIME_NANOS) {
      all.remove();
    }
  }
}
