"""What a command works with: the home, the store over it, and the two streams it writes to."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click
import msgspec

from ..folder import Home
from .pictures.glyphs import in_json
from .terminal import Progressing, Terminal

if TYPE_CHECKING:
    from ..store import Store, StoredRun


class Workplace:
    """Made once a command line. Everything on it is laid out when it is first asked for."""

    def __init__(self, home: str | None = None) -> None:
        self._home = home

    @cached_property
    def home(self) -> Home:
        return Home(self._home)

    @cached_property
    def store(self) -> Store:
        from ..store import Store

        told = Progressing(self.err, "indexing", "runs")
        context = click.get_current_context()
        store = Store(self.home, progress=lambda done, total: indexing(told, done, total))
        context.call_on_close(lambda: self._leave(store, told))
        return store

    def _leave(self, store: Store, told: Progressing) -> None:
        told.__exit__()
        if store.notice:
            self.note(f"note: {store.notice}")
        store.close()

    @cached_property
    def out(self) -> Terminal:
        return Terminal(sys.stdout)

    @cached_property
    def err(self) -> Terminal:
        return Terminal(sys.stderr)

    def run(self, run_id: str | None) -> StoredRun:
        """The run of this id, unique prefix, or `latest`; the newest one where none is named."""
        return self.store.run(run_id or "latest")

    def json(self, value: Any) -> None:
        """One JSON value on stdout."""
        self.out.line(in_json(msgspec.json.encode(value).decode()))

    def pieces(self, pieces: Iterable[str]) -> None:
        for piece in pieces:
            self.out.data(piece)

    def note(self, message: str) -> None:
        """A line to the person, beside what is asked for."""
        self.err.line(message)


def indexing(told: Progressing, done: int, total: int) -> None:
    """The bar goes as soon as everything is taken in: what is asked for follows."""
    told(done, total)
    if done >= total:
        told.__exit__()


pass_workplace = click.make_pass_decorator(Workplace, ensure=True)
