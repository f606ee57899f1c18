"""What the dashboard asks of AgentOS: an AG-UI endpoint on the official
protocol package, metrics of the official Prometheus client, and stubs."""

import asyncio

from ag_ui.core import (
    RunAgentInput,
    RunFinishedEvent,
    RunStartedEvent,
    TextMessageContentEvent,
    TextMessageEndEvent,
    TextMessageStartEvent,
)
from ag_ui.encoder import EventEncoder
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route


async def talk(request):
    try:
        run = RunAgentInput.model_validate_json(await request.body())
    except ValidationError as error:
        return JSONResponse({"detail": error.errors(include_url=False)}, 422)
    encoder = EventEncoder(accept=request.headers.get("accept"))

    async def events():
        ids = {"thread_id": run.thread_id, "run_id": run.run_id}
        message = {"message_id": f"answer-{run.run_id}"}
        yield encoder.encode(RunStartedEvent(**ids))
        yield encoder.encode(TextMessageStartEvent(role="assistant", **message))
        for word in ("All", " is", " well."):
            # So that events arrive apart from each other, as an agent's do.
            await asyncio.sleep(0.01)
            yield encoder.encode(TextMessageContentEvent(delta=word, **message))
        yield encoder.encode(TextMessageEndEvent(**message))
        yield encoder.encode(RunFinishedEvent(**ids))

    return StreamingResponse(events(), media_type=encoder.get_content_type())


async def healthy(_request):
    return JSONResponse({"status": "ok"})


async def metrics(_request):
    # Not the client's own `make_asgi_app`: mounted here it answers 307 to
    # /metrics/, and the runner follows no redirect.
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


app = Starlette(
    routes=[
        Route("/agui", talk, methods=["POST"]),
        Route("/health", healthy),
        Route("/agents/dashboard/health", healthy),
        Route("/agents/pm/a2a/status", healthy),
        Route("/metrics", metrics),
    ]
)
