"""An RLM whose cells ask several questions at once, under the instrumentation of OpenInference."""

from __future__ import annotations

import os

import dspy
import exporting
from dspy.primitives.local_interpreter import LocalInterpreter
from openinference.instrumentation.dspy import DSPyInstrumentor

DSPyInstrumentor().instrument(tracer_provider=exporting.provider)
url = os.environ["OPENAI_BASE_URL"]
dspy.configure(lm=dspy.LM("openai/m-1", cache=False, api_base=url, api_key="x"))
ask = dspy.RLM("context, query -> answer", max_iters=3, interpreter_factory=LocalInterpreter)
print(ask(context="The grass is green. " * 50, query="what colour?").answer)
exporting.provider.shutdown()
