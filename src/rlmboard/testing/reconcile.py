"""A recorded run held against the book of the server that it asked: call by call, and in sum."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec

from ..folder import Home, RunFolder, boot_id, read_trace
from ..trace import RunResumed, Stamped, Usage
from ..trace.summary import Summary, summarize
from .book import Served, Totals, totals
from .pairing import Attempt, Pair, attempts_of, pair

Kind: TypeAlias = Literal["missing", "extra", "wrong", "unknown"]
_FIELDS = ("input", "output", "cached", "reasoning", "cost_usd_nanos")


class Difference(msgspec.Struct, frozen=True):
    """One thing in which run and book differ.

    `missing`: a call that the run does not have. `extra`: a record of no call. `wrong`: another
    number, model, end or time. `unknown`: the run says that it does not know what the book knows.
    `call` is the number in the book.
    """

    kind: Kind
    what: str
    call: int | None = None
    query_id: str | None = None

    def __str__(self) -> str:
        call = f"call {self.call}" if self.call is not None else ""
        query = f"sub-query {self.query_id}" if self.query_id is not None else ""
        where = ", ".join(filter(None, (call, query))) or "in sum"
        return f"{self.kind:8} {where}: {self.what}"


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. True where run and book say the same; printed, it tells every difference."""

    run_id: str
    run: Totals
    book: Totals
    pairs: tuple[Pair, ...]
    differences: tuple[Difference, ...]

    def __bool__(self) -> bool:
        return not self.differences

    def of(self, kind: Kind) -> list[Difference]:
        """The differences of one kind."""
        return [one for one in self.differences if one.kind == kind]

    def check(self, *, unknown: str | None = None) -> Reconciliation:
        """Raises AssertionError that tells every difference.

        `unknown`: the reason why the run may say of some numbers that it does not know them; one
        of the cases that `docs/integrations.md` lists.
        """
        held = [one for one in self.differences if one.kind != "unknown" or unknown is None]
        if held:
            raise AssertionError(str(self))
        return self

    def __str__(self) -> str:
        head = (
            f"run {self.run_id} and the book differ" if self.differences else "run and book agree"
        )
        lines = [head, _line("book", self.book), _line("run", self.run)]
        return "\n".join([*lines, *(f"  {one}" for one in self.differences)])

    __repr__ = __str__


def reconcile(
    run: str | os.PathLike[str] | RunFolder | Any,
    book: Iterable[Served],
    *,
    home: str | os.PathLike[str] | None = None,
) -> Reconciliation:
    """Hold a recorded run against what the server served it.

    `run` is an id in `home`, the folder of a run, or a `rlmboard.Run`. `book` is a server's, or a
    part of one; calls whose header says that they belong to another run are left out. Times are
    compared where both were taken on this boot of this machine. Raises FileNotFoundError where
    there is no such run.
    """
    folder = _folder(run, home)
    lines = list(read_trace(folder.trace))
    summary = summarize(lines)
    calls = [
        call for call in book if call.protocol != "models" and call.run in (None, folder.run_id)
    ]
    pairs, missing, extra = pair(calls, attempts_of(summary))
    of_run, of_book = _totals_of(summary), totals(calls)
    resumed = any(isinstance(line, Stamped) and type(line.event) is RunResumed for line in lines)
    base_ns = None if resumed else _base_ns(folder)
    differences = [
        *(Difference("missing", _told(call), call.number) for call in missing),
        *(Difference("extra", _recorded(one), None, one.query_id) for one in extra),
        *(found for one in pairs for found in _of_pair(one, base_ns)),
    ]
    lacks = any(found.kind == "unknown" for found in differences)
    guessed = summary.run.estimated_usage > 0
    differences += _of_totals(of_run, of_book, "unknown" if lacks else "wrong", guessed)
    return Reconciliation(
        run_id=folder.run_id,
        run=of_run,
        book=of_book,
        pairs=tuple(pairs),
        differences=tuple(differences),
    )


def _folder(run: Any, home: str | os.PathLike[str] | None) -> RunFolder:
    folder = run if isinstance(run, RunFolder) else getattr(run, "folder", None)
    if folder is None:
        path = Path(run)
        folder = RunFolder(path) if path.is_dir() else Home(home).run(str(run))
    if not folder.trace.exists():
        raise FileNotFoundError(f"{folder.path} holds no trace of a run")
    return folder


def _base_ns(folder: RunFolder) -> int | None:
    """The run's zero, where its clock is this machine's."""
    record = folder.record()
    return record.monotonic_ns if record is not None and record.boot_id == boot_id() else None


def _totals_of(summary: Summary) -> Totals:
    run = summary.run
    return Totals(
        calls=len(attempts_of(summary)),
        answered=sum(one.ok for one in attempts_of(summary)),
        input=run.input_tokens,
        output=run.output_tokens,
        cached=run.cached_tokens,
        reasoning=run.reasoning_tokens,
        cost_usd_nanos=run.cost_usd_nanos,
    )


# ------------------------------------------------------------------ one call


def _of_pair(one: Pair, base_ns: int | None) -> Iterator[Difference]:
    call, attempt = one
    for kind, what in [*_ends(one), *_numbers(one), *_times(one, base_ns)]:
        yield Difference(kind, what, call.number, attempt.query_id)


def _ends(one: Pair) -> Iterator[tuple[Kind, str]]:
    call, attempt = one
    if call.ok != attempt.ok:
        kind: Kind = "wrong" if attempt.ok else "unknown"  # an answer that never came through
        yield kind, f"the book says {_end(call)}, the run says {attempt.row.status}"
    if attempt.row.model is None and call.model is not None:
        yield "unknown", f"the model was {call.model}"
    elif call.ok and attempt.row.model != call.model:
        yield "wrong", f"the model was {call.model}, the run says {attempt.row.model}"


def _numbers(one: Pair) -> Iterator[tuple[Kind, str]]:
    told, said = one.call.usage or Usage(), one.attempt.usage or Usage()
    row = one.attempt.row
    if row.usage_quality not in ("estimated", "shared"):
        for field in _FIELDS[:4]:
            yield from _compared(field, getattr(told, field), getattr(said, field))
    elif told.input is not None:
        yield "unknown", f"tokens are {row.usage_quality}, the book says {told.input}+{told.output}"
    if row.cost_source != "price_table" or one.call.cost_usd_nanos is not None:
        yield from _compared("cost_usd_nanos", one.call.cost_usd_nanos, row.cost_usd_nanos)


def _compared(field: str, told: int | None, said: int | None) -> Iterator[tuple[Kind, str]]:
    if told != said:
        yield ("unknown" if said is None else "wrong"), f"{field} is {told}, the run says {said}"


def _times(one: Pair, base_ns: int | None) -> Iterator[tuple[Kind, str]]:
    """The call lies inside the attempt, to the microsecond of a trace."""
    call, row = one.call, one.attempt.row
    if base_ns is None or row.inferred or row.started_ms is None:
        return
    arrived_ms, answered_ms = (_ms(at, base_ns) for at in (call.arrived_ns, call.answered_ns))
    if arrived_ms is not None and row.started_ms > arrived_ms:
        yield "wrong", f"it arrived at {arrived_ms} ms, the run says it began at {row.started_ms}"
    if not (call.ok and one.attempt.ok) or row.ended_ms is None or answered_ms is None:
        return
    if row.ended_ms < answered_ms - 0.001:
        yield "wrong", f"it was answered at {answered_ms} ms, the run says {row.ended_ms}"


def _ms(at_ns: int | None, base_ns: int) -> float | None:
    return None if at_ns is None else (at_ns - base_ns) / 1e6


# ------------------------------------------------------------------ in sum


def _of_totals(run: Totals, book: Totals, when_short: Kind, guessed: bool) -> Iterator[Difference]:
    """A sum that is too small lacks what some call does not know, if one does not; one of counts
    that are shared or estimated says so on the board."""
    for field in Totals.__struct_fields__:
        told, said = getattr(book, field), getattr(run, field)
        if told == said or (field == "cost_usd_nanos" and told is None):
            continue
        is_short = told is not None and (said is None or said < told)
        is_guessed = guessed and field in _FIELDS[:4]
        kind: Kind = "unknown" if is_guessed else when_short if is_short else "wrong"
        yield Difference(kind, f"{field} is {told}, the run says {said}")


# ------------------------------------------------------------------ in words


def _line(name: str, sums: Totals) -> str:
    cost = "unknown" if sums.cost_usd_nanos is None else f"${sums.cost_usd_nanos / 1e9:.9f}"
    return (
        f"  {name:4} {sums.calls} calls, {sums.answered} answered, {sums.input} in, "
        f"{sums.output} out, {cost}"
    )


def _told(call: Served) -> str:
    return f"{call.path} {call.model}, {_tokens(call.usage)}, {_end(call)}: {call.prompt[:60]!r}"


def _recorded(one: Attempt) -> str:
    return f"{one.row.model}, {_tokens(one.usage)}, {one.row.status}: {one.prompt[:60]!r}"


def _tokens(usage: Usage | None) -> str:
    return "tokens unknown" if usage is None else f"{usage.input}+{usage.output} tokens"


def _end(call: Served) -> str:
    return str(call.status) if call.whole else f"{call.status or 'nothing'}, not whole"
