"""Carrying a plan out: real providers, real time, and everything that they do wrong."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

import msgspec

from ..trace import Emit
from .citations import Cite
from .desk import Desk, Holds
from .plan import (
    Abort,
    Action,
    Answered,
    Ask,
    Cancelled,
    Check,
    Divide,
    Failed,
    Finish,
    Happened,
    Plan,
    Rank,
    Started,
    Ticked,
    WakeAt,
)
from .program import Outcome, Program
from .provider import Answer, Provider, ProviderError, Request
from .question import Read

POLL_S = 0.25
PATIENCE_S = 1.0
"""How long attempts that were aborted may take to notice."""


async def drive(
    program: Program,
    pool: Sequence[Provider],
    emit: Emit,
    *,
    read: Read,
    cite: Cite | None = None,
    check: Holds | None = None,
    cancelled: Callable[[], bool | str] | None = None,
) -> Outcome:
    """Runs a program to its end and says how it ended; everything between is told to `emit`.

    `read` gives the text of a fragment, `cite` makes a SpanRef of lines that an answer names, and
    `check` says whether a SpanRef holds. `cancelled` is asked four times a second: True, or a word
    that becomes the end reason. The time is the event loop's.

    What providers do wrong never raises here. Raises BadInput before anything was asked; when the
    task itself is cancelled, everything under way is recorded as cancelled first.
    """
    performance = Performance(program, pool, emit, Desk(program, read, cite, check))
    return await performance.run(cancelled)


class Performance:
    """One plan being carried out. Tells the plan what happens, and does what it says, in order."""

    def __init__(self, program: Program, pool: Sequence[Provider], emit: Emit, desk: Desk) -> None:
        self._plan = Plan(program, pool)
        self._providers = {provider.name: provider for provider in pool}
        self._emit = emit
        self._desk = desk
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[Outcome] = self._loop.create_future()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._aborted: set[asyncio.Task[None]] = set()
        self._news: deque[Happened] = deque()
        self._telling = False
        self._alarm: asyncio.TimerHandle | None = None
        self._poll: asyncio.TimerHandle | None = None

    async def run(self, cancelled: Callable[[], bool | str] | None) -> Outcome:
        self._tell(Started())
        if cancelled is not None:
            self._watch(cancelled)
        try:
            return await self._ended
        except asyncio.CancelledError:
            self._tell(Cancelled("interrupted"))
            raise
        finally:
            await self._clear()

    def _watch(self, cancelled: Callable[[], bool | str]) -> None:
        by = cancelled()
        if by:
            self._tell(Cancelled(by if isinstance(by, str) else "user"))
        elif not self._ended.done():
            self._poll = self._loop.call_later(POLL_S, self._watch, cancelled)

    async def _clear(self) -> None:
        """Leaves nothing behind: no timer, and no task that is willing to go."""
        for handle in (self._alarm, self._poll):
            if handle is not None:
                handle.cancel()
        for task in self._tasks.values():
            task.cancel()
        left = {*self._tasks.values(), *self._aborted}
        if left:
            await asyncio.wait(left, timeout=PATIENCE_S)

    # -------------------------------------------------------------- between plan and world

    def _tell(self, happened: Happened) -> None:
        """What happens while actions are being performed waits its turn."""
        self._news.append(happened)
        if self._telling:
            return
        self._telling = True
        try:
            while self._news:
                for action in self._plan.next(self._news.popleft(), self._loop.time()):
                    self._perform(action)
        except Exception as bug:
            if not self._ended.done():
                self._ended.set_exception(bug)
        finally:
            self._telling = False

    def _perform(self, action: Action) -> None:
        match action:
            case Ask():
                self._ask(action)
            case Abort():
                self._abort(action.key)
            case WakeAt():
                self._wake_at(action.at)
            case Check():
                self._news.append(self._desk.check(action))
            case Rank():
                self._news.append(self._desk.rank(action))
            case Divide():
                self._news.append(self._desk.divide(action))
            case Finish():
                if not self._ended.done():
                    self._ended.set_result(action.outcome)
            case _:
                self._emit(action)

    def _wake_at(self, at: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._loop.call_at(at, self._tell, Ticked())

    def _ask(self, ask: Ask) -> None:
        try:
            material = self._desk.material(ask)
        except OSError as error:
            if ask.submit is not None:
                self._emit(ask.submit)
            self._news.append(Failed(ask.key, "Unreadable", str(error)))
            return
        if material.submit is not None:
            self._emit(material.submit)
        task = self._loop.create_task(self._attempt(ask, material.request))
        self._tasks[ask.key] = task

    def _abort(self, key: str) -> None:
        task = self._tasks.pop(key, None)
        if task is not None:
            self._aborted.add(task)
            task.add_done_callback(self._aborted.discard)
            task.cancel()

    async def _attempt(self, ask: Ask, request: Request) -> None:
        try:
            happened = await self._answer(ask, request)
        except asyncio.CancelledError:
            happened = Failed(ask.key, "ProviderBug", "it cancelled itself")
        if self._tasks.pop(ask.key, None) is not None:
            self._tell(happened)

    async def _answer(self, ask: Ask, request: Request) -> Happened:
        try:
            answer = _sound(await self._providers[ask.provider].answer(request))
        except ProviderError as error:
            return Failed(ask.key, error.kind, error.message, error.retryable, error.retry_after_s)
        except Exception as bug:  # whatever it is, it is the provider's and not the run's end
            return Failed(ask.key, "ProviderBug", f"{type(bug).__name__}: {bug}")
        spans, unresolved = self._desk.resolved(ask, request.passages, answer)
        if spans != answer.span_refs:
            answer = msgspec.structs.replace(answer, span_refs=spans)
        return Answered(ask.key, answer, unresolved)


def _sound(answer: object) -> Answer:
    """What a provider returned, if it is an answer. Raises TypeError."""
    if not isinstance(answer, Answer) or not isinstance(answer.text, str):
        raise TypeError(f"an Answer with a text was expected, not {answer!r:.100}")
    for cost in (answer.cost_msat, answer.cost_usd_nanos):
        if not isinstance(cost, int | None):
            raise TypeError(f"a cost must be a whole number, not {cost!r:.100}")
    return answer
