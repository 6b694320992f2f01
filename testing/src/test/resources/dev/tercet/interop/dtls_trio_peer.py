"""Trio's DTLS as a peer, in either role.

Usage: dtls_trio_peer.py server|client PEM

A server says its port, and echoes. A client reads lines from stdin, each a port: it dials it, from the same socket each time, says
hello, and prints what comes back; it closes nothing, as a client that has crashed.
"""
import sys

import trio
from OpenSSL import SSL

role, pem = sys.argv[1:]


def say(text):
    print(text, flush=True)


async def echo(channel):
    try:
        await channel.do_handshake()
        say("handshake")
        while True:
            await channel.send(await channel.receive())
    except (trio.BrokenResourceError, SSL.Error) as e:
        say("ended by " + type(e).__name__)


async def dial(endpoint, context, port):
    channel = endpoint.connect(("127.0.0.1", port), context)
    with trio.fail_after(30):
        await channel.do_handshake()
        await channel.send(b"hello")
        say("received " + (await channel.receive()).decode())
    return channel


async def main():
    context = SSL.Context(SSL.DTLS_METHOD)
    context.use_privatekey_file(pem)
    context.use_certificate_chain_file(pem)
    udp = trio.socket.socket(type=trio.socket.SOCK_DGRAM)
    await udp.bind(("127.0.0.1", 0))
    endpoint = trio.DTLSEndpoint(udp)
    if role == "server":
        say("port %d" % udp.getsockname()[1])
        await endpoint.serve(context, echo)
    else:
        channels = []
        async for line in trio.wrap_file(sys.stdin):
            channels.append(await dial(endpoint, context, int(line)))


trio.run(main)
