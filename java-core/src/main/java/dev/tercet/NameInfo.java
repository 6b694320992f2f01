package dev.tercet;

/**
 * What an address is called, the result of {@code getnameinfo} (spec IO-K10).
 *
 * @param host the host's name; its address as text when it has none
 * @param service what usually listens on the port; the port as text when nothing is known
 */
public record NameInfo(String host, String service) {}
