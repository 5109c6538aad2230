"""An agent that asks another one through a tool."""

from __future__ import annotations

import exporting
from pydantic_ai import Agent

Agent.instrument_all()
inner = Agent("openai-chat:m-1", name="weather", system_prompt="Be brief.")
outer = Agent("openai-chat:m-1", name="planner")


@inner.tool_plain
def look_up(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


@outer.tool_plain
async def ask(city: str) -> str:
    """Somebody who knows."""
    return (await inner.run(f"Weather in {city}?")).output


print(outer.run_sync("How is the weather?").output)
exporting.provider.shutdown()
