"""The callback: what dspy says of its calls becomes a run."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from weakref import WeakSet

from ...run import Mask, Payloads, Run, current_run, init
from ...run.current import sub_query_here
from . import words
from .attempts import watch
from .calls import Action, Batch, Call, Cell, LmCall, Outside, Root, Step, Tool
from .evaluations import Evaluations
from .recording import Recording

Make = Callable[[Call], Call]
OWN_TOOLS = ("llm_query", "__dspy_construct__", "__dspy_call__")
BATCHED = "llm_query_batched"


class Recorder:
    """Records every outermost call of a module as a run, live, with all that happens inside.

    `dspy.configure(callbacks=[Recorder(experiment="needles")])`. Inside a run that is open already
    (`with rlmboard.init(…)`), modules are recorded to that run instead. Each example of an
    evaluation is a run, and gets its score. The settings are those of `rlmboard.init`. Nothing here
    prints or raises; what could not be recorded is counted in the run's `lost`.

    It is a callback by having the methods of dspy's `BaseCallback`: of those that it does not know,
    it takes nothing.
    """

    def __init__(
        self,
        *,
        experiment: str | None = None,
        name: str | None = None,
        tags: Iterable[str] = (),
        config: Mapping[str, Any] | None = None,
        home: str | os.PathLike[str] | None = None,
        payloads: Payloads = "full",
        mask: Mask | None = None,
    ) -> None:
        from dspy.utils.callback import ACTIVE_CALL_ID  # type: ignore[import-not-found]

        self.problem: Exception | None = None
        self._active = ACTIVE_CALL_ID
        self._config = dict(config or {})
        self._settings: dict[str, Any] = {
            "experiment": experiment,
            "name": name,
            "tags": tuple(tags),
            "home": home,
            "payloads": payloads,
            "mask": mask,
        }
        self._calls: dict[str, Call] = {}
        self._begun: WeakSet[Run] = WeakSet()
        self._beginning = threading.Lock()
        self._evaluations = Evaluations()
        self._sees_attempts = watch()

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("on_"):
            return lambda *args, **named: None
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    # ------------------------------------------------------------ modules

    def on_module_start(self, call_id: str, instance: Any, inputs: dict[str, Any]) -> None:
        given = {**(inputs.get("kwargs") or {})}
        self._begin(
            call_id,
            lambda around: self._module(around, instance, given),
            lambda: self._root(instance, given),
        )

    def on_module_end(
        self, call_id: str, outputs: Any | None, exception: BaseException | None = None
    ) -> None:
        call = self._end(call_id, outputs, exception)
        if isinstance(call, Root):
            self._evaluations.answered(call.recording.run, outputs)

    def _module(self, around: Call, module: Any, given: dict[str, Any]) -> Call:
        rlm = around.module
        if rlm is not None and module is getattr(rlm, "generate_action", None):
            return Action(around, given, is_extract=False)
        if rlm is not None and module is getattr(rlm, "extract", None):
            return Action(around, given, is_extract=True)
        return Call(around) if words.asks_once(module) else Step(around, module, given)

    def _root(self, module: Any, given: dict[str, Any]) -> Call:
        outside = self._outside(lambda: self._new_run(module, given))
        if outside.recording.owned:
            return Root(outside, module)
        return self._module(outside, module, given)

    # ------------------------------------------------------------ language models

    def on_lm_start(self, call_id: str, instance: Any, inputs: dict[str, Any]) -> None:
        prompt = inputs.get("messages") or inputs.get("prompt") or ""

        def asked(around: Call) -> Call:
            return LmCall(around, instance, prompt, self._sees_attempts)

        self._begin(
            call_id, asked, lambda: asked(self._outside(lambda: self._lone(instance, prompt)))
        )

    def on_lm_end(
        self, call_id: str, outputs: Any | None, exception: BaseException | None = None
    ) -> None:
        call = self._end(call_id, outputs, exception)
        if call is not None and call.is_alone:
            call.recording.finish(words.text_of(outputs), exception, "answer")

    # ------------------------------------------------------------ code and tools

    def on_interpreter_execute_start(
        self, call_id: str, instance: Any, inputs: dict[str, Any]
    ) -> None:
        code = str(inputs.get("code", ""))
        self._begin(
            call_id,
            lambda around: Call(around) if around.node.is_setting_up else Cell(around, code),
        )

    def on_interpreter_execute_end(
        self, call_id: str, outputs: Any | None, exception: BaseException | None = None
    ) -> None:
        self._end(call_id, outputs, exception)

    def on_interpreter_tool_call_start(
        self, call_id: str, instance: Any, inputs: dict[str, Any]
    ) -> None:
        name = str(inputs.get("tool_name", ""))
        args, given = list(inputs.get("args") or ()), dict(inputs.get("kwargs") or {})

        def called(around: Call) -> Call:
            if name == BATCHED:
                return Batch(around, words.prompts_of(args, given))
            return Call(around) if name in OWN_TOOLS else Tool(around, name, args or given)

        self._begin(call_id, called)

    def on_interpreter_tool_call_end(
        self, call_id: str, outputs: Any | None, exception: BaseException | None = None
    ) -> None:
        self._end(call_id, outputs, exception)

    def on_tool_start(self, call_id: str, instance: Any, inputs: dict[str, Any]) -> None:
        name = str(getattr(instance, "name", None) or type(instance).__name__)
        given = dict(inputs.get("kwargs") or {})

        def called(around: Call) -> Call:
            is_told = around.tool_name == name  # by the interpreter that calls it
            return Call(around) if is_told else Tool(around, name, given)

        self._begin(call_id, called)

    def on_tool_end(
        self, call_id: str, outputs: Any | None, exception: BaseException | None = None
    ) -> None:
        self._end(call_id, outputs, exception)

    # ------------------------------------------------------------ evaluations

    def on_evaluate_start(self, call_id: str, instance: Any, inputs: dict[str, Any]) -> None:
        metric = inputs.get("metric") or getattr(instance, "metric", None)
        self._evaluations.begin(call_id, getattr(metric, "__name__", "score"))

    def on_evaluate_end(
        self, call_id: str, outputs: Any | None, exception: BaseException | None = None
    ) -> None:
        self._evaluations.end(call_id, outputs)

    # ------------------------------------------------------------ what all have in common

    def _begin(
        self, call_id: str, inside: Make, outermost: Callable[[], Call] | None = None
    ) -> None:
        """Nothing that goes wrong in here reaches the program, nor its log."""
        around = self._calls.get(self._active.get() or "")
        try:
            if around is not None:
                self._calls[call_id] = inside(around)
            elif outermost is not None:
                self._calls[call_id] = outermost()
        except Exception as error:  # the recorded program comes first
            self._failed(error, around)

    def _end(self, call_id: str, outputs: Any, error: BaseException | None) -> Call | None:
        call = self._calls.pop(call_id, None)
        if call is not None:
            try:
                call.end(outputs, error)
            except Exception as failed:  # the recorded program comes first
                self._failed(failed, call)
        return call

    def _failed(self, error: Exception, call: Call | None) -> None:
        self.problem = error
        if call is not None:
            call.recording.missed(error)

    def _outside(self, begin: Callable[[], Run]) -> Outside:
        """The run that is open here, unless it is another module's; else a new one."""
        with self._beginning:  # a thread must not take the run of another for the user's
            run = current_run()
            if run is None or run in self._begun:
                run = begin()
                run.__enter__()
                self._begun.add(run)
                return Outside(Recording(run, owned=True))
        query = sub_query_here.get()
        hangs_on = query.id if query is not None and query.run is run else None
        return Outside(Recording(run, owned=False), hangs_on)

    def _new_run(self, module: Any, given: dict[str, Any]) -> Run:
        query = words.query_of(given)
        method = "rlm" if words.is_rlm(module) else type(module).__name__
        model = words.model_of(words.lm_in_force(module))
        config = {"method": method, "model": model, **words.settings_of(module), **self._config}
        return init(
            query,
            config={key: value for key, value in config.items() if value is not None},
            producer="dspy",
            program=f"dspy.{type(module).__name__}",
            context=words.context_of(given, query),
            **self._settings,
        )

    def _lone(self, lm: Any, prompt: Any) -> Run:
        """A language model that is asked outside of any module."""
        config = {"method": "base", "model": words.model_of(lm), **self._config}
        return init(words.asked(prompt), config=config, producer="dspy", **self._settings)
