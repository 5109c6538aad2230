"""One run, brought a step further in the index; or taken out of it."""

from __future__ import annotations

import sqlite3
import zlib

import msgspec

from ..folder import Cursor, Liveness, RunFolder, batches, open_own
from ..trace import TraceLine
from ..trace.summary import Fold, RunState
from .keys import key_of
from .layout import replace_into
from .run_rows import (
    KNOWN_BY_ID,
    Details,
    Ending,
    Known,
    known,
    read_record,
    read_said,
    run_texts,
    stored_details,
    write_run,
    write_settings,
    zero_ms,
)
from .steps import Rollups, Stored, ended_facts, stored_queries, write_changes
from .texts import NO_TEXTS, replace, take_out

READ_AT_ONCE = 250
"""Lines in memory at a time: few, so that the processor still has them at hand when they fold."""
OFFSET_EVERY = 1_000
HELD_AT_MOST = 60_000
TAIL_BYTES = 1_024
"""A trace only grows: if what stands before the cursor has changed, it is another."""

_OF_RUN = (
    "runs", "run_details", "run_metrics", "run_params", "run_tags", "run_providers",
    "sub_queries", "marks", "offsets",
)  # fmt: skip


class Sight(msgspec.Struct, frozen=True):
    """What there is of a run on disk at one look."""

    trace_size: int
    labels_size: int
    stamp: int
    liveness: Liveness
    has_pulse: bool
    ending: Ending | None


class Taken(msgspec.Struct, frozen=True):
    """What a step did: how many lines it took in, and whether there are more.

    `has_end`: the trace says how the run ended.
    """

    lines: int
    more: bool
    has_end: bool


class Held(msgspec.Struct):
    """A fold kept between the steps of one run, as long as nobody else moved it on."""

    run_no: int
    offset: int
    fold: Fold


def sight(folder: RunFolder) -> Sight:
    """A look at the folder of a run."""
    pulse = folder.pulse()
    return Sight(
        folder.trace_size(),
        folder.labels_size(),
        _stamp(folder),
        folder.liveness(),
        pulse is not None,
        Ending(pulse.ended, pulse.lost, pulse.end_reason) if pulse and pulse.ended else None,
    )


def judged(seen: Sight, lines: int) -> tuple[str, bool]:
    """The status of a run whose trace has no end, and whether that is presumed only."""
    if seen.liveness in ("owned", "fresh"):
        return ("running" if lines else "queued"), False
    if seen.ending is not None:
        return seen.ending.status, False
    if seen.liveness == "stale":
        return "interrupted", True
    return ("queued" if not lines and not seen.has_pulse else "interrupted"), False


class RunStep:
    """Takes in what lies after the cursor of a run; `held` is the fold of the run before."""

    def __init__(self) -> None:
        self._held: Held | None = None

    def take(
        self, connection: sqlite3.Connection, folder: RunFolder, seen: Sight, room: int
    ) -> Taken:
        """Take in up to about `room` lines, inside the transaction."""
        place = find(connection, folder.run_id)
        if place is not None and _is_another(folder, seen, place):
            forget(connection, place)
            place = None
        details = stored_details(connection, place.run_no) if place is not None else None
        had = run_texts(details) if details is not None else NO_TEXTS
        if place is None or details is None:
            place, details = _begin(connection, folder, seen)
        fold = self._fold(connection, place, details.state)
        details.state, details.ending = fold.state, seen.ending
        taken, more = self._read(connection, folder, place, fold, room)
        if place.stamp != seen.stamp or place.labels_size != seen.labels_size:
            _read_again(connection, folder, seen, place, details)
        if details.state.end is not None:
            place.status, place.presumed = details.state.end.status, False
        else:
            place.status, place.presumed = judged(seen, place.lines)
        write_run(connection, place, details)
        replace(connection, key_of(place.run_no, 0), had, run_texts(details))
        self._held = None
        if more and fold.size < HELD_AT_MOST:
            self._held = Held(place.run_no, place.offset, fold)
        return Taken(taken, more, details.state.end is not None)

    def drop(self) -> None:
        """Forget the fold: what it held was not committed."""
        self._held = None

    def _fold(self, connection: sqlite3.Connection, place: Known, state: RunState) -> Fold:
        held = self._held
        if held is not None and (held.run_no, held.offset) == (place.run_no, place.offset):
            return held.fold
        return Fold(state, Stored(connection, place.run_no))

    def _read(
        self,
        connection: sqlite3.Connection,
        folder: RunFolder,
        place: Known,
        fold: Fold,
        room: int,
    ) -> tuple[int, bool]:
        taken, more = 0, False
        for lines, cursor in batches(
            folder.trace, Cursor(place.lines, place.offset), min(room, READ_AT_ONCE)
        ):
            fold.take(lines)
            if sparse := _sparse(place.run_no, lines):
                connection.executemany(replace_into("offsets"), sparse)
            taken += len(lines)
            place.lines, place.offset = cursor
            if taken >= room:
                more = True
                break
        if place.created_at_ms == 0:
            place.created_at_ms = zero_ms(folder, read_record(folder), fold.state)
        if taken:
            place.tail = _tail(folder, place.offset)
            changes = fold.settle()
            write_changes(connection, place.run_no, place.created_at_ms, fold.state, changes)
        return taken, more


def _is_another(folder: RunFolder, seen: Sight, place: Known) -> bool:
    """Whether another run took the place of the one that was read."""
    if folder.trace_size() < place.offset or _tail(folder, place.offset) != place.tail:
        return True
    if seen.stamp == place.stamp or not place.created_at_ms:
        return False
    record = read_record(folder)
    return bool(record.started_at) and zero_ms(folder, record, RunState()) != place.created_at_ms


def find(connection: sqlite3.Connection, run_id: str) -> Known | None:
    found = connection.execute(KNOWN_BY_ID, (run_id,)).fetchone()
    return known(found) if found else None


def forget(connection: sqlite3.Connection, place: Known) -> None:
    """Take a run out of the index, as if it had never been in it."""
    rollups, run_no = Rollups(connection), place.run_no
    queries = list(stored_queries(connection, run_no))
    for query in queries:
        for fact in ended_facts(query, run_no, place.created_at_ms):
            rollups.put(fact, -1)
    rollups.write()
    take_out(connection, run_no, queries)
    if details := stored_details(connection, run_no):
        replace(connection, key_of(run_no, 0), run_texts(details), NO_TEXTS)
    keys = (key_of(run_no, 0), key_of(run_no + 1, 0))
    connection.execute("DELETE FROM attempts WHERE key >= ? AND key < ?", keys)
    for table in _OF_RUN:
        connection.execute(f"DELETE FROM {table} WHERE run_no = ?", (place.run_no,))  # noqa: S608


def _begin(connection: sqlite3.Connection, folder: RunFolder, seen: Sight) -> tuple[Known, Details]:
    """A run that the index does not have yet. Its zero stays as it is found here."""
    record = read_record(folder)
    details = Details(RunState(), record, read_said(folder))
    began_ms = zero_ms(folder, record, details.state) if record.started_at else 0
    run_no = connection.execute(
        "INSERT INTO runs (run_id, created_at_ms, status, presumed, star, archived, lines, "
        '"offset", labels_size, record_stamp, tail) '
        "VALUES (?, ?, 'queued', 0, 0, 0, 0, 0, 0, 0, 0)",
        (folder.run_id, began_ms),
    ).lastrowid
    assert run_no is not None
    place = Known(
        run_no, folder.run_id, began_ms, "queued", False, False, 0, 0, seen.labels_size, seen.stamp
    )
    write_settings(connection, run_no, details)
    return place, details


def _read_again(
    connection: sqlite3.Connection, folder: RunFolder, seen: Sight, place: Known, details: Details
) -> None:
    """The record was written again, or somebody said something."""
    details.record, details.said = read_record(folder), read_said(folder)
    place.stamp, place.labels_size = seen.stamp, seen.labels_size
    write_settings(connection, place.run_no, details)


def _sparse(run_no: int, lines: list[TraceLine]) -> list[tuple[int, int, int]]:
    """Where every thousandth line ends and the next begins."""
    first = lines[0].seq
    skip = -(first - 1) % OFFSET_EVERY
    return [
        (run_no, line.seq - 1, line.offset) for line in lines[skip::OFFSET_EVERY] if line.seq > 1
    ]


def _tail(folder: RunFolder, offset: int) -> int:
    """A checksum of what stands before a place in the trace; 0 where nothing does."""
    start = max(0, offset - TAIL_BYTES)
    try:
        with open_own(folder.trace) as file:
            file.seek(start)
            return zlib.crc32(file.read(offset - start))
    except OSError:
        return 0


def _stamp(folder: RunFolder) -> int:
    """Changes when the record is written again."""
    try:
        return folder.config.stat().st_mtime_ns
    except OSError:
        return 0
