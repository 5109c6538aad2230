"""Spans that come in become runs: each trace one, or all traces of one session together."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from ...errors import RlmboardError, RunTaken
from ...folder import Home
from ...formats.otel import Request, Said, said_by
from .spans_of_run import SpansOfRun

QUIET_S = 10.0
"""After the first span of a run has ended, so long is waited for late ones."""
SILENT_S = 120.0
"""Where it has not ended, or was never heard of."""
MOST_OPEN = 64
CLOSING_AT_ONCE = 16
"""A disk confirms files that are waited for together as soon as one of them."""
MOST_CLOSING = 128
"""Beyond it spans wait for the disk, so that files do not stay open without end."""
MOST_TRACES = 20_000
MOST_AT_ONCE = 1_000
"""Traces in one request: each may be a run of its own, and an exporter's batch has 512 spans."""
MOST_HELD = 1_000
HELD_SPANS = 200
"""Of a trace that has said nothing of models yet, so many spans are held for those that might."""


class Unavailable(RlmboardError):
    """Not all could be stored; the same request may be sent again."""


class _Open(NamedTuple):
    spans: SpansOfRun
    touched_s: float


class Receiver:
    """Takes requests of spans from any number of threads, and stores them before it returns.

    `clock_ns` is the time of day, `monotonic_s` what waits are measured by. `close` lets go of what
    is open.
    """

    def __init__(
        self,
        home: Home | None = None,
        clock_ns: Callable[[], int] = time.time_ns,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.home = home or Home()
        self._clock_ns = clock_ns
        self._monotonic_s = monotonic_s
        self._taking = threading.Lock()
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._run_of: OrderedDict[str, str] = OrderedDict()
        self._sessions: OrderedDict[str, str] = OrderedDict()
        self._held: OrderedDict[str, list[Said]] = OrderedDict()
        self.storing = ThreadPoolExecutor(1, "rlmboard-spans")
        """For servers, whose loop must not wait: more threads would only wait for one another."""
        self._closing = ThreadPoolExecutor(CLOSING_AT_ONCE, "rlmboard-close")
        self._room_to_close = threading.BoundedSemaphore(MOST_CLOSING)
        self._watch: threading.Thread | None = None
        self._closed = threading.Event()

    def take(self, request: Request, project: str | None = None) -> int:
        """Store what these spans say; how many were left out, being of more traces than are taken.

        Raises Unavailable; nothing is lost by asking again.
        """
        now_ns, left_out = self._clock_ns(), 0
        traces: dict[str, list[Said]] = {}
        resources: dict[str, dict[str, Any]] = {}
        for span in request.spans:
            if len(traces) >= MOST_AT_ONCE and span.trace_id not in traces:
                left_out += 1
                continue
            traces.setdefault(span.trace_id, []).append(said_by(span, now_ns))
            resources.setdefault(span.trace_id, span.resource)
        with self._taking:
            for trace_id, batch in traces.items():
                self._take_trace(trace_id, batch, resources[trace_id], project)
        self._keep_watch()
        return left_out

    def end_quiet(self) -> None:
        """End the runs of which nothing more is awaited."""
        now_s = self._monotonic_s()
        with self._taking:
            for run_id, (spans, touched_s) in list(self._open.items()):
                done = spans.root_ended and not spans.open_spans
                if now_s - touched_s >= (QUIET_S if done else SILENT_S):
                    del self._open[run_id]
                    self._end(spans)

    def close(self) -> None:
        """Runs whose first span has ended end; the others may go on with another receiver."""
        self._closed.set()
        self.storing.shutdown()
        with self._taking:
            while self._open:
                self._leave(self._open.popitem()[1].spans)
        self._closing.shutdown()
        if self._watch is not None:
            self._watch.join()

    # -------------------------------------------------------------- which run

    def _take_trace(
        self, trace_id: str, batch: list[Said], resource: dict[str, Any], project: str | None
    ) -> None:
        run_id = self._run_of.get(trace_id)
        if run_id is None and all(said.kind == "plain" for said in batch):
            self._hold(trace_id, batch)
            return
        batch = [*self._held.pop(trace_id, ()), *batch]
        scope = f"{_project(resource, project) or ''}\0{resource.get('service.name', '')}\0"
        sessions = [scope + said.session for said in _outermost_first(batch) if said.session]
        run_id = run_id or self._run_id(trace_id, sessions)
        for session in sessions:
            _remember(self._sessions, session, run_id, MOST_TRACES)
        _remember(self._run_of, trace_id, run_id, MOST_TRACES)
        spans = self._opened(run_id, trace_id, batch, _config(resource, project))
        if not spans.take(batch):
            self._open.pop(run_id, None)
            spans.let_go()
            raise Unavailable(spans.run.problem or "the spans could not be stored")

    def _run_id(self, trace_id: str, sessions: list[str]) -> str:
        """The same for the same trace or session, whichever process is asked."""
        of_trace = f"otlp-{trace_id}"
        if self.home.run(of_trace).exists():
            return of_trace
        for session in sessions:
            if (known := self._sessions.get(session)) is not None:
                return known
        if sessions:
            return f"otlp-{hashlib.sha256(sessions[0].encode(errors='replace')).hexdigest()[:32]}"
        return of_trace

    def _hold(self, trace_id: str, batch: list[Said]) -> None:
        held = [*self._held.pop(trace_id, ()), *batch][-HELD_SPANS:]
        _remember(self._held, trace_id, held, MOST_HELD)

    def _opened(
        self, run_id: str, trace_id: str, batch: list[Said], config: dict[str, Any]
    ) -> SpansOfRun:
        opened = self._open.pop(run_id, None)
        spans = opened.spans if opened else self._begin(run_id, trace_id, batch, config)
        self._open[run_id] = _Open(spans, self._monotonic_s())
        return spans

    def _begin(
        self, run_id: str, trace_id: str, batch: list[Said], config: dict[str, Any]
    ) -> SpansOfRun:
        while len(self._open) >= MOST_OPEN:
            self._leave(self._open.popitem(last=False)[1].spans)
        try:
            return SpansOfRun(self.home, run_id, trace_id, batch, config)
        except RunTaken as error:
            raise Unavailable(str(error)) from error

    def _leave(self, spans: SpansOfRun) -> None:
        if spans.root_ended:
            self._end(spans)
        else:
            spans.let_go()

    def _end(self, spans: SpansOfRun) -> None:
        """The disk is waited for beside: it takes longer than all the rest."""
        spans.end()
        self._room_to_close.acquire()
        self._closing.submit(self._close_one, spans)

    def _close_one(self, spans: SpansOfRun) -> None:
        try:
            spans.close()
        finally:
            self._room_to_close.release()

    # -------------------------------------------------------------- what goes quiet

    def _keep_watch(self) -> None:
        if self._watch is None and not self._closed.is_set():
            self._watch = threading.Thread(target=self._look, name="rlmboard-otlp", daemon=True)
            self._watch.start()

    def _look(self) -> None:
        while not self._closed.wait(1.0):
            self.end_quiet()


def _remember(known: OrderedDict[str, Any], key: str, value: Any, most: int) -> None:
    known[key] = value
    known.move_to_end(key)
    while len(known) > most:
        known.popitem(last=False)


def _outermost_first(batch: Iterable[Said]) -> Iterator[Said]:
    """Of nested conversations the outer one is what groups traces: it began first."""
    return iter(sorted(batch, key=lambda said: (said.parent_id is not None, said.start_ns)))


def _project(resource: dict[str, Any], project: str | None) -> str | None:
    named = resource.get("openinference.project.name") or project
    return named[:200] if isinstance(named, str) and named else None


def _config(resource: dict[str, Any], project: str | None) -> dict[str, Any]:
    experiment = _project(resource, project)
    kept = {name: value for name, value in resource.items() if not name.startswith("telemetry.")}
    config: dict[str, Any] = {"resource": kept} if kept else {}
    return {**config, "experiment": experiment} if experiment else config
