"""Trio's TLS as a peer that does what it is told by lines, in either role.

Usage: trio_peer.py server|client VERSION strict|https CA PEM [PORT]
"""
import ssl
import sys

import trio

role, version, manner, ca, pem = sys.argv[1:6]
https = manner == "https"
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if role == "server" else ssl.PROTOCOL_TLS_CLIENT)
context.load_cert_chain(pem)
context.load_verify_locations(ca)
context.verify_mode = ssl.CERT_REQUIRED
# Python lets OpenSSL 3 take an end without a goodbye for one with it. Trio promises to tell them apart, and can without this.
context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
context.minimum_version = context.maximum_version = getattr(ssl.TLSVersion, version)


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
    try:
        answers = False
        received = b""
        while True:
            line, received = await line_of(stream, received)
            if line is None:
                say("eof")
                if answers:
                    transport, _ = await stream.unwrap()
                    await transport.send_all(b"plain\n")
                    await transport.aclose()
                return
            if line == b"unwrap":
                transport, received = await stream.unwrap()
                line, _ = await line_of(transport, received)
                await transport.send_all(b"plain " + line + b"\n")
                await transport.aclose()
                return
            if line == b"close":
                await stream.aclose()
                return
            if line == b"cut":
                await trio.aclose_forcefully(stream)
                return
            answers = line == b"answer"
            await stream.send_all(line + b"\n")
    except trio.BrokenResourceError as e:
        cause = e.__cause__
        if isinstance(cause, ssl.SSLError) and "EOF" in str(cause):
            say("truncated")
        else:
            say("broken by %r" % cause)


async def main():
    if role == "client":
        stream = await trio.open_ssl_over_tcp_stream(
            "127.0.0.1", int(sys.argv[6]), ssl_context=context, https_compatible=https
        )
        await obey(stream)
    else:
        listeners = await trio.open_ssl_over_tcp_listeners(
            0, context, host="127.0.0.1", https_compatible=https
        )
        say("port %d" % listeners[0].transport_listener.socket.getsockname()[1])
        await trio.serve_listeners(obey, listeners)


trio.run(main)
