"""Run in an environment of rlms: the same completions recorded and not, in turn; CPU of each.

Prints one JSON line for each pair: CPU seconds unrecorded, recorded, and calls of the run.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from rlm import RLM

from rlmboard.integrations.rlms import record


def made(url: str, calls: int) -> Any:
    backend = {"model_name": f"calls-{calls}", "base_url": url, "api_key": "none"}
    sub = {**backend, "model_name": "leaf"}
    return RLM(
        backend="openai",
        backend_kwargs=backend,
        other_backends=["openai"],
        other_backend_kwargs=[sub],
        max_iterations=4,
    )


def spent_s(rlm: Any) -> float:
    began = time.process_time()
    rlm.completion("a context", root_prompt="What is it about?")
    return time.process_time() - began


def main(url: str, pairs: int, calls: int) -> None:
    for rlm in (made(url, calls), record(made(url, calls))):
        spent_s(rlm)  # everything is loaded, and every connection made
    for pair in range(pairs):
        each = [(0, made(url, calls)), (1, record(made(url, calls)))]
        spent = {recorded: spent_s(rlm) for recorded, rlm in (each if pair % 2 else each[::-1])}
        sys.stdout.write(json.dumps([spent[0], spent[1], calls]) + "\n")
        sys.stdout.flush()


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
