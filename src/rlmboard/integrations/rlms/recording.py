"""`record`: what an RLM completes becomes runs; with an RLM in hand, or for all of them a while."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Any, NamedTuple, TypeVar, overload

from ...run import Run, current_run, init
from ..priced import prices_of
from . import hooks
from .described import config_of, context_of, query_of
from .ends import End, end_run
from .node import Names, Node, node_here

R = TypeVar("R")
_begun_here: set[str] = set()
"""Runs that were begun by some recording, and so are nobody else's to be a part of."""


class Begun(NamedTuple):
    """A completion that is recorded: who tells of it, how its end is said, and what it is in."""

    node: Node
    say_end: Callable[[End], None]
    inside: AbstractContextManager[Any]


class Recording:
    """What is recorded by one `record`. `runs`: ids of the runs so far, in order.

    As a context manager it records every completion of rlms in this process. `settings` are those
    of `rlmboard.init`: experiment, name, tags, config, home, payloads, mask and so on.
    """

    def __init__(self, **settings: Any) -> None:
        inspect.signature(init).bind(**settings)
        self.runs: list[str] = []
        self.problem: str | None = None
        self._settings = settings

    @property
    def run(self) -> str | None:
        """Id of the last run."""
        return self.runs[-1] if self.runs else None

    def __enter__(self) -> Recording:
        _patches.add(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _patches.remove(self)

    def begin(self, rlm: Any, prompt: Any = None, root_prompt: Any = None) -> Begun | None:
        """A completion begins; None where it is not to be recorded, or could not be."""
        outer = node_here.get()
        try:
            if outer is not None:
                return None if outer.rlm is rlm else self._child(outer, rlm, prompt)
            return self._root(rlm, prompt, root_prompt)
        except Exception as error:  # whatever it is, the program goes on
            self.problem = f"{type(error).__name__}: {error}"
            return None

    def _child(self, outer: Node, rlm: Any, prompt: Any) -> Begun:
        node = outer.child(rlm)
        return self._begun(node, query_of(prompt, None), nullcontext())

    def _root(self, rlm: Any, prompt: Any, root_prompt: Any) -> Begun:
        run = current_run()
        query = query_of(prompt, root_prompt)
        if run is not None and run.id not in _begun_here:
            return self._begun(_part(run, rlm), query, nullcontext())
        run = self._new_run(rlm, query, prompt)
        node = Node(run, rlm, prices_of(run.home), Names(True)) if run.owns else _part(run, rlm)
        return self._begun(node, query, run)

    def _new_run(self, rlm: Any, query: str, prompt: Any) -> Run:
        settings = dict(self._settings)
        config = {**config_of(rlm), **(settings.pop("config", None) or {})}
        kept, described = context_of(prompt)
        run = init(
            query, **{"producer": "rlms", "context": described, **settings, "config": config}
        )
        self.runs.append(run.id)
        _begun_here.add(run.id)
        if kept is not None:
            with run.counting(Exception):
                run._recorder.keep(kept)
        return run

    def _begun(self, node: Node, query: str, inside: AbstractContextManager[Any]) -> Begun:
        with node.run.counting(Exception):
            node.begins(query)
        is_whole = isinstance(inside, Run)

        def say_end(end: End) -> None:
            node.ends(end)
            if is_whole:
                end_run(node.run, end, node.turns)

        return Begun(node, say_end, inside)


def _part(run: Run, rlm: Any) -> Node:
    """The node of a completion that is a part of somebody's run."""
    names = _names_of(run)
    return Node(run, rlm, prices_of(run.home), names, id=names.next("rlm"))


def _names_of(run: Run) -> Names:
    """The same for every completion in a run."""
    names: Names = run.__dict__.setdefault("_rlms_names", Names(run.owns))
    return names


@overload
def record(rlm: None = None, **settings: Any) -> Recording: ...
@overload
def record(rlm: R, **settings: Any) -> R: ...
def record(rlm: Any = None, **settings: Any) -> Any:
    """Record what this RLM completes, and give it back; without one, a `Recording` to enter.

    The RLM stays the object that it was, of a subclass of its class; its `recording` says the ids
    of its runs. Raises TypeError for settings that `rlmboard.init` does not know, and for what is
    no RLM.
    """
    recording = Recording(**settings)
    if rlm is None:
        return recording
    if not isinstance(rlm, hooks.library().RLM):
        raise TypeError(f"record() takes an RLM of rlms, not {type(rlm).__name__}")
    return _adopt(rlm, recording)


# ------------------------------------------------------------------ one RLM: a subclass


def _adopt(rlm: Any, recording: Recording) -> Any:
    if not isinstance(rlm, _Recorded):
        kind: type = type(rlm)
        rlm.__class__ = _recorded(kind)
    rlm.recording = recording
    return rlm


class _Recorded:
    """Mark of the subclasses that record. Each method goes through its hook."""

    recording: Recording


@functools.cache
def _recorded(kind: type) -> type:
    made: type = type(kind.__name__, (_Recorded, kind), {"__module__": kind.__module__})
    for name, hook in _HOOKS.items():
        if hasattr(kind, name):
            setattr(made, name, _method(made, kind, name, hook))
    return made


def _method(made: type, kind: type, name: str, hook: Any) -> Any:
    @functools.wraps(getattr(kind, name))
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return hook(getattr(super(made, self), name), self, self.recording, args, kwargs)

    return method


# ------------------------------------------------------------------ all RLMs: a patch


class _Patches:
    """The hooks on RLM itself, from the first recording that enters to the last that leaves."""

    def __init__(self) -> None:
        self._entered: list[Recording] = []
        self._originals: dict[str, Any] = {}
        self._lock = threading.Lock()

    def add(self, recording: Recording) -> None:
        with self._lock:
            if not self._entered:
                self._put(hooks.library().RLM)
            self._entered.append(recording)

    def remove(self, recording: Recording) -> None:
        with self._lock:
            if recording not in self._entered:
                return
            self._entered.remove(recording)
            if not self._entered:
                for name, original in self._originals.items():
                    setattr(hooks.library().RLM, name, original)

    def _put(self, kind: type) -> None:
        self._originals = {name: vars(kind)[name] for name in _HOOKS if name in vars(kind)}
        for name, original in self._originals.items():
            setattr(kind, name, self._patched(original, _HOOKS[name]))

    def _patched(self, original: Any, hook: Any) -> Any:
        @functools.wraps(original)
        def method(rlm: Any, *args: Any, **kwargs: Any) -> Any:
            bound = original.__get__(rlm)
            entered = self._entered[-1:]
            if isinstance(rlm, _Recorded) or not entered:
                return bound(*args, **kwargs)
            return hook(bound, rlm, entered[0], args, kwargs)

        return method


_patches = _Patches()


def _plainly(hook: Any) -> Any:
    """A hook that needs nothing of the recording."""

    def hooked(original: Any, rlm: Any, recording: Recording, args: Any, kwargs: Any) -> Any:
        return hook(original, rlm, *args, **kwargs)

    return hooked


def _completion(original: Any, rlm: Any, recording: Recording, args: Any, kwargs: Any) -> Any:
    return hooks.completion(original, rlm, recording.begin, args, kwargs)


def _subcall(original: Any, rlm: Any, recording: Recording, args: Any, kwargs: Any) -> Any:
    adopt = functools.partial(_adopt, recording=recording)
    return hooks.subcall(original, rlm, adopt, args, kwargs)


_HOOKS: dict[str, Any] = {
    "completion": _completion,
    "_subcall": _subcall,
    "_spawn_completion_context": _plainly(hooks.spawn_completion_context),
    "_completion_turn": _plainly(hooks.completion_turn),
    "_compact_history": _plainly(hooks.compact_history),
    "_default_answer": _plainly(hooks.default_answer),
    "_fallback_answer": _plainly(hooks.fallback_answer),
}
