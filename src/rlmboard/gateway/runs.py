"""All runs that calls pass through: begun by a first call, ended when they are idle, reopened."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable

import msgspec

from ..errors import HomeUnusable, RunTaken
from ..folder import Home, RunFolder, RunRecord
from ..money.prices import Cost
from ..run import ReportedRun
from .conversations import Conversations
from .ledger import Ledger
from .naming import RunName
from .past import PriceOf, held_back, past_of
from .refusals import refused
from .reservations import Reservations
from .settings import Limits, Settings
from .under_way import UnderWay

PRODUCER = "gateway"
MOST_OPEN = 200
"""Each open run holds three files."""
REMEMBERED = 100


class Runs:
    """Opens and ends runs beside the loop, each once at a time."""

    def __init__(
        self,
        home: Home,
        settings: Settings,
        price_of: PriceOf,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._home = home
        self._settings = settings
        self._price_of = price_of
        self._clock = clock
        self._open: dict[str, UnderWay] = {}
        self._changing: dict[str, asyncio.Task[UnderWay | None]] = {}
        self._conversations: OrderedDict[str, Conversations] = OrderedDict()

    def __len__(self) -> int:
        """How many are open."""
        return len(self._open)

    async def enter(self, name: RunName, question: str) -> UnderWay:
        """The run of this name, with one more call in it. Raises Refused. `leave` it."""
        run = self._open.get(name.run_id)
        if run is None and len(self._open) >= MOST_OPEN:
            await self.end_idle()
        while run is None:
            run = await self._opened(name, question)
        if name.query_id is None and run.of_another and not run.records(None):
            raise refused(
                "conflict",
                f"run {name.run_id} has ended and is not the gateway's; name another run",
            )
        run.calls += 1
        return run

    def leave(self, run: UnderWay) -> None:
        run.calls -= 1
        run.last_s = self._clock()

    async def end_idle(self) -> None:
        """End the runs that were asked nothing for a while, and the oldest of too many.

        One that somebody asked to stop makes no further calls until then.
        """
        for run in self._open.values():
            if run.owned and self._home.run(run.run_id).cancel.exists():
                run.ledger.stopped = True
        before_s = self._clock() - self._settings.idle_s
        quiet = sorted(
            (run for run in self._open.values() if not run.calls), key=lambda run: run.last_s
        )
        surplus = max(0, len(self._open) - MOST_OPEN + 1)
        for at, run in enumerate(quiet):
            if at < surplus or run.last_s <= before_s:
                await self._end(run, "idle")

    async def close(self) -> None:
        """The gateway stops: every run of it ends."""
        while self._changing:
            await asyncio.wait(list(self._changing.values()))
        for run in list(self._open.values()):
            await self._end(run, "stopped")

    # ------------------------------------------------------------ one after the other

    async def _opened(self, name: RunName, question: str) -> UnderWay | None:
        """Opened by the first who asks; the others wait for the same. None: look again."""
        changing = self._changing.get(name.run_id)
        if changing is None:
            changing = self._change(name.run_id, self._open_one, name, question)
        return await asyncio.shield(changing)

    async def _end(self, run: UnderWay, reason: str) -> None:
        if self._open.get(run.run_id) is not run or run.run_id in self._changing:
            return
        del self._open[run.run_id]
        self._conversations[run.run_id] = run.conversations
        if len(self._conversations) > REMEMBERED:
            self._conversations.popitem(last=False)
        await asyncio.shield(self._change(run.run_id, _ended, run, reason))

    def _change(
        self, run_id: str, change: Callable[..., UnderWay | None], *given: object
    ) -> asyncio.Task[UnderWay | None]:
        async def changed() -> UnderWay | None:
            try:
                run = await asyncio.to_thread(change, *given)
                if run is not None:
                    run.last_s = self._clock()
                    run.conversations = self._conversations.pop(run_id, run.conversations)
                    self._open[run_id] = run
                return run
            finally:
                del self._changing[run_id]

        task = asyncio.get_running_loop().create_task(changed())
        task.add_done_callback(_looked_at)
        self._changing[run_id] = task
        return task

    # ------------------------------------------------------------ beside the loop

    def _open_one(self, name: RunName, question: str) -> UnderWay:
        folder = self._home.run(name.run_id)
        record = folder.record() if folder.exists() else None
        limits = self._settings.limits_of(name.run_id)
        if record is None or record.producer == PRODUCER:
            try:
                return self._owned(name, question, limits)
            except RunTaken as error:
                if limits.is_budget:
                    raise refused("conflict", _kept_elsewhere(name.run_id)) from error
                record = folder.record() or RunRecord(run_id=name.run_id)
            except HomeUnusable as error:
                raise refused("upstream", f"the gateway cannot record: {error}") from error
        return self._of_another(name, record, _tightest(limits, record))

    def _owned(self, name: RunName, question: str, limits: Limits) -> UnderWay:
        existed = self._home.run(name.run_id).exists()
        past = past_of(self._home.run(name.run_id), self._price_of) if existed else None
        record = ReportedRun(
            name.run_id,
            PRODUCER,
            None,
            home=self._home.path,
            config=_config(name, limits),
            query=question,
            payloads=self._settings.payloads,
        )
        for event in past.ends if past else ():
            record.emit(event)
        ledger = self._ledger(limits, past.spent if past else None)
        return UnderWay(name.run_id, ledger, record, owned=True)

    def _of_another(self, name: RunName, record: RunRecord, limits: Limits) -> UnderWay:
        """A run that another process holds; its calls are linked where they name sub-queries."""
        folder = self._home.run(name.run_id)
        reservations = _reservations(folder) if limits.is_budget and folder.exists() else None
        joined = ReportedRun.joined(name.run_id, self._home.path)
        past = past_of(folder, self._price_of, reservations.counted if reservations else None)
        if joined is not None and reservations is not None and reservations.left_open:
            joined.emit(held_back(reservations.left_open))
        return UnderWay(
            name.run_id,
            self._ledger(limits, past.spent),
            joined,
            owned=False,
            of_another=record.producer != PRODUCER,
            reservations=reservations,
        )

    def _ledger(self, limits: Limits, spent: Cost | None) -> Ledger:
        return Ledger(
            limits,
            allow_unknown=self._settings.allow_unknown_cost,
            spent=spent,
            clock=self._clock,
        )


def _reservations(folder: RunFolder) -> Reservations:
    """Raises Refused where another gateway holds them, or they cannot be kept."""
    try:
        return Reservations(folder)
    except BlockingIOError as error:
        raise refused("conflict", _kept_elsewhere(folder.run_id)) from error
    except OSError as error:
        why = error.strerror or error
        raise refused("upstream", f"the gateway cannot keep what is reserved: {why}") from error


def _ended(run: UnderWay, reason: str) -> None:
    run.end(reason)


def _kept_elsewhere(run_id: str) -> str:
    return (
        f"another program of this machine has run {run_id} open, such as a second gateway, and two "
        "cannot keep one budget; ask that one, or name another run"
    )


def _looked_at(task: asyncio.Task[UnderWay | None]) -> None:
    """An error that nobody waits for any more is nobody's."""
    if not task.cancelled():
        task.exception()


def _config(name: RunName, limits: Limits) -> dict[str, object]:
    said = {
        "name": name.title,
        "budget_sats": limits.budget_sats,
        "budget_usd": limits.budget_usd,
    }
    return {key: value for key, value in said.items() if value is not None}


def _tightest(limits: Limits, record: RunRecord) -> Limits:
    """A run that brings a budget of its own is held to the smaller of both."""
    said = record.config

    def smaller(one: float | None, other: float | None) -> float | None:
        return min((n for n in (one, other) if n is not None and n >= 0), default=None)

    return msgspec.structs.replace(
        limits,
        budget_sats=smaller(limits.budget_sats, said.budget_sats),
        budget_usd=smaller(limits.budget_usd, said.budget_usd),
    )
