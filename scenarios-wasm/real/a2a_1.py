"""An agent on the official A2A SDK 1.x, which speaks 1.0 and, at the same
address, 0.3. Its own address comes in the variable AGENT_URL."""

import asyncio
import os

from a2a.helpers import new_task, new_text_part
from a2a.server.agent_execution import AgentExecutor
from a2a.server.request_handlers import DefaultRequestHandler
from a2a.server.routes import create_agent_card_routes, create_jsonrpc_routes
from a2a.server.tasks import InMemoryTaskStore, TaskUpdater
from a2a.types import (
    AgentCapabilities,
    AgentCard,
    AgentInterface,
    AgentSkill,
    TaskState,
)
from a2a.utils.errors import UnsupportedOperationError
from starlette.applications import Starlette


class Agent(AgentExecutor):
    """Answers every message with one finished task: four events in a stream."""

    async def execute(self, context, event_queue):
        task = new_task(
            context.task_id,
            context.context_id,
            TaskState.TASK_STATE_SUBMITTED,
            history=[context.message],
        )
        await event_queue.enqueue_event(task)
        updater = TaskUpdater(event_queue, context.task_id, context.context_id)
        await updater.start_work()
        # So that events arrive apart from each other, as an agent's do.
        await asyncio.sleep(0.01)
        await updater.add_artifact([new_text_part("All is well.")], name="status")
        await asyncio.sleep(0.01)
        await updater.complete()

    async def cancel(self, context, event_queue):
        raise UnsupportedOperationError


url = os.environ["AGENT_URL"]
card = AgentCard(
    name="Status",
    description="Says that all is well.",
    version="1.0.0",
    supported_interfaces=[
        AgentInterface(url=url, protocol_binding="JSONRPC", protocol_version=version)
        for version in ("1.0", "0.3")
    ],
    capabilities=AgentCapabilities(streaming=True),
    default_input_modes=["text/plain"],
    default_output_modes=["text/plain"],
    skills=[
        AgentSkill(
            id="status", name="Status", description="Says how it is.", tags=["status"]
        )
    ],
)
handler = DefaultRequestHandler(
    agent_executor=Agent(), task_store=InMemoryTaskStore(), agent_card=card
)
app = Starlette(
    routes=[
        *create_agent_card_routes(card),
        *create_jsonrpc_routes(handler, "/", enable_v0_3_compat=True),
    ]
)
