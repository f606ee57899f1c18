"""The other side of WebSocket sessions, on the package `websockets`.

    websocket.py PORT [CERTIFICATE KEY]

Speaks TLS where it has a certificate. When it is told to stop (SIGTERM), it prints
what it has seen, as one line of JSON.
"""

import asyncio
import json
import signal
import ssl
import sys
from collections import Counter
from http import HTTPStatus

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

seen = Counter()


def answer(connection, request):
    """Opens no session at one path."""
    if request.path == "/closed":
        seen["refused"] += 1
        return connection.respond(HTTPStatus.FORBIDDEN, "closed today")
    return None


def finish(connection, request, response):
    """Puts a header on the answer that the guest asks for."""
    response.headers["x-room"] = "kitchen"


async def echo(session):
    async for message in session:
        seen["messages"] += 1
        await session.send(message)


async def tell(session):
    """Says one of each, and closes."""
    await session.send(["in ", "pie", "ces"])
    await session.send(bytes(200_000))
    await (await session.ping())
    await session.send("ponged")
    await session.close(4001, "bye")


async def talk(session):
    seen["sessions"] += 1
    try:
        await {"/chat": echo, "/told": tell}[session.request.path](session)
    except ConnectionClosed:
        pass
    await session.wait_closed()
    seen[f"closed {session.close_code}"] += 1


def best(_session, offered):
    """The last one is what this server likes best."""
    return offered[-1] if offered else None


def tls(certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


async def main(port, *identity):
    stop = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set_result, None)
    async with serve(
        talk,
        "127.0.0.1",
        int(port),
        ssl=tls(*identity) if identity else None,
        select_subprotocol=best,
        process_request=answer,
        process_response=finish,
    ):
        await stop
    print(json.dumps(seen), flush=True)


asyncio.run(main(*sys.argv[1:]))
