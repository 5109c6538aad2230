"""A chain of thought."""

from __future__ import annotations

import os

import dspy
import exporting
from openinference.instrumentation.dspy import DSPyInstrumentor

DSPyInstrumentor().instrument(tracer_provider=exporting.provider)
url = os.environ["OPENAI_BASE_URL"]
dspy.configure(lm=dspy.LM("openai/m-1", cache=False, api_base=url, api_key="x"))
think = dspy.ChainOfThought("question -> answer")
print(think(question="Weather?").answer)
exporting.provider.shutdown()
