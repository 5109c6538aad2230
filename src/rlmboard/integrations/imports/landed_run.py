"""One run that lands: its record, its events, and the files that an ended run has."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec

from ...errors import RunTaken
from ...folder import (
    Home,
    Owner,
    Pulse,
    RunFolder,
    RunRecord,
    boot_id,
    encode_record,
    host,
    take,
    write_whole,
)
from ...formats.foreign import ForeignRun, Unread, moment, utc
from ...formats.secrets import masked, masked_tree
from ...run import Recorder
from ...trace import (
    END_EVENTS,
    FORMAT,
    VERSION,
    Artifact,
    Environment,
    Metric,
    Note,
    RunInit,
    RunResumed,
    Score,
    TraceEvent,
    plain,
    run_config,
)
from .aside import Aside
from .landed_trace import LandedPayloads, LandedTrace

State: TypeAlias = Literal["new", "grown", "unchanged", "taken"]
"""taken: another process records it just now."""

REMEMBERED_CHARS = 16_000
REMEMBERED_TEXTS = 2_000
_AFTER_THE_END = (Score, Note, Artifact, Metric, Environment)


class Landed(msgspec.Struct, frozen=True):
    """What became of one run. `told`: events in the records; `added`: those that were new."""

    run_id: str
    key: str
    producer: str
    query: str
    state: State
    told: int
    added: int
    unread: int


class LandedRun:
    """Made by a Landing. `say` raises RunTaken when another process records the run just now."""

    def __init__(self, home: Home, run: ForeignRun, aside: Aside, dry: bool = False) -> None:
        self._home = home
        self._aside = aside
        self._dry = dry
        self.run_id = run.run_id
        self._folder = home.run(self.run_id)
        self._there = self._folder.exists()
        self._run = self._as_guessed_before(run)
        self._place = self._folder
        self._owner: Owner | None = None
        self._state: State = "unchanged" if self._there else "new"
        self._told = self._unread = self._last_us = 0
        self._results_of = 0
        self._is_news = False
        self._output: str | None = None
        self._metrics: dict[str, Any] = {}
        self._overrides: set[str] = set()
        self._environment: Environment | None = None
        self._named: dict[str, str | None] = {}
        self._settle_at(self._place)

    def begin(self) -> None:
        """The place is made and the run announced. Raises OSError, RunTaken."""
        if not self._there and not self._dry:
            self._settle_at(self._aside.place(self.run_id))
        self._announce()
        self._describe()

    def know(self, run: ForeignRun) -> None:
        """More is known of it than when it began."""
        before, self._run = self._run, self._as_guessed_before(run)
        run = self._run
        if (run.query, run.program, run.context) != (before.query, before.program, before.context):
            self._announce()
        self._describe()

    def say(
        self, event: TraceEvent, at_us: int, whole: Mapping[str, str | list[str]] | None = None
    ) -> None:
        """One event; an ended run that goes on is resumed first."""
        if whole:
            refs = {field: self._refs(texts) for field, texts in whole.items()}
            event = msgspec.structs.replace(event, **refs)
        self._last_us = max(self._last_us, at_us)
        self._remember(event)
        self._record(event, at_us)

    def note_unread(self, unread: Unread) -> None:
        """A record that was skipped stands in the trace as a note."""
        self._unread += 1
        message = f"{unread.where} was skipped: {unread.why}"
        self._record(Note(message=message, level="warning", inferred=True), self._last_us)

    def show(self, own: bool) -> None:
        """What was told is on disk, where readers look. Raises OSError."""
        self.write()
        self.settle(own)

    def write(self) -> None:
        """What was told is in its files; the disk is not waited for. Raises OSError."""
        if self._dry:
            return
        self._write_record()
        if self._trace.ended_at_us is not None and self._trace.added > self._results_of:
            self._write_results()
            self._results_of = self._trace.added
        if self._trace.has_news() or not self._there:
            self._flush()
            self._is_news = self._there

    def settle(self, own: bool) -> None:
        """What was written is down on the disk, and where readers look. Raises OSError."""
        if self._dry:
            return
        if not self._there:
            self._arrive(own)
        elif self._is_news:
            self._home.mark(self.run_id)
        self._is_news = False
        if own and self._owner is None and self._trace.ended_at_us is None:
            self._own()
            self._home.mark(self.run_id)
        elif not own:
            self._sync()

    def refuse(self) -> None:
        """Another process has it: nothing more is written."""
        self._state = "taken"
        self._dry = True

    def beat(self) -> None:
        """The owner lives."""
        if self._owner is not None:
            self._owner.beat()

    def let_go(self) -> None:
        """Nobody owns it any more; what was built aside and never shown goes."""
        self._payloads.close()
        self._release()
        if not self._there and self._place is not self._folder:
            shutil.rmtree(self._place.path, ignore_errors=True)
        self._trace.close()

    def landed(self) -> Landed:
        return Landed(
            self.run_id, self._run.key, self._run.producer, self._run.query,
            self._state, self._told, self._trace.added, self._unread,
        )  # fmt: skip

    # -------------------------------------------------------------- what is said

    def _announce(self) -> None:
        run = self._run
        init = RunInit(
            format=FORMAT,
            program=run.program if run.program is not None else run.query,
            query=run.query or None,
            fragment_count=run.fragment_count,
            started_at=self._started_at(),
            producer=run.producer,
            context=masked_tree(plain(run.context)) if run.context else None,
            inferred=run.started_inferred or None,
        )
        for text in run.texts:
            self._recorder.keep(text)
        self._record(init, 0)

    def _describe(self) -> None:
        run = self._run
        machine = {"name": run.host, "platform": run.platform}
        found = Environment(
            git=masked_tree(run.git) if run.git else None,
            packages=run.packages,
            python=run.python,
            host={name: said for name, said in machine.items() if said} or None,
        )
        if found not in (Environment(), self._environment):
            self._environment = found
            self._record(found, 0)

    def _record(self, event: TraceEvent, at_us: int) -> None:
        self._told += 1
        before = self._trace.added
        ended_at_us = self._trace.ended_at_us
        self._recorder.record(event, at_us)
        new = self._trace.added > before
        if new and ended_at_us is not None and at_us > ended_at_us:
            self._resume(event, at_us)
        self._payloads.settle(write=new and not self._dry)
        if not new:
            return
        if self._state == "unchanged":
            self._state = "grown"
        if self._trace.is_full() or self._payloads.is_full():
            self._flush()

    def _flush(self) -> None:
        if self._there and not self._dry:
            self._own()
        self._payloads.flush()
        self._trace.flush()

    def _sync(self) -> None:
        self._payloads.beat()
        self._trace.sync()

    def _resume(self, event: TraceEvent, at_us: int) -> None:
        """Put before the event that shows that the run went on after its end."""
        if isinstance(event, _AFTER_THE_END):
            return
        at = utc(self._run.started_at) + timedelta(microseconds=at_us)
        self._trace.insert(RunResumed(started_at=at.isoformat(timespec="milliseconds")), at_us)
        self._trace.ended_at_us = at_us if isinstance(event, END_EVENTS) else None

    def _as_guessed_before(self, run: ForeignRun) -> ForeignRun:
        """A beginning that is guessed is guessed once."""
        record = self._folder.record() if run.started_inferred and self._there else None
        said = moment(record.started_at) if record is not None else None
        return msgspec.structs.replace(run, started_at=said) if said is not None else run

    def _refs(self, texts: str | list[str]) -> Any:
        if isinstance(texts, str):
            return self._recorder.keep(texts)
        return [self._ref(text) for text in texts]

    def _ref(self, text: str) -> str | None:
        """Messages come again with each turn: what a short one is named is remembered."""
        if len(text) > REMEMBERED_CHARS:
            return self._recorder.keep(text)
        if text not in self._named:
            if len(self._named) >= REMEMBERED_TEXTS:
                self._named.clear()
            self._named[text] = self._recorder.keep(text)
        return self._named[text]

    def _remember(self, event: TraceEvent) -> None:
        """What goes into the files of an ended run."""
        if isinstance(event, END_EVENTS):
            self._output = event.output or None
        elif isinstance(event, Metric):
            if event.summary:
                self._overrides.add(event.name)
            if event.summary or event.name not in self._overrides:
                self._metrics[event.name] = event.special or event.value

    # -------------------------------------------------------------- files

    def _settle_at(self, place: RunFolder) -> None:
        self._place = place
        self._trace = LandedTrace(place.trace, self.run_id, self._dry)
        self._payloads = LandedPayloads(place.artifacts)
        self._recorder = Recorder(self._trace, self._payloads, mask=masked)

    def _arrive(self, own: bool) -> None:
        """From aside into place, whole. Another import of the same run may have been faster."""
        self._sync()
        self._payloads.close()
        if own:
            self._own()
        if own or self._home.db.exists():
            self._home.mark(self.run_id)  # readers may still know one that was thrown away
        try:
            self._place.path.rename(self._folder.path)
        except OSError as error:
            if self._folder.exists():
                raise self._taken() from error
            raise
        self._there = True
        self._place = self._folder
        self._trace.moved(self._folder.trace)
        if own:
            self._payloads = LandedPayloads(self._folder.artifacts)
            self._recorder = Recorder(self._trace, self._payloads, mask=masked)

    def _own(self) -> None:
        if self._owner is not None:
            return
        pulse = Pulse(pid=os.getpid(), boot_id=boot_id(), host=host(), hears_stop=False)
        self._owner = take(self._place.heartbeat, pulse)
        if self._owner is None:
            raise self._taken()

    def _taken(self) -> RunTaken:
        held = self._place.pulse()
        by = f" by process {held.pid}" if held else ""
        return RunTaken(
            f"run {self.run_id} is being recorded{by}; import it again when that process has ended"
        )

    def _release(self) -> None:
        if self._owner is not None:
            self._owner.release()
            self._owner = None

    def _write_record(self) -> None:
        """Only where it says something else than what is there."""
        record = self._as_record()
        before = self._place.record() if self._there else None
        if before is None or msgspec.structs.replace(before, rlmboard=record.rlmboard) != record:
            self._write(self._place.config, encode_record(record))

    def _as_record(self) -> RunRecord:
        run = self._run
        settings = masked_tree(plain(run.config))
        record = RunRecord(
            format=FORMAT,
            run_id=self.run_id,
            query=masked(run.query),
            config=run_config(settings),
            started_at=self._started_at(),
            host=run.host,
            user=run.user,
            argv=tuple(map(masked, run.argv)),
            cwd=run.cwd,
            root=run.cwd,
            git=masked_tree(run.git) if run.git else None,
            python=run.python,
            platform=run.platform,
            packages=run.packages,
            rlmboard=VERSION,
            parent_run_id=run.parent_run_id,
            parent_id=run.parent_id,
            producer=run.producer,
        )
        return msgspec.convert(plain(record), RunRecord)

    def _started_at(self) -> str:
        return utc(self._run.started_at).isoformat(timespec="milliseconds")

    def _write_results(self) -> None:
        if self._output is not None:
            self._write(self._place.output, masked(self._output).encode(errors="replace"))
        if self._metrics:
            metrics = msgspec.json.format(msgspec.json.encode(plain(self._metrics)), indent=2)
            self._write(self._place.metrics, metrics + b"\n")

    def _write(self, path: Path, content: bytes) -> None:
        """As a whole where somebody may look."""
        if self._there:
            write_whole(path, content)
        else:
            _write_new(path, content)


def _write_new(path: Path, content: bytes) -> None:
    """With as few calls as can be: thousands of runs come at once."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(file, rest) :]
    finally:
        os.close(file)
