"""Bodies in the encoding that the client accepts, by Starlette and its
middleware for compression."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route
from starlette_compress import CompressMiddleware


async def text(_request):
    return PlainTextResponse("hello " * 1000)


async def pieces(_request):
    async def lines():
        for _ in range(1000):
            yield "hello "

    return StreamingResponse(lines(), media_type="text/plain")


app = Starlette(
    routes=[Route("/text", text), Route("/pieces", pieces)],
    middleware=[Middleware(CompressMiddleware)],
)
