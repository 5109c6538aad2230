"""For tests of programs that use rlmboard, and for who proves an adapter true.

`FakeProvider` answers without a network. `capture_events()` gives something to hand in as `emit`.
`ScriptedServer` is a real server on this machine that speaks as OpenAI and Anthropic do, follows
its script, faults included, and keeps a `Book` of what it served. `reconcile(run, book)` holds a
recorded run against that book, call by call and in sum.
"""

from __future__ import annotations

from ..providers import FakeProvider, simulated_swarm
from .book import Book, Served, Totals
from .captured import Captured, capture_events
from .pairing import Attempt, Pair
from .reconcile import Difference, Reconciliation, reconcile
from .reply import Reply
from .server import ScriptedServer

__all__ = [
    "Attempt",
    "Book",
    "Captured",
    "Difference",
    "FakeProvider",
    "Pair",
    "Reconciliation",
    "Reply",
    "ScriptedServer",
    "Served",
    "Totals",
    "capture_events",
    "reconcile",
    "simulated_swarm",
]
