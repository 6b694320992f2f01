package dev.tercet;

/**
 * The names of an address, the result of {@code getnameinfo} (spec IO-K10).
 *
 * @param host the host's name; its address as text when it has none
 * @param service the service that usually has the port; the port as text when none is known
 */
public record NameInfo(String host, String service) {
  /** For example {@code db.example:postgresql}, or {@code [2001:db8::1]:5432}. */
  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + service;
  }
}
