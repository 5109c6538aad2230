"""What `doctor` looks at: a home as a whole, or one run from its first line to its last."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from ..folder import (
    Home,
    RunFolder,
    open_own,
    own_names,
    read_pruned,
    read_trace,
    thrown_away,
)
from ..trace import TEXTS, Artifact, Hole, Stamped
from ..trace.order import problems
from .pictures import amounts

if TYPE_CHECKING:
    from ..store import Store

Level = Literal["fine", "notice", "damage"]
MOST_NAMED = 5
MOST_PROBLEMS = 20
CLOCK_SLACK_S = 2.0


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at. damage: something is lost or broken; notice: worth knowing."""

    level: Level
    subject: str
    text: str


# ------------------------------------------------------------------ a home


def check_home(
    home: Home, store: Store, told: Callable[[float, float | None], None]
) -> Iterator[Finding]:
    """Everything about a home that can be found out without reading each trace."""
    yield from _place(home)
    if not home.path.is_dir():
        return
    yield from _disk(home, told)
    yield Finding("fine", "index", _index(home, store))
    yield from _orphans(home)
    yield from _runs(store)
    yield from _clock(home, store)
    yield from _trash(home)


def _place(home: Home) -> Iterator[Finding]:
    try:
        mode = home.path.stat().st_mode
    except OSError:
        yield Finding("notice", "home", f"{home.path} does not exist yet; the first run makes it")
        return
    if not home.path.is_dir():
        yield Finding("damage", "home", f"{home.path} is no folder; name another with --home")
        return
    writable = os.access(home.path, os.W_OK)
    level: Level = "fine" if writable else "damage"
    yield Finding(level, "home", f"{home.path}{'' if writable else ' cannot be written'}")
    if mode & 0o077:
        yield Finding(
            "notice",
            "permissions",
            f"others may look into it ({mode & 0o777:o}); to keep it to yourself: "
            f"chmod 700 {home.path}",
        )


def _disk(home: Home, told: Callable[[float, float | None], None]) -> Iterator[Finding]:
    used = files = 0
    for size in _sizes(home.path):
        used += size
        files += 1
        told(files, None)
    free = shutil.disk_usage(home.path).free
    level: Level = "notice" if free < 1_000_000_000 else "fine"
    said = f"{amounts.size(used)} in {amounts.count(files, 'file')}, {amounts.size(free)} free"
    yield Finding(level, "disk", said)


def _sizes(top: Path) -> Iterator[int]:
    for folder, _, names in os.walk(top):
        for name in names:
            try:
                yield os.lstat(f"{folder}{os.sep}{name}").st_size
            except OSError:
                continue


def _index(home: Home, store: Store) -> str:
    count = store.count("")
    try:
        size = amounts.size(home.db.stat().st_size)
    except OSError:
        size = "not on disk"
    return f"{amounts.count(count, 'run')}, {size}"


def _orphans(home: Home) -> Iterator[Finding]:
    known = home.run_ids()
    without = [run_id for run_id in known if not home.run(run_id).config.exists()]
    if without:
        yield Finding("damage", "runs", f"without config.json: {_named(without)}")
    lost = sorted(set(home.live_ids()) - set(known))
    if lost:
        yield Finding("notice", "markers", f"in live/ of runs that are not there: {_named(lost)}")


def _runs(store: Store) -> Iterator[Finding]:
    questions: tuple[tuple[str, Level, str], ...] = (
        ("holes>0", "damage", "with damaged lines in the trace"),
        ("lost>0", "damage", "that could not record everything"),
        ("status:interrupted", "notice", "interrupted: their owner died without an end"),
        ("status:running", "fine", "under way"),
    )
    for question, level, what in questions:
        rows = store.runs(filter=question, order="-created_at", limit=None)
        if rows:
            yield Finding(level, "runs", f"{what}: {_named([row.run_id for row in rows])}")


def _clock(home: Home, store: Store) -> Iterator[Finding]:
    now_ms = time.time() * 1000
    rows = store.runs(filter="", order="-created_at", limit=MOST_NAMED)
    ahead = [r.run_id for r in rows if r.created_at_ms > now_ms + CLOCK_SLACK_S * 1000]
    if ahead:
        said = f"runs that began in the future: {_named(ahead)}; was the clock set back?"
        yield Finding("notice", "clock", said)
    apart = _disk_clock(home)
    if apart is not None and abs(apart) > CLOCK_SLACK_S:
        said = f"the disk's clock is {abs(apart):.0f}s {'ahead' if apart > 0 else 'behind'}"
        yield Finding("notice", "clock", f"{said}: runs from elsewhere may look dead or alive")


def _disk_clock(home: Home) -> float | None:
    """How far the clock that stamps files is ahead of this machine's, in seconds."""
    try:
        with tempfile.NamedTemporaryFile(dir=home.path) as probe:
            return os.fstat(probe.fileno()).st_mtime - time.time()
    except OSError:
        return None


def _trash(home: Home) -> Iterator[Finding]:
    thrown = thrown_away(home)
    if thrown:
        size = amounts.size(sum(_sizes(home.trash)))
        yield Finding("fine", "trash", f"{amounts.count(len(thrown), 'run')}, {size}")


# ------------------------------------------------------------------ a run


def check_run(folder: RunFolder) -> Iterator[Finding]:
    """One run, line by line: what the protocol does not allow, and what is named but not there."""
    lines = list(read_trace(folder.trace))
    holes = [line for line in lines if isinstance(line, Hole) and line.reason != "blank"]
    for hole in holes[:MOST_PROBLEMS]:
        yield Finding("damage", "trace", f"line {hole.seq} is {hole.reason}")
    found = [problem for problem in problems(lines) if problem.kind != "hole"]
    for problem in found[:MOST_PROBLEMS]:
        where = f"line {problem.seq}: " if problem.seq else ""
        yield Finding("notice", "trace", f"{where}{problem.message}")
    more = len(holes[MOST_PROBLEMS:]) + len(found[MOST_PROBLEMS:])
    if more:
        yield Finding("notice", "trace", f"and {more:,} more")
    if folder.record() is None:
        yield Finding("damage", "config.json", "is not there, or cannot be read")
    events = [line.event for line in lines if isinstance(line, Stamped)]
    yield from _texts(folder, events)
    yield from _artifacts(folder, events)
    count = amounts.count(len(lines), "line")
    yield Finding("fine", "trace", f"{count}, {amounts.size(folder.trace_size())}")


def _texts(folder: RunFolder, events: Iterable[Any]) -> Iterator[Finding]:
    named = {ref for event in events for ref in _refs(event)}
    missing = named - _kept(folder)
    if not missing:
        return
    pruned = read_pruned(folder)
    what = f"{len(missing):,} of {amounts.count(len(named), 'whole text')}"
    if pruned is not None:
        yield Finding("fine", "texts", f"{what} removed on {pruned.at:%Y-%m-%d}")
    else:
        yield Finding("damage", "texts", f"{what} are named by events and not there")


def _refs(event: Any) -> Iterator[str]:
    for text in TEXTS.get(type(event), ()):
        ref = getattr(event, text.ref) if text.ref else None
        yield from [ref] if isinstance(ref, str) else ref or ()


def _kept(folder: RunFolder) -> set[str]:
    """The hashes of the texts that are there; what they hold is proven when they are read."""
    kept = set(own_names(folder.artifacts))
    with suppress(OSError), open_own(folder.payloads) as lines:
        kept |= {line[11:75].decode(errors="replace") for line in lines}
    return kept


def _artifacts(folder: RunFolder, events: Iterable[Any]) -> Iterator[Finding]:
    for event in events:
        if isinstance(event, Artifact):
            place = folder.artifacts / "files" / event.sha256
            if not place.exists():
                yield Finding("damage", "artifacts", f"{event.name} is not there any more")


def _named(run_ids: list[str]) -> str:
    more = f" and {len(run_ids) - MOST_NAMED:,} more" if len(run_ids) > MOST_NAMED else ""
    return f"{', '.join(run_ids[:MOST_NAMED])}{more}"
