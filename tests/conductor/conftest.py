"""A stage for plans: offers, fragments, a script of answers, and everything that was recorded."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Iterable
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest

from rlmboard.conductor import (
    Answer,
    Bound,
    Desk,
    Outcome,
    Program,
    ProviderError,
    Record,
    Settings,
    Simulation,
)
from rlmboard.conductor.plan import Ask
from rlmboard.conductor.simulate import Reply
from rlmboard.sources import Fragment
from rlmboard.trace import (
    RunInit,
    SpanRef,
    Stamped,
    SubQueryExecute,
    SubQuerySubmit,
    content_hash,
)
from rlmboard.trace.order import problems

T = TypeVar("T")


class Offer:
    """A provider as the plan sees it; `price_msat` for each byte and token, None if unknown."""

    def __init__(
        self, name: str = "p", concurrency: int = 8, price_msat: int | None = 1, **more: Any
    ) -> None:
        self.name = name
        self.venue = "local"
        self.simulated = True
        self.concurrency = concurrency
        self.model = "m"
        self.price_msat = price_msat
        self.most_msat: int | None = more.get("most_msat")

    def bound(self, prompt_bytes: int, max_tokens: int) -> Bound:
        if self.most_msat is not None:
            return Bound(msat=self.most_msat)
        price = self.price_msat
        return Bound(msat=None if price is None else price * (prompt_bytes + max_tokens))


def fragment(number: int, text: str | None = None, path: str | None = None) -> Fragment:
    """A document of one fragment, whole."""
    content = (text if text is not None else f"text of {number}\n").encode()
    name = path or f"doc{number}.txt"
    lines = max(content.count(b"\n") + (not content.endswith(b"\n")), 1)
    span = SpanRef(
        id=f"{name}:1-{lines}",
        path=name,
        start_line=1,
        end_line=lines,
        end_byte=len(content),
        content_hash=content_hash(content),
    )
    return Fragment(id=span.id, span=span, chars=len(content.decode()))


class Stage:
    """Runs a program in a simulation; every trace is held against the protocol of traces."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.asked: list[Ask] = []
        self.at: list[float] = []
        self.offers: list[Offer] = [Offer()]
        self.texts: dict[str, str] = {}
        self.query = "why?"
        self.records: dict[str, Record] = {}
        self.fragments: list[Fragment] = []
        self.script: Callable[[Ask], Reply] = lambda ask: (1.0, Answer(text=self.said(ask)))
        self.holds: Callable[[SpanRef], bool] | None = None
        self.outcome: Outcome | None = None
        self.took_s = 0.0

    def said(self, ask: Ask) -> str:
        """What a provider with nothing better to say says."""
        asked = ask.question
        place = asked.fragment.id if asked.fragment else f"{len(asked.findings)} findings"
        return f"{asked.role} of {place}"

    def documents(self, count: int, text: str | None = None) -> None:
        self.fragments = [fragment(i, text) for i in range(count)]

    def run(self, cancel_at: float | None = None, **settings: Any) -> Outcome:
        program = Program(
            query=self.query,
            fragments=self.fragments or [fragment(i) for i in range(4)],
            settings=Settings(**settings),
            records=self.records,
        )
        desk = Desk(program, lambda piece: self.texts.get(piece.id, ""), None, self.holds)
        simulation = Simulation(program, self.offers, self._scripted, self._record, desk)
        self.simulation = simulation
        self.outcome = simulation.run(cancel_at)
        self.took_s = simulation.now
        assert not self.problems()
        return self.outcome

    def _record(self, event: Any) -> None:
        self.events.append(event)
        self.at.append(getattr(self, "simulation", SimpleNamespace(now=0.0)).now)

    def _scripted(self, ask: Ask) -> Reply:
        self.asked.append(ask)
        return self.script(ask)

    def problems(self) -> list[Any]:
        assert self.outcome is not None
        events = [RunInit(), *self.events, self.outcome.end_event()]
        return problems(Stamped(i, "run", 0.0, event) for i, event in enumerate(events, 1))

    def of(self, *kinds: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kinds)]

    def times_of(self, *kinds: type) -> list[float]:
        pairs = zip(self.events, self.at, strict=True)
        return [at for event, at in pairs if isinstance(event, kinds)]

    def roles(self) -> list[str]:
        return [event.role for event in self.of(SubQuerySubmit)]

    def asked_providers(self) -> list[str]:
        return [event.provider_id for event in self.of(SubQueryExecute)]

    def by_key(self, replies: dict[str, Reply]) -> None:
        """Replies by attempt key, role or fragment id; all others answer after a second."""
        usual = self.script

        def script(ask: Ask) -> Reply:
            piece = ask.question.fragment
            for name in (ask.key, piece.id if piece else "", ask.question.role):
                if name in replies:
                    return replies[name]
            return usual(ask)

        self.script = script


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def offer() -> type[Offer]:
    return Offer


@pytest.fixture
def make_fragment() -> Callable[..., Fragment]:
    return fragment


@pytest.fixture
def error() -> Callable[..., ProviderError]:
    def made(kind: str = "down", *, retryable: bool = False, **more: Any) -> ProviderError:
        return ProviderError(kind, f"it is {kind}", retryable=retryable, **more)

    return made


# ------------------------------------------------------------------ a loop without waiting


class _NoWait(selectors.BaseSelector):
    """Instead of waiting it lets the loop's clock jump to the next timer."""

    def __init__(self) -> None:
        self._real = selectors.DefaultSelector()
        self.now = 0.0

    def register(self, fileobj: Any, events: int, data: Any = None) -> Any:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> Any:
        return self._real.unregister(fileobj)

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise RuntimeError("everything waits, and for nothing")
        ready = self._real.select(0)
        if not ready:
            self.now += max(timeout, 0.0)
        return ready

    def get_map(self) -> Any:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._clock = _NoWait()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now


@pytest.fixture
def run_virtually() -> Callable[[Coroutine[Any, Any, T]], T]:
    """Runs a coroutine to its end in no time: sleeping moves the clock and nothing else."""

    def run(coroutine: Coroutine[Any, Any, T]) -> T:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            return runner.run(coroutine)

    return run


class Scripted:
    """A provider that does what `answering`, a coroutine function of the request, does."""

    venue = "local"
    simulated = True
    model = "m"

    def __init__(self, answering: Any, name: str = "p", concurrency: int = 8) -> None:
        self.name = name
        self.concurrency = concurrency
        self.requests: list[Any] = []
        self.closed = False
        self._answering = answering

    async def answer(self, request: Any) -> Any:
        self.requests.append(request)
        return await self._answering(request)

    def bound(self, prompt_bytes: int, max_tokens: int) -> Bound:
        return Bound(msat=prompt_bytes + max_tokens)

    async def aclose(self) -> None:
        self.closed = True


@pytest.fixture
def scripted() -> type[Scripted]:
    return Scripted


@pytest.fixture
def spans_of() -> Callable[[Iterable[Any]], list[str]]:
    return lambda spans: [str(span) for span in spans]
