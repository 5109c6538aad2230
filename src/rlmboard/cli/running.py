"""`rlmboard run`: from flags to the last line on the screen."""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack
from typing import Any

import msgspec

from ..conductor import Outcome, Program
from ..run import Run, init, new_run_id
from ..trace import TraceEvent
from .assignment import Flags, config_of, settings_of
from .conducting import (
    Material,
    Pool,
    Stop,
    conduct,
    pool_of,
    read_material,
    records_of,
    refuse_afar,
)
from .lazy import CANCELLED
from .live import LivePicture, PlainLines, Screen, Watcher
from .pictures import amounts
from .pictures.answer import answer_text, facts_line
from .tally import Tally
from .terminal import Progressing
from .workplace import Workplace

EXIT_CODES = {"completed": 0, "failed": 1, "cancelled": CANCELLED}


def run_and_show(here: Workplace, flags: Flags, as_json: bool) -> int:
    """Carry out what was asked for; the exit code."""
    pool = pool_of(here.home, flags.provider, flags.model, flags.seed or 0)
    if flags.local_only:
        refuse_afar(pool)
    settings = settings_of(flags, pool.room_chars)
    with Progressing(here.err, "reading", "bytes") as told:
        material = read_material(flags.paths, settings, told)
    program = Program(
        query=flags.query,
        fragments=material.fragments,
        settings=settings,
        records=records_of(here.home, settings.routing),
    )
    run = _begun(here, flags, program, pool, material)
    performance = Performance(here, run, program, pool, material, flags.log)
    outcome = performance.perform()
    if as_json:
        here.json(performance.as_json(outcome))
    else:
        performance.show_end(outcome)
    return EXIT_CODES[outcome.status]


def _begun(here: Workplace, flags: Flags, program: Program, pool: Pool, material: Material) -> Run:
    config = config_of(flags, program.settings, pool.names, pool.model) | {"prices": pool.prices}
    run = init(
        flags.query,
        id=new_run_id(),  # its own, also inside of a program that is being recorded
        config=config,
        experiment=flags.experiment,
        name=flags.name,
        tags=flags.tag,
        notes=flags.notes,
        home=here.home.path,
        payloads=flags.payloads,
        mode=None if flags.log else "disabled",
        producer="conductor",
        fragment_count=len(material.fragments),
        context={"type": "files", "files": material.files, "bytes": material.size_bytes},
        root=material.root,
    )
    if run.problem:
        here.note(f"warning: this run is not recorded: {run.problem}")
    return run


class Performance:
    """One run on its way, watched."""

    def __init__(
        self, here: Workplace, run: Run, program: Program, pool: Pool, material: Material, log: bool
    ) -> None:
        self._here = here
        self._run = run
        self._program = program
        self._pool = pool
        self._material = material
        self._is_recorded = log and run.problem is None
        self._tally = Tally()
        self._start = time.monotonic()
        self._duration_ms = 0.0

    def perform(self) -> Outcome:
        """To the end of the run, whatever that is; it is recorded when this returns."""
        with ExitStack() as stack:
            stop = stack.enter_context(Stop(self._here.note))
            watcher = self._watcher(stack)
            outcome = self._conducted(watcher, stop)
            self._end(outcome)
            if isinstance(watcher, LivePicture):
                watcher.draw(outcome.status)
        return outcome

    def _conducted(self, watcher: Watcher, stop: Stop) -> Outcome:
        def emit(event: TraceEvent) -> None:
            self._run.emit(event)
            self._tally.take(event)
            watcher.take(event)

        conducting = conduct(
            self._program,
            self._pool.providers,
            self._run,
            emit,
            root=self._material.root,
            stop=stop,
            beside=(watcher.show,),
        )
        try:
            outcome = asyncio.run(conducting)
        except KeyboardInterrupt:
            return Outcome(status="cancelled", end_reason="interrupted", partial=True)
        except BaseException as error:
            self._run.fail(error)
            raise
        if stop.reason is not None and outcome.status == "failed":
            return msgspec.structs.replace(
                outcome, status="cancelled", end_reason=stop.reason, error=None
            )
        return outcome

    def _end(self, outcome: Outcome) -> None:
        self._duration_ms = self._now_ms()
        self._run.output = outcome.answer or None
        self._run.span_refs = outcome.span_refs
        event = outcome.end_event()
        if outcome.status == "completed":
            event = msgspec.structs.replace(event, total_duration_ms=round(self._duration_ms))
        self._run.end(event)

    def _now_ms(self) -> float:
        return (time.monotonic() - self._start) * 1000

    def _watcher(self, stack: ExitStack) -> Watcher:
        terminal = self._here.err
        if not terminal.is_terminal:
            terminal.line(self._first_line())
            return PlainLines(terminal, self._tally)
        from ..trace import run_config
        from .pictures.from_config import gathering_for

        config = run_config(dict(self._run.config))
        gathering = gathering_for(self._run.id, self._program.query, config)
        screen = stack.enter_context(Screen(terminal, gathering))
        return LivePicture(screen, gathering, self._now_ms)

    def _first_line(self) -> str:
        fragments = amounts.count(len(self._material.fragments), "fragment")
        files = amounts.count(self._material.files, "file")
        names = [f"{p.name} (simulated)" if p.simulated else p.name for p in self._pool.providers]
        where = f"run {self._run.id}" if self._is_recorded else "a run that is not recorded"
        return f"{where}: {fragments} of {files}, asking {', '.join(names)}"

    # -------------------------------------------------------------- the end

    def show_end(self, outcome: Outcome) -> None:
        """The answer on stdout; the facts, and what to type next, beside it."""
        here, tally = self._here, self._tally
        if here.err.is_terminal:
            here.note("")
        here.out.line(answer_text(outcome.answer, outcome.span_refs))
        if here.err.is_terminal:
            here.note("")
        for warning in tally.warnings:
            here.note(f"warning: {warning}")
        if outcome.error is not None:
            here.note(f"{outcome.error.type}: {outcome.error.message}")
        here.note(self._facts(outcome))
        if self._is_recorded:
            here.note(f"next: rlmboard show {self._run.id}")
        if self._run.lost and self._is_recorded:
            lost = amounts.count(self._run.lost, "event")
            here.note(f"warning: {lost} could not be recorded: {self._run.problem}")

    def _facts(self, outcome: Outcome) -> str:
        tally, glyphs = self._tally, self._here.err.glyphs
        return facts_line(
            status=outcome.status,
            end_reason=outcome.end_reason,
            partial=outcome.partial,
            counts=tally.counts(),
            checked=tally.citations_checked,
            missing=tally.citations_missing,
            cost=amounts.money(tally.cost_msat, tally.cost_usd_nanos, tally.unknown_cost, glyphs),
            duration_ms=self._duration_ms,
            simulated=tally.simulated,
            run_id=self._run.id if self._is_recorded else None,
            glyphs=glyphs,
        )

    def as_json(self, outcome: Outcome) -> dict[str, Any]:
        """What `--json` prints."""
        tally = self._tally
        return {
            "run_id": self._run.id if self._is_recorded else None,
            "status": outcome.status,
            "end_reason": outcome.end_reason,
            "partial": outcome.partial,
            "answer": outcome.answer,
            "span_refs": outcome.span_refs,
            "cost": tally.cost(),
            "counts": tally.counts(),
            "citations": {"checked": tally.citations_checked, "missing": tally.citations_missing},
            "duration_ms": round(self._duration_ms),
            "simulated": tally.simulated,
            "warnings": tally.warnings,
            "lost": self._run.lost if self._is_recorded else None,
            "error": outcome.error,
        }
