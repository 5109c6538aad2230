"""An agent with a tool, of LangChain on LangGraph."""

from __future__ import annotations

import exporting
from langchain.agents import create_agent
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from openinference.instrumentation.langchain import LangChainInstrumentor

LangChainInstrumentor().instrument(tracer_provider=exporting.provider)


@tool
def look_up(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


agent = create_agent(ChatOpenAI(model="m-1"), tools=[look_up], system_prompt="Be brief.")
asked = {"messages": [{"role": "user", "content": "Weather in Paris?"}]}
print(agent.invoke(asked)["messages"][-1].content)
exporting.provider.shutdown()
