package dev.tercet.samples.tcat

private const val ADDRESSES =
    """ADDRESS
  tcp:HOST:PORT   a name or an IP address, IPv6 in brackets: tcp:[::1]:80
  udp:HOST:PORT   datagrams, one per read of stdin, written to stdout as they come
  unix:PATH       a Unix-domain socket
"""

private const val EXIT_CODES =
    """Exit codes
  0  clean
  1  a connection or the peer failed; one line on stderr says what and where
  2  bad usage
"""

const val HELP =
    """tcat: a netcat on Tercet

  tcat demo                        a guided tour on loopback; nothing to set up
  tcat connect ADDRESS [options]   stdin to the peer, the peer to stdout
  tcat listen ADDRESS [--echo | --exec CMD... | --forward ADDRESS] [options]
  tcat COMMAND --help              more about a command
  tcat --version

$ADDRESSES
$EXIT_CODES"""

const val HELP_CONNECT =
    """tcat connect ADDRESS [options]

Sends stdin to the peer and writes what the peer sends to stdout. The end of stdin is passed on to
the peer, and receiving goes on; it is over when both directions have ended, or, with a terminal
as stdin, when the peer has ended.

With udp: nothing ever says that it is over: it goes on after the end of stdin, until Ctrl-C or,
with --timeout, until no datagram has gone or come for so long. A line of a terminal is a datagram;
of a file or pipe it is what one read gives, at most 65,507 bytes.

Options
  --timeout SECONDS      give up when not connected by then; udp: end when nothing moves for so long
  --local-address HOST   connect from this address of this machine
  --trace                on stderr: what was tried and when, and what was moved

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
  --trace                on stderr: each connection, and a summary at the end

TERM and INT (Ctrl-C) stop it: no new connections, 10 s for those there are. A second one stops it
at once, and so does the first when it serves one connection only and has it.

With udp: --echo answers each datagram to its sender, with --once the first only. Without --echo
it talks to the sender of the first datagram, and to nobody else. It ends with TERM or INT, or, with
--timeout, when nothing has moved for so long after the first datagram.

Port 0 means any port, no host (tcp::PORT) all addresses of this machine.
$ADDRESSES
$EXIT_CODES"""

const val HELP_DEMO =
    """tcat demo

A guided tour on loopback: what the library promises, done before your eyes. Takes two or three
seconds; the exit code is 1 when something was not as promised.
"""
