package dev.tercet.samples.tcat

private const val ADDRESSES =
    """ADDRESS
  tcp:HOST:PORT   a name or an IP address, IPv6 in brackets: tcp:[::1]:80
  udp:HOST:PORT   datagrams, one per read of stdin, written to stdout as they come
  unix:PATH       a Unix-domain socket
  tls:HOST:PORT   TLS over TCP
  tls+unix:PATH   TLS over a Unix-domain socket
  dtls:HOST:PORT  DTLS 1.2 over UDP: messages, as with udp:, but with a peer that is known
"""

private const val EXIT_CODES =
    """Exit codes
  0  clean
  1  a connection or the peer failed; one line on stderr says what and where
  2  bad usage
  3  TLS: the peer ended without saying so; what came is genuine, and may not be all
  4  TLS, DTLS: a certificate or a name was refused, by this side or by the peer
"""

private const val ENDS =
    """The end of a direction can be told with tcp: and unix:, and with TLS 1.3. TLS 1.2 and
--https-compatible have no end of one direction: """

private const val WAY =
    """  -4, -6                       use IPv4 addresses of HOST only, or IPv6 addresses
  --happy-eyeballs-delay MS    so long an attempt has before the next address is tried beside it;
                               250 unless given; none: one address at a time
  --local-address HOST         connect from this address of this machine
  --via ADDRESS                through this HTTP proxy, by CONNECT; tcp: or tls:. Can be repeated,
                               the nearest first. To tcp: and tls: addresses
"""

private const val CLIENT_TLS =
    """Options for tls:, tls+unix: and dtls:; the last three not for dtls:
  --ca FILE             believe the authorities in this PEM file, and nobody else, instead of the
                        platform's; also about tls: proxies
  -k, --insecure        believe anybody; also about tls: proxies
  --server-name NAME    whom the certificate must name; HOST unless given
  --cert FILE           who we are, for servers that ask: PEM, the own certificate first
  --key FILE            the private key, unless it is in the same file
  --alpn A,B            application protocols to offer, the preferred one first
  --tls-versions A,B    1.2, 1.3 or both, as without it
  --https-compatible    as HTTP does it: take an end without close_notify, and send none
  --starttls PROTOCOL   ask the server to begin with TLS: smtp, imap, postgresql or xmpp. What
                        comes before TLS is not shown; SMTP goes on with EHLO again
"""

private const val SHOW =
    """  --hex                        on stderr: what is sent (>) and received (<), as numbers and text
  --log FILE                   the same to the end of this file
  --rate BYTES                 so many bytes in a second at most, in each direction, such as 1500,
                               10K or 1.5M (of 1024); not for udp: and dtls:
"""

const val HELP =
    """tcat: a netcat on Tercet

  tcat demo                        a guided tour on loopback; nothing to set up
  tcat connect ADDRESS [options]   stdin to the peer, the peer to stdout
  tcat listen ADDRESS [--echo | --exec CMD... | --forward ADDRESS] [options]
  tcat check ADDRESS...            which of these addresses and ports can be connected to
  tcat cert ADDRESS                the certificates of a server, and what a client would refuse
  tcat resolve HOST                the addresses of a host in the order of attempts, and why
  tcat COMMAND --help              more about a command
  tcat --version

$ADDRESSES
$EXIT_CODES"""

const val HELP_CONNECT =
    """tcat connect ADDRESS [options]

Sends stdin to the peer and writes what the peer sends to stdout. The end of stdin is passed on to
the peer, and receiving goes on; it is over when both directions have ended, or, with a terminal
as stdin, when the peer has ended.

${ENDS}the end of stdin is not told. A peer that waits
for it would be waited for without end. So tcat closes the connection, and says so on stderr, when
nothing has come for a second after the end of stdin; -q sets another time. The end of the peer is
the end at once, whether stdin has ended or not.

With udp: nothing ever says that it is over: it ends when nothing has come for a second after the
end of stdin (-q), by Ctrl-C or, with --timeout, when no datagram has gone or come for so long. A
line of a terminal is a datagram; of a file or pipe it is what one read gives, at most 65,507 bytes.

With dtls: a message is what one read of stdin gives, at most what fits into a datagram. It ends
by the peer's close_notify, or as with udp:.

Options
  --timeout SECONDS            give up when not connected by then, TLS and all; udp: and
                               dtls: also end when nothing moves for so long
  -q SECONDS                   after the end of stdin: close when nothing has come for so long; 0:
                               at once; none: never. Unless given: none, or 1 where the end of
                               stdin cannot be told: udp:, dtls:, TLS 1.2, --https-compatible
  --mtu BYTES                  dtls: no datagram of the handshake, and no message of stdin, makes a
                               longer datagram; 1472 (IPv6: 1452) unless given
$WAY$SHOW  --trace                      on stderr: the race as a time line, handshakes, and what was moved

$CLIENT_TLS
$ADDRESSES
$EXIT_CODES"""

const val HELP_LISTEN =
    """tcat listen ADDRESS [--echo | --exec CMD... | --forward ADDRESS] [options]

Listens, and prints one line `listening ADDRESS` to stderr when connections are taken. Without one
of the next three it talks to the first connection with stdin and stdout, and ends with it.

  --echo              sends back what it receives
  --exec CMD...       starts CMD for each connection, as its stdin and stdout; takes the rest of
                      the command line
  --forward ADDRESS   connects each connection to ADDRESS

Options
  --once                 one connection, then exit
  --max-connections N    so many at a time; more wait in the system's queue
  --timeout SECONDS      cut connections on which no byte has moved for so long
  -q SECONDS             with stdin: after its end, close when nothing has come for so long; 0: at
                         once; none, as without it: never
  -4, -6                 use IPv4 addresses of HOST only, or IPv6 addresses
  --hex                  on stderr: what is sent (>) and received (<), as numbers and text
  --log FILE             the same to the end of this file
  --rate BYTES           so many bytes in a second at most, per connection and direction, such as
                         1500, 10K or 1.5M (of 1024); not for udp: and dtls:
  --trace                on stderr: each connection, handshakes, and a summary at the end

Options for tls:, tls+unix: and dtls:, to listen on, and but for dtls: to forward to; the last two
not for dtls:
  --cert FILE           who we are: PEM, the own certificate first; needed for listening
  --key FILE            the private key, unless it is in the same file
  --client-auth HOW     ask clients for a certificate: none, as without it, want or need
  --ca FILE             believe the authorities in this PEM file, about clients and about the
                        target of --forward
  -k, --insecure        believe anybody to be the target of --forward
  --server-name NAME    whom the certificate of the target must name; HOST unless given
  --alpn A,B            application protocols, the preferred one first
  --tls-versions A,B    1.2, 1.3 or both, as without it
  --https-compatible    as HTTP does it: take an end without close_notify, and send none

${ENDS}the end of stdin is not told to such a client,
and the end of a command or a target is told by closing. A client that waits for that end in turn,
and an echo or a stdin that does not end the connection, wait for each other for ever: -q or
--timeout ends it, and tcat as the client does by itself.

TERM and INT (Ctrl-C) stop it: no new connections, 10 s for those there are. A second one stops it
at once, and so does the first when it serves one connection only and has it.

With udp: --echo answers each datagram to its sender, with --once the first only. Without --echo
it talks to the sender of the first datagram, and to nobody else. It ends with TERM or INT, or, with
--timeout, when nothing has moved for so long after the first datagram.

With dtls: --echo or stdin and stdout, as with tcp: but message by message, and --mtu BYTES as for
tcat connect. The end of stdin ends nothing without -q.

Port 0 means any port, no host (tcp::PORT) all addresses of this machine.
$ADDRESSES
$EXIT_CODES"""

const val HELP_CHECK =
    """tcat check ADDRESS... [options]

Connects to each ADDRESS, with TLS where it says so, and closes at once. Prints a line for each,
in their order: open, and after how long, or why not. Ports can be lists and ranges, such as
tcp:HOST:22,80,8000-8099. Of a range the ports that are open have a line, and a last line counts
the others by reason. udp: cannot be checked, since nothing need answer there.

The exit code is 0 when each ADDRESS is open, of each range at least one port. Else it is that of
the failures when all have the same, and 1 when they differ.

Options
  --timeout SECONDS            for each connection, name lookup and TLS and all; 5 unless given
  --parallel N                 so many connections at a time; 64 unless given
$WAY
$CLIENT_TLS
$ADDRESSES
$EXIT_CODES"""

const val HELP_CERT =
    """tcat cert ADDRESS [options]

Prints the certificates that a server shows: for whom, by whom, how long, with which key. Below
them is whether a client would accept them, and each reason why it would not: the time, the name,
the authority. As clients do here, it asks nobody whether a certificate was revoked. Nothing is sent
after the handshake. Exit code 0 when a client would accept it, 4 when not.

Options
  --timeout SECONDS            give up when there is no certificate by then
$WAY
$CLIENT_TLS
$ADDRESSES
$EXIT_CODES"""

const val HELP_RESOLVE =
    """tcat resolve HOST [options]

Prints the addresses of a host, one per line, in the order in which a connect would try them, and
why each has its place: a rule of RFC 6724, the resolver's order, or that it is the first of the
other family. Sends nothing but what the lookup needs.

Options
  -4, -6                 only IPv4 addresses, or IPv6 addresses
  --local-address HOST   as if one would connect from this address of this machine

$EXIT_CODES"""

const val HELP_DEMO =
    """tcat demo

A guided tour on loopback: what the library promises, done before your eyes. Takes two or three
seconds; the exit code is 1 when something was not as promised.
"""
