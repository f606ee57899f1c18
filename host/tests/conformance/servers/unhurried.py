"""Answers that take their time, and bodies that are read as they come, by
Starlette."""

import asyncio

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route


async def late(request):
    await asyncio.sleep(float(request.query_params["after"]))
    return PlainTextResponse("late")


async def pausing(request):
    async def pieces():
        yield "one, "
        await asyncio.sleep(float(request.query_params["pause"]))
        yield "two"

    return StreamingResponse(pieces(), media_type="text/plain")


async def dripping(_request):
    async def pieces():
        for _ in range(1000):
            yield "."
            await asyncio.sleep(0.05)

    return StreamingResponse(pieces(), media_type="text/plain")


async def pieces(request):
    """How the body is announced, and how long each piece of it was."""
    lengths = [len(piece) async for piece in request.stream() if piece]
    length = request.headers.get("content-length", "no length")
    return PlainTextResponse(f"{length}: {lengths}")


async def length(request):
    body = await request.body()
    return PlainTextResponse(f"{len(body)} bytes")


app = Starlette(
    routes=[
        Route("/late", late),
        Route("/pausing", pausing),
        Route("/dripping", dripping),
        Route("/pieces", pieces, methods=["POST"]),
        Route("/length", length, methods=["POST"]),
    ]
)
