"""Pydantic AI under Logfire, which announces each span when it starts."""

from __future__ import annotations

import os
import sys

import logfire
from logfire import AdvancedOptions
from pydantic_ai import Agent

logfire.configure(
    send_to_logfire=False, console=False, inspect_arguments=False, advanced=AdvancedOptions()
)
logfire.instrument_pydantic_ai()
agent = Agent("openai-chat:m-1", name="weather")
print(agent.run_sync("Weather?").output)
logfire.shutdown()
sys.stdout.flush()
os._exit(0)
