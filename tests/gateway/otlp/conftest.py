"""A receiver with clocks of its own, and spans to send it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rlmboard.folder import Home
from rlmboard.formats.otel import Request, Span
from rlmboard.gateway.otlp import Receiver
from rlmboard.store import Store, StoredRun

BEGAN_NS = 1_767_600_000 * 10**9
TRACE = "ab" * 16


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.at_ns = BEGAN_NS + 3_600 * 10**9
        self.waited_s = 0.0

    def pass_s(self, seconds: float) -> None:
        self.waited_s += seconds
        self.at_ns += int(seconds * 10**9)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def new_receiver(clock: Clock) -> Iterator[Callable[[], Receiver]]:
    """Makes receivers, as processes would; those that are left are closed."""
    made: list[Receiver] = []

    def make() -> Receiver:
        made.append(Receiver(Home(), lambda: clock.at_ns, lambda: clock.waited_s))
        return made[-1]

    yield make
    for receiver in made:
        receiver.close()


@pytest.fixture
def receiver(new_receiver: Callable[[], Receiver]) -> Receiver:
    return new_receiver()


@pytest.fixture
def send(receiver: Receiver) -> Callable[..., None]:
    def sent(*spans: Span) -> None:
        receiver.take(Request(list(spans)))

    return sent


def made_span(
    number: int, parent: int | None = None, at: tuple[float, float] = (0, 1), *,
    trace: str = TRACE, name: str = "", **more: Any,
) -> Span:  # fmt: skip
    """Span `number` of a trace; `at` are the milliseconds in which it began and ended."""
    began, ended = at
    return Span(
        trace_id=trace,
        span_id=f"{number:016x}",
        parent_id=f"{parent:016x}" if parent is not None else None,
        name=name or f"span {number}",
        start_ns=BEGAN_NS + round(began * 1e6),
        end_ns=BEGAN_NS + round(ended * 1e6) if ended >= 0 else 0,
        **more,
    )


@pytest.fixture
def span() -> Callable[..., Span]:
    return made_span


@pytest.fixture
def call() -> Callable[..., Span]:
    """A span in which a model was asked: 100 and 10 tokens, of which 40 cached."""

    def made(number: int, parent: int | None = None, **more: Any) -> Span:
        said = {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": "m-1",
            "gen_ai.provider.name": "openai",
            "gen_ai.usage.input_tokens": 100,
            "gen_ai.usage.output_tokens": 10,
            "gen_ai.usage.cache_read.input_tokens": 40,
        }
        attributes = {**said, **more.pop("attributes", {})}
        return made_span(number, parent, attributes=attributes, **more)

    return made


@pytest.fixture
def agent() -> Callable[..., Span]:
    def made(number: int, parent: int | None = None, **more: Any) -> Span:
        said = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": f"agent {number}"}
        attributes = {**said, **more.pop("attributes", {})}
        return made_span(number, parent, attributes=attributes, **more)

    return made


@pytest.fixture
def runs() -> Callable[[], list[StoredRun]]:
    """All runs of the home, the oldest first, as a reader finds them now."""

    def found() -> list[StoredRun]:
        store = Store()
        return [store.run(row.run_id) for row in store.runs(order="created_at", limit=None)]

    return found
