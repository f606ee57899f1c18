"""An agent on the official A2A SDK 0.3. Its own address comes in the variable
AGENT_URL."""

import asyncio
import os

from a2a.server.agent_execution import AgentExecutor
from a2a.server.apps import A2AStarletteApplication
from a2a.server.request_handlers import DefaultRequestHandler
from a2a.server.tasks import InMemoryTaskStore, TaskUpdater
from a2a.types import (
    AgentCapabilities,
    AgentCard,
    AgentSkill,
    Part,
    TextPart,
    UnsupportedOperationError,
)
from a2a.utils import new_task
from a2a.utils.errors import ServerError


class Agent(AgentExecutor):
    """Answers every message with one finished task: four events in a stream."""

    async def execute(self, context, event_queue):
        task = context.current_task or new_task(context.message)
        await event_queue.enqueue_event(task)
        updater = TaskUpdater(event_queue, task.id, task.context_id)
        await updater.start_work()
        # So that events arrive apart from each other, as an agent's do.
        await asyncio.sleep(0.01)
        await updater.add_artifact(
            [Part(root=TextPart(text="All is well."))], name="status"
        )
        await asyncio.sleep(0.01)
        await updater.complete()

    async def cancel(self, context, event_queue):
        raise ServerError(error=UnsupportedOperationError())


card = AgentCard(
    name="Status",
    description="Says that all is well.",
    version="1.0.0",
    url=os.environ["AGENT_URL"],
    capabilities=AgentCapabilities(streaming=True),
    default_input_modes=["text/plain"],
    default_output_modes=["text/plain"],
    skills=[
        AgentSkill(
            id="status", name="Status", description="Says how it is.", tags=["status"]
        )
    ],
)
handler = DefaultRequestHandler(agent_executor=Agent(), task_store=InMemoryTaskStore())
app = A2AStarletteApplication(agent_card=card, http_handler=handler).build()
