"""Programs that ask through a gateway. `programs.py NAME URL` runs one, in its environment."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

NAME, URL = sys.argv[1:3]
KEY = "sk-the-key-of-a-program-0123456789"


def rlm(url: str) -> Any:
    from rlm import RLM

    backend = {"model_name": "main", "base_url": url, "api_key": KEY}
    return RLM(
        backend="openai",
        backend_kwargs=backend,
        other_backends=["openai"],
        other_backend_kwargs=[{**backend, "model_name": "leaf"}],
        max_iterations=4,
    )


def rlms_plain() -> None:
    """As its README shows it: nothing but the address is ours."""
    print(rlm(URL.replace("/v1", "/r/plain/v1")).completion("x" * 2000).response)


def rlms_recorded() -> None:
    from rlmboard.integrations.rlms import record

    print(record(rlm(URL)).completion("x" * 2000).response)


def dspy_recorded() -> None:
    import dspy

    from rlmboard.integrations.dspy import Recorder

    dspy.configure(callbacks=[Recorder()])
    lm = dspy.LM("openai/main", api_base=URL, api_key=KEY, cache=False)
    with dspy.context(lm=lm):
        print(dspy.Predict("question -> answer")(question="Why?").answer)


def openai_client() -> None:
    """Every way to ask that the client has."""
    import openai

    client = openai.OpenAI(base_url=URL.replace("/v1", "/r/sdk/v1"), api_key=KEY)
    messages: list[Any] = [{"role": "user", "content": "one"}]
    first = client.chat.completions.create(model="m", messages=messages)
    messages += [first.choices[0].message.model_dump(), {"role": "user", "content": "two"}]
    options: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}}
    for _ in client.chat.completions.create(model="m", messages=messages, **options):
        pass
    client.completions.create(model="m", prompt="zero", max_tokens=5)
    client.completions.create(model="m", prompt=["zero", "again"], n=2)
    for _ in client.completions.create(model="m", prompt="and streamed", **options):
        pass
    client.responses.create(model="m", input="three")
    with client.responses.stream(model="m", input="four") as stream:
        stream.get_final_response()
    client.embeddings.create(model="m", input=["five", "six"])
    print([model.id for model in client.models.list()])
    asyncio.run(fan_out())


async def fan_out() -> None:
    import openai

    client = openai.AsyncOpenAI(base_url=URL.replace("/v1", "/r/sdk/v1"), api_key=KEY)
    asked = [
        client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": f"piece {n}"}]
        )
        for n in range(12)
    ]
    await asyncio.gather(*asked)


def openai_budget() -> None:
    """Asks until it may not any more."""
    import openai

    client = openai.OpenAI(base_url=URL.replace("/v1", "/r/poor/v1"), api_key=KEY)
    for number in range(50):
        try:
            client.chat.completions.create(
                model="m", messages=[{"role": "user", "content": f"{number}"}], max_tokens=50
            )
        except openai.APIStatusError as error:
            print(number, error.status_code, error.body["code"])
            return


{
    "rlms_plain": rlms_plain,
    "rlms_recorded": rlms_recorded,
    "dspy_recorded": dspy_recorded,
    "openai_client": openai_client,
    "openai_budget": openai_budget,
}[NAME]()
