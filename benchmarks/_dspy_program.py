"""Run in an environment of dspy: the same program recorded and not, in turn; CPU of each.

Prints one JSON line for each round: CPU seconds unrecorded, recorded, and by MLflow's autolog where
it is installed and the last argument asks for it, and calls of the program.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import dspy

from rlmboard.integrations.dspy import Recorder

TEXT = "Two thousand characters of prose that a model might have written. " * 30


class Asks(dspy.Module):
    """As many questions, one after the other."""

    def __init__(self, lm: Any, calls: int) -> None:
        super().__init__()
        self.lm, self.calls = lm, calls

    def forward(self) -> dspy.Prediction:
        return dspy.Prediction(answers=[self.lm(f"{n} {TEXT}")[0] for n in range(self.calls)])


def spent_s(program: Asks, *callbacks: Any) -> float:
    with dspy.context(callbacks=list(callbacks)):
        began = time.process_time()
        program()
        return time.process_time() - began


def autologged() -> Callable[[Asks], float]:
    """MLflow's callbacks, as its autolog sets them, to a store of its own."""
    import mlflow

    os.environ["MLFLOW_ENABLE_ASYNC_TRACE_LOGGING"] = "true"
    mlflow.set_tracking_uri(f"sqlite:///{tempfile.mkdtemp()}/mlflow.db")
    mlflow.dspy.autolog()
    callbacks = list(dspy.settings.callbacks)
    dspy.configure(callbacks=[])
    return lambda program: spent_s(program, *callbacks)


def main(url: str, pairs: int, calls: int, beside: bool) -> None:
    lm = dspy.LM("openai/leaf", api_base=url, api_key="none", cache=False)
    dspy.configure(lm=lm)
    recorder = Recorder()
    ways: list[Callable[[Asks], float]] = [spent_s, lambda program: spent_s(program, recorder)]
    ways += [autologged()] if beside else []
    for way in ways:
        way(Asks(lm, 5))  # everything is loaded, and every connection made
    for round in range(pairs):
        turn = round % len(ways)
        order = [*range(turn, len(ways)), *range(turn)]
        spent = {number: ways[number](Asks(lm, calls)) for number in order}
        sys.stdout.write(json.dumps([*(spent[n] for n in sorted(spent)), calls]) + "\n")
        sys.stdout.flush()


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), "--beside" in sys.argv)
