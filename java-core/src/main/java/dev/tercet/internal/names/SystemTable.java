package dev.tercet.internal.names;

import dev.tercet.internal.thread.LibraryThreads;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A table of the system, read when somebody first asks, once, on a thread of its own, since a file
 * may be on a disk that does not answer. What the file does not know, and all of it where there is
 * no file, comes from a small table here.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
final class SystemTable {
  /** What services usually listen on. */
  static final SystemTable SERVICES =
      new SystemTable(
          Path.of("/etc/services"),
          """
          echo     7/tcp
          discard  9/tcp
          ftp      21/tcp
          ssh      22/tcp
          telnet   23/tcp
          smtp     25/tcp   mail
          time     37/tcp
          domain   53/tcp
          http     80/tcp   www
          pop3     110/tcp
          sunrpc   111/tcp  portmapper
          ntp      123/tcp
          imap2    143/tcp  imap
          snmp     161/tcp
          bgp      179/tcp
          ldap     389/tcp
          https    443/tcp
          submissions 465/tcp
          syslog   514/tcp
          submission 587/tcp
          ldaps    636/tcp
          domain-s 853/tcp
          imaps    993/tcp
          pop3s    995/tcp
          socks    1080/tcp
          mysql    3306/tcp
          postgresql 5432/tcp postgres
          xmpp-client 5222/tcp
          http-alt 8080/tcp webcache
          """);

  /** The protocols above IP. */
  static final SystemTable PROTOCOLS =
      new SystemTable(
          Path.of("/etc/protocols"),
          """
          ip        0   IP
          icmp      1   ICMP
          igmp      2   IGMP
          ipencap   4   IP-ENCAP
          tcp       6   TCP
          egp       8   EGP
          udp       17  UDP
          ipv6      41  IPv6
          ipv6-route 43 IPv6-Route
          ipv6-frag 44  IPv6-Frag
          gre       47  GRE
          esp       50  IPSEC-ESP
          ah        51  IPSEC-AH
          ipv6-icmp 58  IPv6-ICMP
          ipv6-nonxt 59 IPv6-NoNxt
          ipv6-opts 60  IPv6-Opts
          ospf      89  OSPFIGP
          vrrp      112 VRRP
          sctp      132 SCTP
          udplite   136 UDPLite
          """);

  private final Path file;
  private final String builtIn;

  /** Guarded by this; null until somebody asks. */
  private @Nullable CompletableFuture<NameTable> table;

  SystemTable(Path file, String builtIn) {
    this.file = file;
    this.builtIn = builtIn;
  }

  /** The table; fails only when no thread can be had. */
  synchronized CompletionStage<NameTable> table() {
    CompletableFuture<NameTable> present = table;
    if (present == null) {
      CompletableFuture<NameTable> fresh = new CompletableFuture<>();
      LibraryThreads.make("tercet-names", () -> fresh.complete(read())).start();
      table = fresh;
      present = fresh;
    }
    return present;
  }

  private NameTable read() {
    List<String> lines = new ArrayList<>();
    try {
      // Every byte is a character of this one: names and numbers are ASCII, comments may be
      // anything.
      lines.addAll(Files.readAllLines(file, StandardCharsets.ISO_8859_1));
    } catch (IOException | RuntimeException none) {
      // No such file, or not for us: a table is a convenience.
    }
    lines.addAll(builtIn.lines().toList());
    return new NameTable(lines);
  }
}
