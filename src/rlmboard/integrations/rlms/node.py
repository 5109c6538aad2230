"""One RLM at work: the root of a run or a child, with its turns, its cells and whom it asks."""

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

from ...address import LOOPBACK
from ...formats.rlm_logs import raised
from ...money.prices import PriceTable
from ...run import Run
from ...trace import (
    CellEnd,
    CellStart,
    Failure,
    IterationEnd,
    IterationStart,
    RlmEnd,
    RlmStart,
    Role,
    SubQueryCancel,
    SubQuerySubmit,
    ToolEnd,
    ToolStart,
    as_text,
)
from ..priced import price_at
from .asking import Asking, PriceOf
from .batches import Batches, Place
from .cells import as_called, variables
from .ends import End

node_here: ContextVar[Node | None] = ContextVar("rlmboard_rlms_node", default=None)
"""The RLM that this thread or task works for."""
role_here: ContextVar[Role] = ContextVar("rlmboard_rlms_role", default="sub")

tool_here: ContextVar[tuple[Node, str] | None] = ContextVar("rlmboard_rlms_tool", default=None)
"""The tool that runs in this thread, and whose code called it."""

ROOT = "root"
_KINDS = ("rlm", "cell", "tool", "batch", "refused")


class Names:
    """Names of nodes and cells, never the same twice in a run."""

    def __init__(self, plain: bool) -> None:
        self._token = "" if plain else f"{os.urandom(3).hex()}-"
        self._numbers = {kind: itertools.count(1) for kind in _KINDS}

    def next(self, kind: str) -> str:
        return f"{kind}-{self._token}{next(self._numbers[kind])}"


class Node:
    """An RLM of a run. `id` is `root`, or the child's own; `depth` is 0 for the root.

    What it is told may come from any thread. A batch is known by the event loop that it runs in.
    """

    def __init__(
        self, run: Run, rlm: Any, prices: PriceTable, names: Names, outer: Node | None = None,
        id: str = ROOT,
    ) -> None:  # fmt: skip
        self.run = run
        self.rlm = rlm
        self.id = id
        self.prices = prices
        self.depth: int = outer.depth + 1 if outer else 0 if id == ROOT else 1
        self.turns = 0
        self.end_reason = "answer"
        self.ended = False
        self.is_blind = False
        self.batches = Batches(names)
        self._names = names
        self._outer = outer
        self._cell: str | None = None
        self._open: set[Asking] = set()

    def child(self, rlm: Any) -> Node:
        """An RLM that this one calls, from the cell that it is in."""
        names = self._names
        return Node(self.run, rlm, self.prices, names, outer=self, id=names.next("rlm"))

    @property
    def here(self) -> str:
        """What asks now: a tool or the cell that runs, or the RLM itself."""
        tool = tool_here.get()
        if tool is not None and tool[0] is self:
            return tool[1]
        return self._cell or self.id

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """This thread works for this RLM."""
        token = node_here.set(self)
        try:
            yield
        finally:
            node_here.reset(token)

    # ------------------------------------------------------------ a child begins and ends

    def begins(self, query: str) -> None:
        """A child starts; a root needs no word for that."""
        if self.id == ROOT:
            return
        self.run.emit(
            RlmStart(
                node_id=self.id,
                parent_id=self._outer.here if self._outer else None,
                depth=self.depth,
                model=_model_of(self.rlm),
                query=query,
            )
        )

    def ends(self, end: End) -> None:
        """It is over. What it still asks is given up."""
        self.ended = True
        for asking in list(self._open):
            with self.run.counting(Exception):
                asking.given_up("interrupted")
        if self.id != ROOT:
            self.run.emit(
                RlmEnd(node_id=self.id, answer=end.answer, end_reason=end.reason, error=end.error)
            )

    # ------------------------------------------------------------ turns and cells

    @contextmanager
    def turn(self) -> Iterator[None]:
        """A turn: the model is asked, and its code runs."""
        self.turns += 1
        said = {"n": self.turns, "node_id": self.id, "max_n": self.rlm.max_iterations}
        self.run.emit(IterationStart(**said))
        try:
            yield
        finally:
            self.run.emit(IterationEnd(**said))

    def cell_begins(self, code: str) -> str:
        """Code begins to run; the name of its cell."""
        self._cell = cell = self._names.next("cell")
        self.run.emit(CellStart(cell_id=cell, node_id=self.id, code_preview=as_text(code)))
        return cell

    def cell_ends(self, cell: str, result: Any, duration_ms: float) -> None:
        """Code has run; `result` is an exception where the environment itself failed."""
        self._cell = None
        if isinstance(result, BaseException):
            failure = Failure(type=type(result).__name__, message=as_text(result)[:4000])
            self.run.emit(CellEnd(cell_id=cell, error=failure, duration_ms=duration_ms))
            return
        self.run.emit(
            CellEnd(
                cell_id=cell,
                stdout_preview=as_text(result.stdout or ""),
                stderr_preview=as_text(result.stderr or ""),
                error=raised(result.stderr),
                duration_ms=duration_ms,
                variables=variables(result.locals),
            )
        )

    @contextmanager
    def tool(self, name: str, args: Any, kwargs: Any) -> Iterator[Callable[[Any], None]]:
        """A tool is called by code; what it gives is told to what this yields."""
        tool = self._names.next("tool")
        with self.run.counting(Exception):
            self.run.emit(
                ToolStart(
                    tool_id=tool,
                    name=name,
                    parent_id=None if self.here == ROOT else self.here,
                    args_preview=as_called(args, kwargs),
                )
            )
        said: list[Any] = []
        failure: Failure | None = None
        token = tool_here.set((self, tool))
        try:
            yield said.append
        except BaseException as error:
            failure = Failure(type=type(error).__name__, message=as_text(error)[:4000])
            raise
        finally:
            tool_here.reset(token)
            with self.run.counting(Exception):
                result = as_text(said[0]) if said and said[0] is not None else ""
                self.run.emit(ToolEnd(tool_id=tool, result_preview=result, error=failure))

    # ------------------------------------------------------------ whom it asks

    def ask(self, client: Any, prompt: Any, model: str | None, together: bool) -> Asking | None:
        """A model is asked, alone or with others at once; None where it could not be recorded."""
        with self.run.counting(Exception):
            role = role_here.get()
            if role == "root":
                return self._ask(client, prompt, model or client.model_name, role, None)
            place = self.batches.in_loop() if together else self.batches.in_thread(prompt)
            return self._ask(client, prompt, model or client.model_name, role, place)
        return None

    def _ask(self, client: Any, prompt: Any, model: str, role: Role, place: Place | None) -> Asking:
        provider = f"{self.rlm.backend}:{model}"
        parent = self.id if role == "root" else self.here
        query = self.run.subquery(
            prompt,
            provider=provider,
            model=model,
            venue=_venue(client),
            parent=None if parent == ROOT else parent,
            role=role,
            depth=self.depth if role == "root" else self.depth + 1,
            batch=place,
        )
        price_of = functools.partial(price_at, self.prices, _host(client))
        return _Listed(self.run, query, provider, model, price_of, self._open)

    def is_refused(self, prompt: str, reason: str) -> None:
        """A sub-call that the library did not make, because there was nothing left for it."""
        query_id = self._names.next("refused")
        self.run.emit(
            SubQuerySubmit(
                query_id=query_id,
                prompt_preview=as_text(prompt),
                parent_id=None if self.here == ROOT else self.here,
                depth=self.depth + 1,
                role="sub",
            )
        )
        self.run.emit(SubQueryCancel(query_id=query_id, reason=reason))


class _Listed(Asking):
    """An asking that its RLM knows to be under way."""

    def __init__(self, run: Run, query: Any, provider: str, model: str, price_of: PriceOf,
                 under_way: set[Asking]) -> None:  # fmt: skip
        super().__init__(run, query, provider, model, price_of)
        self._under_way = under_way
        under_way.add(self)

    def _end(self, event: Any) -> None:
        super()._end(event)
        self._under_way.discard(self)


def _model_of(rlm: Any) -> str | None:
    name = (rlm.backend_kwargs or {}).get("model_name")
    return None if name is None else str(name)


def _host(client: Any) -> str | None:
    """Whom a client asks, where its SDK has one address."""
    address = getattr(getattr(client, "client", None), "base_url", None)
    return urlsplit(str(address)).hostname if address else None


def _venue(client: Any) -> str | None:
    """Where a client's server stands, by its address."""
    host = _host(client)
    if host is None:
        return None
    return "local" if host in LOOPBACK else "datacenter"
