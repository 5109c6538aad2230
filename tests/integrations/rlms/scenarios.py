"""Run in an environment of rlms: goes through scenarios, and prints one JSON line for each.

Those that are named are gone through, or all but the one that has to be killed.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

from rlm import RLM
from rlm.logger import RLMLogger

import rlmboard
from rlmboard.integrations.rlms import record

URL = sys.argv[1]
LOGS = os.environ["RLMS_LOGS"]
CONTEXT = "A long text, of which the model sees only how long it is. " * 40
SCENARIOS: dict[str, Callable[[], dict[str, Any]]] = {}


def scenario(work: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    SCENARIOS[work.__name__] = work
    return work


def made(name: str, **settings: Any) -> RLM:
    """An RLM whose model and key tell the server of the script and of the scenario."""
    key = settings.pop("key", name)
    backend = {
        "model_name": name,
        "base_url": URL,
        "api_key": f"sk-SECRET-{key}",
        "max_retries": 0,
        "default_headers": {"X-Secret": "SECRET-HEADER"},
        **settings.pop("backend_kwargs", {}),
    }
    if settings.pop("leaf", True):
        sub = {**backend, "model_name": "leaf"}
        settings = {"other_backends": ["openai"], "other_backend_kwargs": [sub], **settings}
    logger = RLMLogger(LOGS, file_name=key)
    return RLM(backend="openai", backend_kwargs=backend, logger=logger, **settings)


def completed(rlm: Any, **more: Any) -> dict[str, Any]:
    """What came of it, and the runs that were recorded."""
    said: dict[str, Any] = {}
    try:
        result = rlm.completion(CONTEXT, root_prompt="What is it about?")
        said["answer"] = getattr(result, "response", result)
        if hasattr(result, "usage_summary"):
            said["usage"] = result.usage_summary.to_dict()
    except BaseException as error:
        said["error"] = type(error).__name__
    return {**said, "runs": rlm.recording.runs, "problem": rlm.recording.problem, **more}


def plain(name: str, **settings: Any) -> None:
    SCENARIOS[name] = lambda: completed(record(made(name, **settings)))


plain("basic", max_iterations=6)
plain("deep", max_iterations=6, max_depth=3)
plain("errors", max_iterations=6)
plain("retries", max_iterations=6, backend_kwargs={"max_retries": 2})
plain("max_iterations", max_iterations=3)
plain("compaction", max_iterations=6, compaction=True, compaction_threshold_pct=0.00001)
plain("budget", max_iterations=6, max_budget=0.0001)
plain("budget_of_children", max_iterations=6, max_depth=2, max_budget=0.02)
plain("token_limit", max_iterations=6, max_tokens=10)
plain("timeout", max_iterations=6, max_timeout=3.0)
plain("max_errors", max_iterations=6, max_errors=1)
plain("two_batches", max_iterations=6)
plain("parallel_children", max_iterations=6, max_depth=2)
plain("unregistered", max_iterations=6)
plain("unicode", max_iterations=6)
plain("at_max_depth", max_depth=0)
plain("no_usage", max_iterations=6)
plain("slow_server", max_iterations=2, backend_kwargs={"timeout": 0.2})


@scenario
def two_completions() -> dict[str, Any]:
    rlm = record(made("two_completions", max_iterations=6))
    first = completed(rlm)
    return {**completed(rlm), "first": first}


@scenario
def persistent() -> dict[str, Any]:
    with record(made("persistent", max_iterations=6, max_depth=2, persistent=True)) as rlm:
        first = completed(rlm)
        return {**completed(rlm), "first": first}


@scenario
def cancelled() -> dict[str, Any]:
    def stop() -> None:
        raise KeyboardInterrupt

    return completed(record(made("cancelled", max_iterations=6, custom_tools={"stop": stop})))


class Point:
    def __init__(self, x: int) -> None:
        self.x = x


def lookup(word: str, limit: int = 1) -> str:
    return f"{word} means {limit}"


lookup.calls = 0  # type: ignore[attr-defined]


def fails(n: int) -> None:
    raise ValueError(f"no {n}")


def with_tools(key: str) -> RLM:
    def delegate(text: str) -> str:
        inner = made("small-child", key=key, max_iterations=6)
        return str(inner.completion(text).response)

    tools = {
        "lookup": {"tool": lookup, "description": "What a word means."},
        "fails": fails,
        "delegate": delegate,
        "RATE": 7,
        "Point": Point,
    }
    more = {"custom_tools": tools, "custom_sub_tools": {"lookup": lookup}}
    return made("tools", key=key, max_iterations=6, max_depth=2, **more)


@scenario
def tools() -> dict[str, Any]:
    with record() as recording:
        answer = with_tools("tools").completion(CONTEXT).response
    return {"answer": answer, "runs": recording.runs}


@scenario
def tools_not_recorded() -> dict[str, Any]:
    answer = with_tools("tools_not_recorded").completion(CONTEXT).response
    return {"answer": answer, "runs": []}


plain("in_sats", max_iterations=6)
plain("child_fails", max_iterations=6, max_depth=2)
plain("old_final", max_iterations=3)


@scenario
def relative_home() -> dict[str, Any]:
    """Cells run in a working directory of their own; the run stays where it was begun."""
    home = os.path.relpath(os.path.join(os.environ["RLMBOARD_HOME"], "relative"))
    rlm = record(made("basic", key="relative_home", max_iterations=6), home=home)
    answer = rlm.completion(CONTEXT).response
    return {"answer": answer, "runs": [], "run": rlm.recording.run}


@scenario
def packaged_prices() -> dict[str, Any]:
    """A model whose name has a price at OpenAI's own address, asked elsewhere."""
    home = os.path.join(os.environ["RLMBOARD_HOME"], "of-its-own")
    rlm = record(made("gpt-4o", key="packaged_prices", max_depth=0), home=home)
    answer = rlm.completion("in sats")
    return {"answer": str(answer), "runs": [], "home": home, "run": rlm.recording.run}


@scenario
def context_manager() -> dict[str, Any]:
    before = dict(vars(RLM))
    with record(), record(experiment="all of them") as recording:
        answer = made("deep", key="context_manager", max_iterations=6, max_depth=3).completion(
            CONTEXT
        )
    return {
        "answer": answer.response,
        "runs": recording.runs,
        "restored": dict(vars(RLM)) == before,
    }


@scenario
def inside_a_run() -> dict[str, Any]:
    with rlmboard.init("Two parts", config={"max_depth": 1}) as run:
        for _ in range(2):
            part = record(made("basic", key="inside_a_run", max_iterations=6))
            run.output = part.completion(CONTEXT).response
    return {"answer": run.output, "runs": [run.id]}


@scenario
def not_recorded() -> dict[str, Any]:
    rlm = made("deep", key="not_recorded", max_iterations=6, max_depth=3)
    result = rlm.completion(CONTEXT, root_prompt="What is it about?")
    return {"answer": result.response, "usage": result.usage_summary.to_dict(), "runs": []}


@scenario
def a_broken_recorder() -> dict[str, Any]:
    """Every word that the recording says of this run fails in the middle."""
    from rlmboard.integrations.rlms import node

    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("a fault of ours")

    names = ("_ask", "cell_begins", "begins", "ends")
    kept = {name: getattr(node.Node, name) for name in names}
    for name in names:
        setattr(node.Node, name, broken)
    try:
        rlm = made("deep", key="a_broken_recorder", max_iterations=6, max_depth=3)
        return completed(record(rlm))
    finally:
        for name, method in kept.items():
            setattr(node.Node, name, method)


@scenario
def nothing_can_be_written() -> dict[str, Any]:
    rlm = made("basic", key="nothing_can_be_written", max_iterations=6)
    return completed(record(rlm, home="/proc/no/such/place"))


@scenario
def anthropic() -> dict[str, Any]:
    os.environ["ANTHROPIC_BASE_URL"] = URL.removesuffix("/v1")
    backend = {"model_name": "basic", "api_key": "sk-SECRET-anthropic"}
    return completed(record(RLM(backend="anthropic", backend_kwargs=backend, max_iterations=6)))


@scenario
def azure() -> dict[str, Any]:
    backend = {
        "model_name": "basic",
        "api_key": "sk-SECRET-azure",
        "azure_endpoint": URL.removesuffix("/v1"),
        "azure_deployment": "basic",
    }
    return completed(record(RLM(backend="azure_openai", backend_kwargs=backend, max_iterations=6)))


@scenario
def portkey() -> dict[str, Any]:
    backend = {"model_name": "basic", "api_key": "sk-SECRET-portkey", "base_url": URL}
    return completed(record(RLM(backend="portkey", backend_kwargs=backend, max_iterations=6)))


@scenario
def a_subclass() -> dict[str, Any]:
    class Mine(RLM):
        def completion(self, *args: Any, **kwargs: Any) -> Any:
            return super().completion(*args, **kwargs)

    rlm = made("deep", key="a_subclass", max_iterations=6, max_depth=3)
    rlm.__class__ = Mine
    return completed(record(rlm), is_mine=isinstance(rlm, Mine))


@scenario
def mistakes() -> dict[str, Any]:
    said = []
    for wrong in (lambda: record("no RLM"), lambda: record(expriment="a")):
        try:
            wrong()
        except TypeError as error:
            said.append(str(error))
    return {"said": said, "runs": []}


@scenario
def killed() -> dict[str, Any]:
    return completed(record(made("killed", max_iterations=6)))


def main() -> None:
    here = os.getcwd()
    for name in sys.argv[2:] or [name for name in SCENARIOS if name != "killed"]:
        said = SCENARIOS[name]()
        line = json.dumps({"scenario": name, "moved": os.getcwd() != here, **said})
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


main()
