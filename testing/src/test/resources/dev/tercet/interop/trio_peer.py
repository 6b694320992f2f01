"""Trio's TLS as a peer that does what it is told by lines, in either role.

Usage: trio_peer.py server|client CA PEM

A server listens for each version and manner, and says where. A client reads lines from stdin, each a version, a manner and a
port, and connects. A manner is strict or https. What ended a conversation is printed.
"""
import ssl
import sys

import trio

role, ca, pem = sys.argv[1:]


def context(version):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if role == "server" else ssl.PROTOCOL_TLS_CLIENT)
    made.load_cert_chain(pem)
    made.load_verify_locations(ca)
    made.verify_mode = ssl.CERT_REQUIRED
    # Python lets OpenSSL 3 take an end without close_notify for one with it. Trio promises to tell them apart, and can without this.
    made.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
    made.minimum_version = made.maximum_version = getattr(ssl.TLSVersion, version)
    return made


def say(text):
    print(text, flush=True)


async def line_of(stream, received):
    """A line, and what came behind it; None at the end."""
    while b"\n" not in received:
        chunk = await stream.receive_some()
        if not chunk:
            return None, received
        received += chunk
    line, _, rest = received.partition(b"\n")
    return line, rest


async def obey(stream):
    """Goes on until something ends the conversation, and returns what."""
    answers = False
    received = b""
    while True:
        line, received = await line_of(stream, received)
        if line is None:
            if answers:
                transport, _ = await stream.unwrap()
                await transport.send_all(b"plain\n")
                await transport.aclose()
            return "eof"
        if line == b"unwrap":
            transport, received = await stream.unwrap()
            line, _ = await line_of(transport, received)
            await transport.send_all(b"plain " + line + b"\n")
            await transport.aclose()
            return "unwrap"
        if line == b"close":
            await stream.aclose()
            return "close"
        if line == b"cut":
            await trio.aclose_forcefully(stream)
            return "cut"
        answers = line == b"answer"
        await stream.send_all(line + b"\n")


async def talk(stream):
    try:
        end = await obey(stream)
    except trio.BrokenResourceError as e:
        cause = e.__cause__
        end = "truncation" if isinstance(cause, ssl.SSLError) and "EOF" in str(cause) else repr(cause)
    say("ended by " + end)
    await trio.aclose_forcefully(stream)


async def main():
    if role == "client":
        async for line in trio.wrap_file(sys.stdin):
            version, manner, port = line.split()
            await talk(
                await trio.open_ssl_over_tcp_stream(
                    "127.0.0.1", int(port), ssl_context=context(version), https_compatible=manner == "https"
                )
            )
    else:
        async with trio.open_nursery() as nursery:
            for version in "TLSv1_2", "TLSv1_3":
                for manner in "strict", "https":
                    listeners = await trio.open_ssl_over_tcp_listeners(
                        0, context(version), host="127.0.0.1", https_compatible=manner == "https"
                    )
                    port = listeners[0].transport_listener.socket.getsockname()[1]
                    nursery.start_soon(trio.serve_listeners, talk, listeners)
                    say("%s %s port %d" % (version, manner, port))


trio.run(main)
