"""Lists of runs, and single runs, out of the index."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from ..errors import UnknownRun
from ..folder import Cursor
from .filter import Compare, Term
from .index import Index
from .keys import key_of
from .rows import ExperimentRow, RunRow
from .run_rows import KNOWN, KNOWN_BY_ID, Details, Known, decode_details, known, run_row

EVERY = 1 << 40
NEWEST_FIRST = "-created_at"
_BY_TIME = "ORDER BY created_at_ms DESC, run_no DESC LIMIT ?"
_NEWEST: dict[tuple[Term, ...], str] = {
    (): f"SELECT run_no FROM runs {_BY_TIME}",  # noqa: S608
    (Compare("archived", "=", (True,), denied=True),): (
        f"SELECT run_no FROM runs WHERE NOT archived {_BY_TIME}"  # noqa: S608
    ),
}
"""What is asked for most is answered without the time that loading SQLAlchemy takes."""
CANDIDATES = 8
LATEST = "latest"
_AT_ONCE = 500


def page(
    index: Index, terms: Sequence[Term], order: str, limit: int | None, after: str | None,
    usd_per_btc: float | None = None,
) -> list[RunRow]:  # fmt: skip
    """Runs in order, after the run `after`; those that lack the value sorted by come last."""
    room = EVERY if limit is None else limit
    if order == NEWEST_FIRST and after is None and tuple(terms) in _NEWEST:
        found = index.rows(_NEWEST[tuple(terms)], (room,))
        return rows(index, [run_no for (run_no,) in found])
    from .paging import numbers_after

    last = _known(index, resolve(index, after)) if after is not None else None
    return rows(index, numbers_after(index, terms, order, room, last, usd_per_btc))


def count(index: Index, terms: Sequence[Term]) -> int:
    if not terms:
        return int(index.rows("SELECT count(*) FROM runs")[0][0])
    from . import queries
    from .terms import settled

    fitting = queries.where(settled(index, terms))
    return int(index.select(queries.count_runs(fitting))[0][0])


def rows(index: Index, run_nos: Sequence[int]) -> list[RunRow]:
    """The runs of these numbers, in their order."""
    found: dict[int, RunRow] = {}
    for start in range(0, len(run_nos), _AT_ONCE):
        found |= _rows(index, run_nos[start : start + _AT_ONCE])
    return [found[run_no] for run_no in run_nos if run_no in found]


def row(index: Index, run_id: str) -> RunRow:
    """One run. Raises UnknownRun."""
    return rows(index, [_known(index, run_id).run_no])[0]


def resolve(index: Index, prefix: str) -> str:
    """The id that begins so, alone. Raises UnknownRun, which names what may have been meant."""
    if prefix == LATEST:
        found = index.rows(
            "SELECT run_id FROM runs ORDER BY created_at_ms DESC, run_no DESC LIMIT 1"
        )
        if not found:
            raise UnknownRun("there is no run yet; begin with: rlmboard run QUERY PATH")
        return str(found[0][0])
    candidates = _beginning_with(index, prefix)
    if len(candidates) == 1 or prefix in candidates[:1]:
        return candidates[0]
    if not candidates:
        raise UnknownRun(f"no run is called '{prefix}'; list them with: rlmboard history")
    more = ", …" if len(candidates) > CANDIDATES else ""
    raise UnknownRun(
        f"'{prefix}' may be {', '.join(candidates[:CANDIDATES])}{more}; give more of the id"
    )


def short_id(index: Index, run_id: str, shortest: int) -> str:
    """The shortest beginning of the id that no other run shares."""
    neighbours = index.rows(
        "SELECT max(run_id) FROM runs WHERE run_id < ? UNION ALL "
        "SELECT min(run_id) FROM runs WHERE run_id > ?",
        (run_id, run_id),
    )
    shared = [_shared(run_id, other) for (other,) in neighbours if other]
    return run_id[: max([shortest, *(common + 1 for common in shared)])]


def experiments(index: Index, folder: Path) -> list[ExperimentRow]:
    """Every experiment that a run belongs to or that was described, by name."""
    described = dict(_described(folder))
    counted = index.rows(
        "SELECT experiment, count(*), max(created_at_ms) FROM runs "
        "WHERE experiment IS NOT NULL GROUP BY experiment"
    )
    found = {name: (runs, last) for name, runs, last in counted}
    return [
        ExperimentRow(
            name=name,
            description=_text(described.get(name, {}), "description"),
            baseline=_text(described.get(name, {}), "baseline"),
            runs=found.get(name, (0, None))[0],
            last_run_ms=found.get(name, (0, None))[1],
        )
        for name in sorted(described.keys() | found.keys())
    ]


def cursor(index: Index, run_id: str, after: int) -> Cursor:
    """The nearest place at or before the end of line `after` of which the byte is known."""
    found = index.rows(
        'SELECT seq, "offset" FROM offsets WHERE run_no = '
        "(SELECT run_no FROM runs WHERE run_id = ?) AND seq <= ? ORDER BY seq DESC LIMIT 1",
        (run_id, after),
    )
    return Cursor(*found[0]) if found else Cursor()


def query_states(index: Index, run_id: str) -> list[bytes]:
    """The state of each sub-query of a run, in the order in which they were first heard of."""
    run_no = _known(index, run_id).run_no
    keys = (key_of(run_no, 0), key_of(run_no + 1, 0))
    found = index.rows("SELECT state FROM sub_queries WHERE key > ? AND key < ? ORDER BY key", keys)
    return [state for (state,) in found]


def marked(index: Index, run_id: str, kind: str) -> list[str]:
    """The values of a run's marks of one kind, by key."""
    run_no = _known(index, run_id).run_no
    found = index.rows(
        "SELECT value FROM marks WHERE run_no = ? AND kind = ? ORDER BY key", (run_no, kind)
    )
    return [value for (value,) in found if value is not None]


def _rows(index: Index, run_nos: Sequence[int]) -> dict[int, RunRow]:
    among = f"WHERE run_no IN ({', '.join('?' * len(run_nos))})"
    places = [known(found) for found in index.rows(KNOWN + among, run_nos)]
    details = _details(index, among, run_nos)
    metrics: dict[int, dict[str, float | None]] = {}
    values = index.rows(
        f"SELECT run_no, name, value FROM run_metrics {among} ORDER BY origin DESC",  # noqa: S608
        run_nos,
    )
    for run_no, name, value in values:  # what stands above comes later, and stays
        metrics.setdefault(run_no, {})[name] = value
    return {
        place.run_no: run_row(place, details[place.run_no], metrics.get(place.run_no, {}))
        for place in places
        if place.run_no in details
    }


def _details(index: Index, among: str, run_nos: Sequence[int]) -> dict[int, Details]:
    found = index.rows(
        f"SELECT run_no, state, record, labels, ending FROM run_details {among}",  # noqa: S608
        run_nos,
    )
    return {run_no: decode_details(*parts) for run_no, *parts in found}


def _known(index: Index, run_id: str) -> Known:
    found = index.rows(KNOWN_BY_ID, (run_id,))
    if not found:
        raise UnknownRun(f"no run is called '{run_id}'; list them with: rlmboard history")
    return known(found[0])


def _beginning_with(index: Index, prefix: str) -> list[str]:
    if not prefix:
        return []
    found = index.rows(
        "SELECT run_id FROM runs WHERE run_id >= ? AND run_id < ? ORDER BY run_id LIMIT ?",
        (prefix, prefix + chr(0x10FFFF), CANDIDATES + 1),
    )
    return [run_id for (run_id,) in found]


def _described(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    try:
        files = sorted(folder.glob("*.json"))
    except OSError:
        return []
    found = []
    for file in files:
        try:
            said = msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            continue
        found.append((_text(said, "name") or file.stem, said))
    return found


def _shared(one: str, other: str) -> int:
    """How many characters both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def _text(said: dict[str, Any], key: str) -> str | None:
    value = said.get(key)
    return value if isinstance(value, str) else None
