"""What a user holds while something runs."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import Token
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import msgspec

from ..folder import Home, RunRecord
from ..trace import (
    EndEvent,
    Failure,
    Note,
    Role,
    RunCancelled,
    RunDone,
    RunFailed,
    Score,
    SpanRef,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    TraceEvent,
    as_text,
    plain,
    run_config,
)
from . import said
from .alerts import Budgets, Webhook
from .artifacts import keep_artifact
from .current import leave, open_runs, run_here, sub_query_here
from .ending import RunFiles
from .metrics import Steps, finite, flat, metric
from .query_ids import QueryIds
from .recorder import Recorder, failure
from .settings import Config, RunSummary, as_settings, as_tags
from .sub_query import Prompt, SubQuery, are_messages, last_text, texts_of

T = TypeVar("T")
V = TypeVar("V")
WAIT_FOR_CAPTURE_S = 0.5
NONSENSE = (TypeError, ValueError, OverflowError, OSError)
"""What goes wrong with values and files of a user."""


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
        self._steps = Steps(first_step)
        self._query_ids = QueryIds(own_ids)
        self._outer: Token[Run | None] | None = None
        self._capture: threading.Thread | None = None
        self._completing = threading.Lock()
        self._files = RunFiles(self.folder, recorder.writer)
        self.config = Config(as_settings(record.config), self._config_changed)
        self.summary = RunSummary(self._override_summary)
        self._budgets = Budgets(self.config)
        open_runs.add(self)

    def __repr__(self) -> str:
        return f"Run({self.id!r})"

    # ------------------------------------------------------------ what happens

    def emit(self, event: TraceEvent, at_ms: float | None = None) -> bool:
        """Record a fact; whether it is on disk now. `at_ms`: when it happened, since the start."""
        at_us = None if at_ms is None else self.taken(said.microseconds, at_ms, None)
        kept = self._recorder.record(event, at_us)
        if type(event) is SubQueryReturn:
            for title, text in self._budgets.spend(event):
                self.alert(title, text)
        return kept

    def emit_both(self, first: TraceEvent, second: TraceEvent) -> bool:
        """Record two facts of one moment at once; whether both are on disk now."""
        return self._recorder.record_both(first, second)

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
        role: Role = "sub",
        depth: int | None = None,
        batch: tuple[str, int, int] | None = None,
    ) -> SubQuery:
        """Ask a question: recorded as submitted and asked now. Inside another one, it is its child.

        `prompt` is a text, or messages as the chat APIs take them. `batch` is (id, index, size).
        """
        query_id = said.name(id) or self._query_ids.next()
        here = sub_query_here.get()
        outer = parent if isinstance(parent, SubQuery) else here if parent is None else None
        if outer is not None and outer.run is not self:
            outer = None  # inside another run's sub-query: no parent of ours
        batch_id, batch_index, batch_size = batch or (None, None, None)
        submit = SubQuerySubmit(
            query_id=query_id,
            prompt_preview=prompt if type(prompt) is str else last_text(prompt),
            prompt_ref=self._keep_messages(prompt) if are_messages(prompt) else None,
            parent_id=(parent if isinstance(parent, str) else outer and outer.id) or None,
            fragment_id=said.name(fragment),
            role=role if role == "sub" else self.taken(said.role, role, "sub"),
            depth=depth if depth is not None else outer.depth + 1 if outer else 1,
            batch_id=said.name(batch_id),
            batch_index=batch_index,
            batch_size=batch_size,
        )
        asked = SubQueryExecute(
            query_id=query_id,
            provider_id=said.name(provider),
            model_id=said.name(model),
            venue=said.name(venue),
        )
        return SubQuery(self, submit, asked)

    def log(self, data: Mapping[str, Any], step: int | None = None, commit: bool = True) -> None:
        """Values of metrics, by name, nested ones with dots; a call is a step, if it commits."""
        try:
            taken = self._steps.take(step) if commit else self._steps.stay(step)
            for name, value in flat(data):
                self._log_one(name, value, taken)
        except NONSENSE as error:
            self.missed(error)

    def score(
        self, name: str, value: float, *, scorer: str, scorer_version: str | None = None,
        task_id: str | None = None, by: str | None = None, query_id: str | None = None,
    ) -> None:  # fmt: skip
        """A judgement, and who made it; on the run, or on one sub-query."""
        with self.counting():
            self.emit(
                Score(
                    name=name, value=finite(name, value), scorer=scorer, task_id=task_id, by=by,
                    scorer_version=scorer_version, query_id=query_id,
                )
            )  # fmt: skip

    def note(self, message: str, level: str = "info") -> None:
        """Something worth reading later. `level`: debug, info, warning, error."""
        self.emit(Note(message=as_text(message), level=level))

    def alert(self, title: str, text: str = "", level: str = "alert") -> None:
        """Tell somebody: a note in the trace, and a post to the webhook where one is set."""
        title, text = as_text(title), as_text(text)
        self.emit(Note(message=text or title, title=title, level=level))
        self._post(title, text, level)

    def artifact(self, path: str | os.PathLike[str], name: str | None = None) -> str | None:
        """Keep a copy of a file by its hash, which is returned; None when it could not be kept."""
        if not self._recorder.writer.writes:
            self._recorder.writer.lose("there is nowhere to keep a file")
            return None
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
        return as_tags(self.config.get("tags", ()))

    @tags.setter
    def tags(self, tags: Iterable[str]) -> None:
        self.config["tags"] = as_tags(tags)

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
        told = error if isinstance(error, Failure) else failure(error, with_traceback=True)
        if not self.ended and self.owns:
            self._post(f"run failed: {told.type}", told.message, "error")
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

    def end(self, event: EndEvent, at_ms: float | None = None) -> None:
        """Record how it ended and let go of the files; a process that joined only lets go."""
        if self.ended:
            return
        self.ended = True
        open_runs.discard(self)
        if self._capture is not None:
            self._capture.join(WAIT_FOR_CAPTURE_S)
        try:
            if self.owns:
                self._record_end(event, at_ms)
        finally:
            self._webhook.wait()
            self._recorder.close()

    def _record_end(self, event: EndEvent, at_ms: float | None) -> None:
        summary = self._recorder.masked_tree(dict(self.summary))
        self._files.write_results(self._output_text(), summary)
        kept = False
        try:
            kept = self.emit(msgspec.structs.replace(event, lost=self.lost), at_ms)
        finally:
            self._files.let_go(event, kept)

    def __enter__(self) -> Run:
        self._outer = run_here.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:  # fmt: skip
        leave(run_here, self._outer)
        if error is None or (isinstance(error, SystemExit) and error.code in (None, 0)):
            self.finish()
        elif isinstance(error, Exception | SystemExit):
            self.fail(error)
        else:
            self.cancel("interrupted" if isinstance(error, KeyboardInterrupt) else "cancelled")

    # ------------------------------------------------------------ for the rooms beside

    @contextmanager
    def counting(self, *more: type[Exception]) -> Iterator[None]:
        """What a user's value does wrong in here is counted as a loss; `strict` raises it."""
        try:
            yield
        except NONSENSE + more as error:
            self.missed(error)

    def taken(self, take: Callable[[T], V], value: T, otherwise: V) -> V:
        """What `take` makes of a user's value; nonsense is counted as a loss."""
        try:
            return take(value)
        except NONSENSE as error:
            self.missed(error)
            return otherwise

    def missed(self, error: Exception) -> None:
        """Something could not be recorded: it is counted; `strict` raises it."""
        if self._strict:
            raise error
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
        if not self.owns:
            return  # a process that joined does not rewrite its owner's record
        with self._completing:
            self._record = msgspec.structs.replace(self._record, **facts)
            self._files.write_record(self._record)

    def _log_one(self, name: str, value: Any, step: int) -> None:
        event = self.taken(lambda said: metric(name, said, step=step), value, None)
        if event is not None:
            self.summary.logged(name, event.special or event.value)
            self.emit(event)

    def _post(self, title: str, text: str, level: str) -> None:
        title, text = self._recorder.masked(title), self._recorder.masked(text)
        self._webhook.tell(title, text, level, run_id=self.id, query=self._record.query)

    def _keep_messages(self, messages: Any) -> list[str] | None:
        refs = [self._recorder.keep(text) for text in self.taken(texts_of, messages, list[str]())]
        return [ref for ref in refs if ref is not None] or None

    def _output_text(self) -> str | None:
        if self.output is None or self._record.payloads == "none":
            return None
        return self._recorder.masked(as_text(self.output))

    def _config_changed(self) -> None:
        settings = self._recorder.masked_tree(plain(dict(self.config)))
        self.complete_record(config=run_config(settings))
        self._budgets.set(self.config)

    def _override_summary(self, name: str, value: Any) -> None:
        with self.counting():
            self.emit(metric(name, value, summary=True))
