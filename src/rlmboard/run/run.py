"""What a user holds while something runs."""

from __future__ import annotations

import itertools
import math
import os
import threading
import traceback as tracebacks
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import Token
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from ..folder import Home, RunRecord
from ..money.units import msat, usd_nanos
from ..trace import (
    Failure,
    Metric,
    Note,
    RunCancelled,
    RunDone,
    RunFailed,
    Score,
    SpanRef,
    SubQueryExecute,
    SubQueryReturn,
    TraceEvent,
    run_config,
)
from .alerts import BudgetWatch, Webhook
from .artifacts import keep_artifact
from .current import leave, open_runs, run_here, sub_query_here
from .ending import RunFiles
from .query_ids import QueryIds
from .recorder import Recorder, failure
from .settings import Config, RunSummary
from .sub_query import Prompt, SubQuery, submitted

WAIT_FOR_CAPTURE_S = 0.5


class Run:
    """One run, being recorded. Made by `rlmboard.init`.

    Use it in a `with`, or call `finish`. Nothing here raises or prints because recording failed:
    see `lost` and `problem`. Set `output` to the answer, `span_refs` to what it rests on.
    """

    def __init__(
        self,
        home: Home,
        record: RunRecord,
        recorder: Recorder,
        *,
        webhook: str | None = None,
        strict: bool = False,
        first_step: int = 0,
        own_ids: bool = True,
    ) -> None:
        self.id = record.run_id
        self.home = home
        self.folder = home.run(record.run_id)
        self.output: Any = None
        self.span_refs: Sequence[SpanRef] = ()
        self.ended = False
        self._record = record
        self._recorder = recorder
        self._strict = strict
        self._webhook = Webhook(webhook)
        self._steps = itertools.count(first_step)
        self._query_ids = QueryIds(own_ids)
        self._outer: Token[Run | None] | None = None
        self._capture: threading.Thread | None = None
        self._files = RunFiles(self.folder, recorder.writer)
        self.config = Config(_as_settings(record), self._config_changed)
        self.summary = RunSummary(self._override_summary)
        self._watches = _watches(self.config)
        open_runs[self.id] = self

    def __repr__(self) -> str:
        return f"Run({self.id!r})"

    # ------------------------------------------------------------ what happens

    def emit(self, event: TraceEvent, at_ms: float | None = None) -> bool:
        """Record a fact; whether it is on disk now. `at_ms`: when it happened, since the start."""
        at_us = None if at_ms is None else round(at_ms * 1000)
        kept = self._recorder.record(event, at_us)
        if self._watches and type(event) is SubQueryReturn:
            self._watch_budget(event)
        return kept

    def subquery(
        self,
        prompt: Prompt,
        *,
        provider: str | None = None,
        model: str | None = None,
        venue: str | None = None,
        fragment: str | None = None,
        id: str | None = None,
        parent: SubQuery | str | None = None,
        role: str = "sub",
        depth: int | None = None,
        batch: tuple[str, int, int] | None = None,
    ) -> SubQuery:
        """Ask a question: recorded as submitted and asked now. Inside another one, it is its child.

        `prompt` is a text, or messages as the chat APIs take them. `batch` is (id, index, size).
        """
        query_id = id or self._query_ids.next()
        here = sub_query_here.get()
        outer = parent if isinstance(parent, SubQuery) else here if parent is None else None
        if outer is not None and outer.run is not self:
            outer = None  # inside another run's sub-query: no parent of ours
        batch_id, batch_index, batch_size = batch or (None, None, None)
        submit = submitted(
            prompt,
            None if isinstance(prompt, str) else self._keep_messages(prompt),
            query_id,
            outer,
            parent_id=parent if isinstance(parent, str) else None,
            fragment_id=fragment,
            role=role,
            depth=depth,
            batch_id=batch_id,
            batch_index=batch_index,
            batch_size=batch_size,
        )
        asked = SubQueryExecute(
            query_id=query_id, provider_id=provider, model_id=model, venue=venue
        )
        return SubQuery(self, submit, asked)

    def log(self, data: Mapping[str, Any], step: int | None = None) -> None:
        """Values of metrics, by name; nested names get dots. Without `step` each call is one."""
        step = next(self._steps) if step is None else step
        for name, value in _flat(data):
            with self.counting():
                self.summary.logged(name, value)
                self.emit(_metric(name, value, step=step))

    def score(
        self, name: str, value: float, *, scorer: str, scorer_version: str | None = None,
        task_id: str | None = None, by: str | None = None, query_id: str | None = None,
    ) -> None:  # fmt: skip
        """A judgement, and who made it; on the run, or on one sub-query."""
        self.emit(
            Score(
                name=name, value=value, scorer=scorer, scorer_version=scorer_version,
                task_id=task_id, by=by, query_id=query_id,
            )
        )  # fmt: skip

    def note(self, message: str, level: str = "info") -> None:
        """Something worth reading later. `level`: debug, info, warning, error."""
        self.emit(Note(message=message, level=level))

    def alert(self, title: str, text: str = "", level: str = "alert") -> None:
        """Tell somebody: a note in the trace, and a post to the webhook where one is set."""
        self.emit(Note(message=text or title, title=title, level=level))
        shown = f"{title}: {text}" if text else title
        self._webhook.post(
            {"text": f"[{level}] {shown} (run {self.id})", "title": title, "message": text,
             "level": level, "run_id": self.id, "query": self._record.query}
        )  # fmt: skip

    def artifact(self, path: str | os.PathLike[str], name: str | None = None) -> str | None:
        """Keep a copy of a file by its hash, which is returned; None when it could not be kept."""
        with self.counting():
            event = keep_artifact(self.folder.artifacts, Path(path), name)
            self.emit(event)
            return event.sha256
        return None

    # ------------------------------------------------------------ what it is

    @property
    def owns(self) -> bool:
        """Whether this process ends the run; one that joined or was forked only writes to it."""
        return self._recorder.writer.owner is not None

    @property
    def cwd(self) -> str:
        """The working directory in which the run began."""
        return self._record.cwd or "/"

    @property
    def lost(self) -> int:
        """How many events or texts could not be recorded."""
        return self._recorder.writer.lost

    @property
    def problem(self) -> str | None:
        """Why something could not be recorded, if so."""
        return self._recorder.writer.problem

    @property
    def cancel_requested(self) -> bool:
        """Somebody asked this run to stop (`rlmboard cancel`). Stopping is up to the program."""
        return self.folder.cancel.exists()

    @property
    def env(self) -> dict[str, str]:
        """Variables for a child process that is to join this run."""
        return {"RLMBOARD_RUN_ID": self.id, "RLMBOARD_HOME": str(self.home.path)}

    @property
    def name(self) -> str | None:
        return self.config.get("name")

    @name.setter
    def name(self, name: str | None) -> None:
        self.config["name"] = name

    @property
    def tags(self) -> tuple[str, ...]:
        return tuple(self.config.get("tags", ()))

    @tags.setter
    def tags(self, tags: Iterable[str]) -> None:
        self.config["tags"] = tuple(tags)

    @property
    def notes(self) -> str | None:
        return self.config.get("notes")

    @notes.setter
    def notes(self, notes: str | None) -> None:
        self.config["notes"] = notes

    # ------------------------------------------------------------ how it ends

    def finish(self, exit_code: int = 0, *, end_reason: str | None = None) -> None:
        """The run is over: completed, or failed when `exit_code` is not 0. Once is enough."""
        if exit_code:
            error = Failure(type="ExitCode", message=f"exit code {exit_code}")
            self.fail(error, end_reason=end_reason or "errors")
            return
        self.end(
            RunDone(
                output=self._output_text() or "",
                end_reason=end_reason or "answer",
                total_duration_ms=self._recorder.writer.now_us() // 1000,
                span_refs=tuple(self.span_refs),
            )
        )

    def fail(self, error: BaseException | Failure, end_reason: str | None = None) -> None:
        """The run is over, without the answer it sought."""
        told = error if isinstance(error, Failure) else failure(error, _traceback(error))
        if not self.ended and self.owns:
            self._webhook.post(
                {"text": f"run {self.id} failed: {told.type}: {told.message}", "level": "error",
                 "run_id": self.id, "query": self._record.query}
            )  # fmt: skip
        self.end(
            RunFailed(
                error=told,
                end_reason=end_reason or "errors",
                output=self._output_text(),
                span_refs=tuple(self.span_refs),
            )
        )

    def cancel(self, end_reason: str = "user") -> None:
        """The run is over because somebody stopped it."""
        self.end(
            RunCancelled(
                end_reason=end_reason,
                output=self._output_text(),
                span_refs=tuple(self.span_refs),
            )
        )

    def end(self, event: RunDone | RunFailed | RunCancelled) -> None:
        """Record how it ended and let go of the files; a process that joined only lets go."""
        if self.ended:
            return
        self.ended = True
        open_runs.pop(self.id, None)
        if self._capture is not None:
            self._capture.join(WAIT_FOR_CAPTURE_S)
        if self.owns:
            event = msgspec.structs.replace(event, lost=self.lost)
            kept = self.emit(event)
            self._files.write_end(event, self._output_text(), dict(self.summary), kept)
        self._webhook.wait()
        self._recorder.close()

    def __enter__(self) -> Run:
        self._outer = run_here.set(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        leave(run_here, self._outer)
        if error is None or (isinstance(error, SystemExit) and error.code in (None, 0)):
            self.finish()
        elif isinstance(error, Exception | SystemExit):
            self.fail(error)
        else:
            self.cancel("interrupted" if isinstance(error, KeyboardInterrupt) else "cancelled")

    # ------------------------------------------------------------ for the rooms beside

    @contextmanager
    def counting(self) -> Iterator[None]:
        """What a user's value does wrong in here is counted as a loss; `strict` raises it."""
        try:
            yield
        except (TypeError, ValueError, OverflowError, OSError) as error:
            if self._strict:
                raise
            self._recorder.writer.lose(f"{type(error).__name__}: {error}")

    def capture(self, work: Callable[[Run], None]) -> None:
        """Run `work` beside the run; its end is waited for a moment when the run ends."""
        self._capture = threading.Thread(target=work, args=(self,), daemon=True)
        try:
            self._capture.start()
        except RuntimeError:
            self._capture = None

    def complete_record(self, **facts: Any) -> None:
        """Facts that were found out beside the run go into `config.json` too."""
        self._record = msgspec.structs.replace(self._record, **facts)
        self._files.write_record(self._record)

    def _keep_messages(self, messages: Sequence[dict[str, Any]]) -> list[str] | None:
        with self.counting():
            texts = [msgspec.json.encode(message).decode() for message in messages]
            refs = [self._recorder.keep(text) for text in texts]
            return [ref for ref in refs if ref is not None] or None
        return None

    def _output_text(self) -> str | None:
        if self.output is None or self._record.payloads == "none":
            return None
        return self._recorder.masked(str(self.output))

    def _config_changed(self) -> None:
        settings = self._recorder.masked_tree(dict(self.config))
        with self.counting():
            self.complete_record(config=run_config(settings))

    def _override_summary(self, name: str, value: Any) -> None:
        with self.counting():
            self.emit(_metric(name, value, summary=True))

    def _watch_budget(self, event: SubQueryReturn) -> None:
        for unit, watch in self._watches.items():
            spent = event.cost_msat if unit == "sats" else event.cost_usd_nanos
            for percent in watch.spend(spent or 0):
                self.alert(f"{percent} % of the budget is spent", f"budget in {unit}")


def _as_settings(record: RunRecord) -> dict[str, Any]:
    settings = msgspec.to_builtins(record.config)
    return {**settings.pop("params", {}), **settings}


def _watches(config: Mapping[str, Any]) -> dict[str, BudgetWatch]:
    sats, usd = config.get("budget_sats"), config.get("budget_usd")
    limits = {"sats": msat(sats) if sats else 0, "dollars": usd_nanos(usd) if usd else 0}
    return {unit: BudgetWatch(limit) for unit, limit in limits.items() if limit > 0}


def _flat(data: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in data.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _metric(name: str, value: Any, step: int | None = None, summary: bool | None = None) -> Metric:
    number = float(value)
    if math.isfinite(number):
        return Metric(name=name, value=number, step=step, summary=summary)
    return Metric(name=name, special=str(number), step=step, summary=summary)


def _traceback(error: BaseException) -> str | None:
    return "".join(tracebacks.format_exception(error))[-20_000:] if error.__traceback__ else None
