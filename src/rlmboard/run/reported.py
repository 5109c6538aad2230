"""A run that another program reports: told when it has happened, in any order, perhaps again."""

from __future__ import annotations

import os
from datetime import datetime
from functools import partial
from typing import Any

import msgspec

from ..folder import Home, PayloadWriter, Writer
from ..trace import FORMAT, EndEvent, RunInit, TraceEvent, run_config
from .begin import init, payloads_of
from .current import open_runs
from .recorder import Payloads, Recorder
from .run import Run
from .settings import as_settings


class ReportedRun:
    """Holds such a run open. Nothing of this process stands in it, and its end does not end it.

    Times are milliseconds since `started_at`; without one, now. `hears_stop`: who reports looks
    whether the run is asked to stop. Raises RunTaken when another process holds the run.
    """

    def __init__(
        self,
        run_id: str,
        producer: str,
        started_at: datetime | None = None,
        *,
        query: str = "",
        home: str | os.PathLike[str] | None = None,
        config: dict[str, Any] | None = None,
        payloads: Payloads = "full",
        hears_stop: bool = True,
    ) -> None:
        run = init(
            query,
            id=run_id,
            resume="allow",
            home=home,
            producer=producer,
            config=config,
            payloads=payloads,
            started_at=started_at,
            surroundings=False,
            mode="on",
        )
        self._hold(run, producer)
        if not hears_stop:
            self._say_deaf()

    def _say_deaf(self) -> None:
        owner = self._run._recorder.writer.owner
        if owner is not None:
            owner.pulse.hears_stop = False
            owner.say()

    def _hold(self, run: Run, producer: str) -> None:
        self._run = run
        self._producer = producer
        self.id = run.id
        self.started_at = datetime.fromisoformat(run._record.started_at)

    @classmethod
    def joined(cls, run_id: str, home: str | os.PathLike[str]) -> ReportedRun | None:
        """One more writer to a run that a process of this boot holds; None where none does."""
        place = Home(home)
        folder = place.run(run_id)
        record, pulse = folder.record(), folder.pulse()
        if record is None or pulse is None or folder.liveness() != "owned":
            return None
        base_ns = pulse.base_ns or record.monotonic_ns
        writer = Writer(folder.trace, run_id, base_ns, mark=partial(place.mark, run_id))
        recorder = Recorder(writer, PayloadWriter(folder.artifacts), payloads_of(record))
        one = cls.__new__(cls)
        one._hold(Run(place, record, recorder, own_ids=False), record.producer)
        return one

    @property
    def settings(self) -> dict[str, Any]:
        """Its settings, on one level."""
        return as_settings(self._run._record.config)

    @property
    def problem(self) -> str | None:
        """Why something could not be recorded, if so."""
        return self._run.problem

    def emit(self, event: TraceEvent, at_ms: float | None = None) -> bool:
        """Record a fact; whether it is on disk now."""
        return self._run._recorder.record(event, None if at_ms is None else round(at_ms * 1000))

    def state(self, event: TraceEvent, at_ms: float) -> bool:
        """Record a fact that went through `cut` already."""
        return self._run._recorder.writer.append(event, round(at_ms * 1000))

    def gather(self) -> None:
        """From here on what is recorded waits for `flush`, which writes it at once."""
        self._run._recorder.gather()

    def flush(self) -> bool:
        """Whether all that was gathered is on disk now."""
        return self._run._recorder.flush()

    def next_id(self) -> str:
        """A name for a sub-query that its asker did not name."""
        return self._run._query_ids.next()

    def cut(self, event: TraceEvent) -> TraceEvent:
        """The event as it will stand: its texts kept by hash and cut."""
        return self._run._recorder.cut(event)

    def keep(self, text: str) -> str | None:
        """The hash by which an event may name this text; None where it could not be kept."""
        return self._run._recorder.keep(text)

    def announce(self, query: str, config: dict[str, Any]) -> bool:
        """What was not known when it began: the question, and settings."""
        record = self._run._record
        self._run.complete_record(query=query, config=run_config({**self.settings, **config}))
        init = RunInit(
            format=FORMAT,
            program=query,
            query=query,
            started_at=record.started_at,
            producer=self._producer,
        )
        return self.emit(init, 0.0)

    def end(
        self, event: EndEvent, at_ms: float | None = None, output: str | None = None, *,
        closes: bool = True,
    ) -> None:  # fmt: skip
        """How it ended; from here on another process may take it up. Who joined only lets go.

        Unless it `closes`, `close` is still to come.
        """
        run = self._run
        if run.ended:
            return
        run.output = output
        said = msgspec.structs.replace(event, output=output or "") if output else event
        self._leave()
        if run.owns:
            run._record_end(said, at_ms)
        if closes:
            self.close()

    def close(self) -> None:
        """Down to the disk, which takes as long as the disk does; may be done beside."""
        self._run._recorder.close()

    def let_go(self) -> None:
        """It may go on, without this process: no end is said."""
        self._leave()
        self.close()
        if (owner := self._run._recorder.writer.owner) is not None:
            owner.release()

    def _leave(self) -> None:
        self._run.ended = True
        open_runs.discard(self._run)
