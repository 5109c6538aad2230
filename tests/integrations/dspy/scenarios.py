"""Programs of dspy, each recorded by one callback. `scenarios.py NAME URL` runs one."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import Callable
from typing import Any

import dspy
from dspy.primitives.local_interpreter import LocalInterpreter

import rlmboard
from rlmboard.integrations.dspy import Recorder

NAME, URL = sys.argv[1:3]
CONTEXT = "The grass is green. " * 50


def lm(model: str, **more: Any) -> dspy.LM:
    settings = {"api_base": URL, "api_key": "sk-secret-of-the-test", "cache": False, **more}
    return dspy.LM(f"openai/{model}", **settings)


def rlm(**more: Any) -> dspy.RLM:
    settings: dict[str, Any] = {"max_iters": 5, "sub_lm": lm("sub", **more.pop("sub", {}))}
    settings["interpreter_factory"] = LocalInterpreter
    return dspy.RLM("context, query -> answer", **settings | more)


def look(word: str) -> str:
    """Look a word up."""
    return f"{word} was found"


def silent_kind(kind: type) -> type:
    """The interpreter without what tells callbacks: its methods as they were written."""
    methods = {
        name: method.__wrapped__
        for name in ("execute", "start", "shutdown", "invoke_tool")
        if hasattr(method := getattr(kind, name, None), "__wrapped__")
    }
    return type("Silent", (kind,), methods)


class Summarize(dspy.Module):
    """Two steps of a program: each piece is read, then all of them are brought together."""

    def __init__(self) -> None:
        super().__init__()
        self.read = dspy.ChainOfThought("piece -> finding")
        self.join = dspy.Predict("findings -> answer")

    def forward(self, pieces: list[str]) -> dspy.Prediction:
        found = dspy.Parallel(num_threads=4, disable_progress_bar=True)(
            [(self.read, {"piece": piece}) for piece in pieces]
        )
        return self.join(findings="; ".join(one.finding for one in found))


def basic() -> None:
    print(rlm(tools=[look])(context=CONTEXT, query="what colour?").answer)


def program() -> None:
    print(Summarize()(pieces=["one", "two", "three"]).answer)


def asynchronous() -> None:
    print(asyncio.run(rlm().acall(context=CONTEXT, query="what colour?")).answer)


def silent() -> None:
    print(
        rlm(interpreter_factory=silent_kind(LocalInterpreter))(
            context=CONTEXT, query="what colour?"
        ).answer
    )


def exhausted() -> None:
    print(rlm(max_iters=2)(context=CONTEXT, query="what colour?").answer)


def over_budget() -> None:
    print(rlm(max_llm_calls=2)(context=CONTEXT, query="what colour?").answer)


def failing() -> None:
    with contextlib.suppress(Exception):
        rlm(sub={"num_retries": 0})(context=CONTEXT, query="what colour?")


def retried() -> None:
    print(lm("main", num_retries=2)("again?")[0])


def candidates() -> None:
    print(len(lm("main")("thrice?", n=3, temperature=1.0)))


def cached() -> None:
    asked = dspy.Predict("question -> answer")
    asked.lm = lm("main", cache=True)
    for _ in range(2):
        print(asked(question="once?").answer)


def joined() -> None:
    with rlmboard.init("Two modules in one run", producer="mine") as run:
        dspy.Predict("question -> answer")(question="first?")
        with run.subquery("And inside a sub-query?") as query:
            dspy.Predict("question -> answer")(question="second?")
            query.returned("both")
        run.output = "done"


def threads() -> None:
    """Two programs at once: two runs, and nothing of one is in the other."""
    asked = [
        threading.Thread(target=dspy.Predict("question -> answer"), kwargs={"question": f"{n}?"})
        for n in range(4)
    ]
    for thread in asked:
        thread.start()
    for thread in asked:
        thread.join()


def evaluated() -> None:
    examples = [
        dspy.Example(question=f"{n}?", answer="yes").with_inputs("question") for n in (1, 2)
    ]
    judge = dspy.Evaluate(
        devset=examples, metric=exact_match, num_threads=2, display_progress=False
    )
    print(judge(dspy.Predict("question -> answer")).score)


def exact_match(example: dspy.Example, answer: dspy.Prediction, trace: Any = None) -> bool:
    return bool(example.answer == answer.answer)


def interrupted() -> None:
    def stop() -> str:
        """Stop."""
        raise KeyboardInterrupt

    class Stops(dspy.Module):
        def forward(self) -> None:
            dspy.Predict("question -> answer")(question="first?")
            stop()

    with contextlib.suppress(KeyboardInterrupt):
        Stops()()


def no_home() -> None:
    basic()


SCENARIOS: dict[str, Callable[[], None]] = {
    made.__name__: made
    for made in (
        basic, program, asynchronous, silent, exhausted, over_budget, failing, retried, candidates,
        cached, joined, threads, evaluated, interrupted, no_home,
    )
}  # fmt: skip

if __name__ == "__main__":
    recorder = Recorder(experiment="needles", tags=["dspy"])
    dspy.configure(lm=lm("main"), callbacks=[recorder] if "bare" not in sys.argv else [])
    SCENARIOS[NAME]()
    if recorder.problem is not None:
        raise recorder.problem
