"""An agent with a tool, of the Agents SDK."""

from __future__ import annotations

import exporting
from agents import Agent, Runner, function_tool
from openinference.instrumentation.openai_agents import OpenAIAgentsInstrumentor

OpenAIAgentsInstrumentor().instrument(tracer_provider=exporting.provider)


@function_tool
def look_up(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


agent = Agent(name="weather", instructions="Be brief.", tools=[look_up], model="m-1")
print(Runner.run_sync(agent, "Weather in Paris?").final_output)
exporting.provider.shutdown()
