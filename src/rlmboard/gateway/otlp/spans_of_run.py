"""One run that spans are told of: what was told of each, and what a report changes."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from ...folder import Home, read_trace
from ...formats.otel import (
    FACTS,
    Kind,
    Place,
    Said,
    citations_in,
    count,
    events_of,
    key_of,
    parsed,
    question_of,
    together,
)
from ...run import ReportedRun
from ...trace import (
    END_EVENTS,
    EndEvent,
    RlmStart,
    RunCancelled,
    RunDone,
    RunFailed,
    RunInit,
    Stamped,
    SubQuerySubmit,
    ToolStart,
    TraceEvent,
    plain,
    preview,
)
from .spots import Spot
from .tree import Tree

PRODUCER = "otlp"
MOST_OPEN_SPANS = 20_000
"""Beyond it the oldest is no more awaited."""
MOST_FACTS = 20_000
"""Beyond it a fact that is told twice may stand twice."""
PLACED_AT_ONCE = 500
FURTHEST_NS = 1 << 63
LONGEST_SETTINGS_CHARS = 1 << 16
LONG_BYTES = 1_000
"""Longer attributes are kept by their hash."""
_ENDS = ("outcome", "RlmEnd", "ToolEnd", "CellEnd", "IterationEnd")
_KINDS: dict[type[TraceEvent], Kind] = {
    SubQuerySubmit: "call",
    RlmStart: "step",
    ToolStart: "tool",
}
_Told = dict[tuple[Any, ...], tuple[int, TraceEvent]]


class SpansOfRun:
    """Records reports of spans as one run. Times are nanoseconds since 1970.

    `trace_id` is the trace of the batch. Spans of the run's first trace keep their ids, those of
    others carry the end of their trace's before them.
    """

    def __init__(
        self, home: Home, run_id: str, trace_id: str, batch: list[Said],
        config: dict[str, Any],
    ) -> None:  # fmt: skip
        is_new = not home.run(run_id).exists()
        at = datetime.fromtimestamp(min(said.start_ns for said in batch) / 1e9, UTC)
        root = next((said for said in batch if said.parent_id is None), None)
        query = ""
        self._announced = is_new and root is not None and _tells_question(root)
        if self._announced and root is not None:
            config, query = {**config, "name": root.name}, root.question or _first_question(batch)
        if root is not None and root.kind == "run":
            config = {**config, **_settings(root)}
        settings = {**config, "trace_id": trace_id} if is_new else None
        self.run = ReportedRun(
            run_id, PRODUCER, at, query=query, home=home.path, config=settings, hears_stop=False
        )
        self.open_spans: OrderedDict[str, None] = OrderedDict()
        self.root_ended = False
        self._first_trace = self.run.settings.get("trace_id")
        self._zero_ns = _ns(self.run.started_at)
        self._tree = Tree()
        self._facts: OrderedDict[int, None] = OrderedDict()
        self._root: Said | None = None
        self._past_end: EndEvent | None = None
        self._calls = 0
        self._first_asked = (FURTHEST_NS, "")
        self._last_ns = self._zero_ns
        self._floor_us = -1
        self._is_stored = True
        if not is_new:
            self._recall(home)

    def key(self, trace_id: str, span_id: str) -> str:
        """What names a span within this run."""
        return span_id if trace_id == self._first_trace else f"{trace_id[-8:]}.{span_id}"

    def take(self, batch: Iterable[Said]) -> bool:
        """Whether all that these reports say is on disk now."""
        self._is_stored = True
        self.run.gather()
        try:
            self._take(batch)
        except sqlite3.Error:
            self._is_stored = False
        finally:
            self._is_stored &= self.run.flush()
        return self._is_stored

    def _take(self, batch: Iterable[Said]) -> None:
        spots: dict[str, Spot] = {}
        for said in batch:
            key = self.key(said.trace_id, said.span_id)
            parent = said.parent_id and self.key(said.trace_id, said.parent_id)
            spots[key] = self._tree.put(key, parent or None, said)
        now, anchored = self._tree.tell(spots.values())
        for spot in now:
            self._tell(spot)
        self._announce()
        for number, spot in enumerate(self._tree.placed_below(anchored)):
            self._place_again(spot)
            if number % PLACED_AT_ONCE == 0:
                self._tree.spots.set_aside()
        self._tree.spots.set_aside()

    def end(self) -> None:
        """No more is awaited: it ended as the first of its spans did, or just went quiet.

        `close` is still to come.
        """
        root, at_ns = self._root, self._last_ns
        event, answer = self._past_end or RunDone(end_reason="idle"), None
        if root is not None and root.end_ns is not None:
            event, answer = _ending(root), root.answer or None
            if self._calls == 0 and isinstance(event, RunDone):
                event = msgspec.structs.replace(event, usage=root.usage)
        at_ms = max(self._ms(at_ns), (self._floor_us + 1) / 1000)
        self.run.end(event, at_ms, answer, closes=False)

    def let_go(self) -> None:
        """It may go on without this process."""
        self._tree.spots.close()
        self.run.let_go()

    def close(self) -> None:
        """After its end: down to the disk."""
        self._tree.spots.close()
        self.run.close()

    # -------------------------------------------------------------- one span

    def _tell(self, spot: Spot) -> None:
        said = spot.said
        if said is None:
            return
        if said.kind != spot.kind:
            kind = "step" if spot.kind == "plain" else spot.kind
            said = msgspec.structs.replace(said, kind=kind)
        if spot.parent is None and self._is_first(said):
            self._root = said
        if said.kind == "call":
            self._calls += not spot.is_told
            self._first_asked = min(self._first_asked, _asked(said))
        self._follow(spot, said)
        place = self._place(spot, said)
        said = msgspec.structs.replace(said, attributes=self._kept(said.attributes))
        for at_ns, event in events_of(said, place):
            self._state(spot.told, at_ns, event)
        for at_ns, event in said.facts:
            self._state_once(at_ns, event)
        spot.is_told, spot.said = True, None

    def _is_first(self, said: Said) -> bool:
        """The first of its trace; of several traces the newest, for it says how the run ended."""
        return self._root is None or said.start_ns >= self._root.start_ns

    def _follow(self, spot: Spot, said: Said) -> None:
        """How far it has come, and whether something is still under way."""
        if said.end_ns is None and not _has_ended(spot.told):
            _add(self.open_spans, spot.key, MOST_OPEN_SPANS)
        elif said.end_ns is not None:
            self.open_spans.pop(spot.key, None)
        self._last_ns = max(self._last_ns, said.end_ns or said.start_ns)
        self.root_ended = self._root is not None and self._root.end_ns is not None

    def _place(self, spot: Spot, said: Said) -> Place:
        keep = self.run.keep
        refs = [keep(_message_json(one)) for one in said.messages]
        kept = [ref for ref in refs if ref is not None]
        parent_id, depth = self._tree.parent_id(spot), self._tree.depth(spot)
        ours = said.ours
        if isinstance(named := ours.get("parent.id"), str):
            parent_id = named[:200] if named != "root" else None
        return Place(
            thing_id=spot.thing_id or "root",
            parent_id=parent_id,
            depth=count(ours.get("depth")) if "id" in ours else depth,
            messages=kept or None,
        )

    def _kept(self, attributes: dict[str, Any]) -> dict[str, Any]:
        """Attributes as they stand in an event: long ones by their hash and their beginning."""
        return {name: self._short(plain(value)) for name, value in attributes.items()}

    def _short(self, value: Any) -> Any:
        if isinstance(value, str):
            text = value
        elif isinstance(value, list | dict):
            text = msgspec.json.encode(value).decode()
        else:
            return value
        if len(text) <= LONG_BYTES:
            return value
        return {"ref": self.run.keep(text), "preview": preview(text, 200)}

    # -------------------------------------------------------------- statements

    def _state(self, told: _Told, at_ns: int, event: TraceEvent) -> None:
        """Record it, unless just this was said before."""
        event = self.run.cut(event)
        key = key_of(event)
        was = told.get(key)
        if was is not None:
            event = together(event, was[1])
            if (at_ns, event) == was:
                return
        told[key] = (at_ns, event)
        self._is_stored &= self.run.state(event, self._ms(at_ns))

    def _state_once(self, at_ns: int, event: TraceEvent) -> None:
        """A fact that takes the place of nothing: recorded, unless just this was said before."""
        event, at_ms = self.run.cut(event), self._ms(at_ns)
        name = _name_of(event, at_ms)
        if name not in self._facts:
            _add(self._facts, name, MOST_FACTS)
            self._is_stored &= self.run.state(event, at_ms)

    def _place_again(self, spot: Spot) -> None:
        """What is above it has turned up: told once more, with where it hangs now."""
        placed = {"parent_id": self._tree.parent_id(spot), "depth": self._tree.depth(spot)}
        for key, (at_ns, event) in list(spot.told.items()):
            if not isinstance(event, SubQuerySubmit | RlmStart | ToolStart):
                continue
            fields = {name: value for name, value in placed.items() if hasattr(event, name)}
            moved = msgspec.structs.replace(event, **fields)
            if moved != event:
                spot.told[key] = (at_ns, moved)
                self._is_stored &= self.run.state(moved, self._ms(at_ns))
                self._end_again(spot.told, event)

    def _end_again(self, told: _Told, start: TraceEvent) -> None:
        """A node that begins again has to end again."""
        if isinstance(start, SubQuerySubmit):
            return
        for at_ns, event in told.values():
            if type(event).__name__ in ("RlmEnd", "ToolEnd"):
                self._is_stored &= self.run.state(event, self._ms(at_ns))

    def _announce(self) -> None:
        """The question and the name, as soon as the first of its spans tells them."""
        root = self._root
        if root is None or self._announced or not _tells_question(root):
            return
        self._announced = True
        asked = root.question or self._first_asked[1]
        self._is_stored &= self.run.announce(asked, {"name": root.name})

    def _ms(self, at_ns: int) -> float:
        return (at_ns - self._zero_ns) / 1e6

    # -------------------------------------------------------------- taken up again

    def _recall(self, home: Home) -> None:
        """What an earlier process, or this one before the run was quiet, has told."""
        for line in read_trace(home.run(self.run.id).trace):
            if not isinstance(line, Stamped):
                continue
            self._floor_us = max(self._floor_us, round(line.timestamp_ms * 1000))
            event, at_ns = line.event, self._zero_ns + round(line.timestamp_ms * 1e6)
            if isinstance(event, END_EVENTS):
                self._last_ns, self._past_end = max(self._last_ns, at_ns), event
            if isinstance(event, RunInit):
                self._announced = bool(event.query)
            if isinstance(event, FACTS):
                _add(self._facts, _name_of(event, line.timestamp_ms), MOST_FACTS)
            key = _thing_of(event)
            if key is not None:
                self._remember(key, at_ns, event)

    def _remember(self, key: str, at_ns: int, event: TraceEvent) -> None:
        spots = self._tree.spots
        spot = spots.get(key)
        if spot is None:
            spot = Spot(key=key, parent=None, kind="step", thing_id=key, is_told=True)
            spots.add(spot)
        if isinstance(event, SubQuerySubmit | RlmStart | ToolStart):
            depth = None if isinstance(event, ToolStart) else event.depth
            self._tree.recall(spot, _KINDS[type(event)], event.parent_id, depth)
        spot.told[key_of(event)] = (at_ns, event)
        self._calls += isinstance(event, SubQuerySubmit)
        spots.set_aside()


def _add(known: OrderedDict[Any, None], one: Any, most: int) -> None:
    """As the newest; the oldest goes where there are too many."""
    known[one] = None
    if len(known) > most:
        known.popitem(last=False)


def _thing_of(event: TraceEvent) -> str | None:
    for name in ("query_id", "node_id", "tool_id"):
        if (found := getattr(event, name, None)) is not None:
            return str(found)
    return None


def _has_ended(told: _Told) -> bool:
    return any(
        key[0] in ("outcome", "RlmEnd", "ToolEnd", "CellEnd", "IterationEnd") for key in told
    )


def _ending(root: Said) -> EndEvent:
    reason, refs = root.ours.get("end_reason"), citations_in(root.ours.get("citations"))
    said = reason[:100] if isinstance(reason, str) else None
    if root.ours.get("status") == "cancelled":
        return RunCancelled(end_reason=said or "user", span_refs=refs)
    if root.error is not None:
        return RunFailed(error=root.error, end_reason=said or "errors", span_refs=refs)
    return RunDone(
        end_reason=said or "answer",
        span_refs=refs,
        partial=root.ours.get("partial") is True or None,
        iterations=count(root.ours.get("iterations")),
    )


def _settings(root: Said) -> dict[str, Any]:
    """How a run of ours was asked to go."""
    said = root.ours.get("config")
    if not isinstance(said, str) or len(said) > LONGEST_SETTINGS_CHARS:
        return {}
    found = parsed(said)
    return plain(found) if isinstance(found, dict) else {}


def _name_of(event: TraceEvent, at_ms: float) -> int:
    return hash((round(at_ms * 1000), msgspec.json.encode(event)))


def _tells_question(root: Said) -> bool:
    """Whether it has one, or none is to be awaited from it any more."""
    return bool(root.question or root.end_ns)


def _asked(call: Said) -> tuple[int, str]:
    return call.start_ns, question_of(list(call.messages), call.question)


def _first_question(batch: list[Said]) -> str:
    """What the earliest call was asked; empty where there is none."""
    return min(map(_asked, (said for said in batch if said.kind == "call")), default=(0, ""))[1]


def _message_json(message: dict[str, Any]) -> str:
    return msgspec.json.encode(message if _is_plain(message) else plain(message)).decode()


def _is_plain(message: dict[str, Any]) -> bool:
    """Most are: a role and a text."""
    return len(message) == 2 and all(type(v) is str and v.isascii() for v in message.values())


def _ns(at: datetime) -> int:
    return round(at.timestamp() * 1e6) * 1000
