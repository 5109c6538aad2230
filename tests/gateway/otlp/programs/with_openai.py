"""A program of its own making, over the client of OpenAI."""

from __future__ import annotations

import exporting
import openai
from openinference.instrumentation.openai import OpenAIInstrumentor

OpenAIInstrumentor().instrument(tracer_provider=exporting.provider)
client = openai.OpenAI(max_retries=0)

with exporting.tracer.start_as_current_span("summarise"):
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Weather?"},
    ]
    client.chat.completions.create(model="m-1", messages=messages)
    for _ in client.chat.completions.create(
        model="m-1", messages=messages, stream=True, stream_options={"include_usage": True}
    ):
        pass
    client.responses.create(model="m-1", input="Weather again?")
    client.embeddings.create(model="e-1", input="Weather")
    try:
        client.chat.completions.create(
            model="m-1", messages=[{"role": "user", "content": "refuse"}]
        )
    except openai.BadRequestError:
        pass
client.chat.completions.create(model="m-1", messages=[{"role": "user", "content": "Alone?"}])
exporting.provider.shutdown()
