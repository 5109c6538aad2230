"""Where the spans of a run hang: told in any order, parents after their children or never.

A span is *anchored* when all that is above it has been told up to the first of its trace. Only
then its depth is known: how many agents lie inside one another above it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from ...formats.otel import Kind, Said

MOST_STEPS = 4096
"""So far up or down is looked for calls inside calls; beyond it they are taken as they are told."""


class Spot(msgspec.Struct, kw_only=True, gc=False):
    """One span in the tree. `thing_id` None: it is the run itself.

    `level`: agents around it, itself included, once it is anchored. `said` is kept as long as the
    span is passed over.
    """

    key: str
    parent: str | None
    kind: Kind
    thing_id: str | None
    is_ours: bool = False
    is_told: bool = False
    level: int | None = None
    said: Said | None = None


class Tree:
    """All spans of a run that were heard of, by their keys."""

    def __init__(self) -> None:
        self.spots: dict[str, Spot] = {}
        self._below: dict[str, list[str]] = {}

    def __len__(self) -> int:
        return len(self.spots)

    def put(self, key: str, parent: str | None, said: Said) -> Spot:
        """The spot of this report. What a span is, is what it was the first time it was told."""
        spot = self.spots.get(key)
        if spot is None:
            spot = Spot(key=key, parent=parent, kind=said.kind, thing_id=_thing_id(key, said))
            spot.is_ours = "id" in said.ours
            self.spots[key] = spot
            self._hang(spot)
        elif parent is not None and parent != spot.parent:
            spot.parent = parent
            self._hang(spot)
        if not spot.is_told and said.kind != "plain":
            spot.kind = said.kind
        spot.said = said
        return spot

    def remember(self, spot: Spot) -> None:
        """One that an earlier process has told."""
        if spot.key not in self.spots:
            self.spots[spot.key] = spot
            self._hang(spot)

    def above(self, spot: Spot) -> Spot | None:
        return self.spots.get(spot.parent) if spot.parent is not None else None

    def below(self, spot: Spot) -> Iterator[Spot]:
        for key in self._below.get(spot.key, ()):
            if (child := self.spots.get(key)) is not None and child.parent == spot.key:
                yield child

    def parent_id(self, spot: Spot) -> str | None:
        """What it hangs on: None is the root, an id that nothing has yet a parent never told."""
        if spot.parent is None:
            return None
        parent = self.spots.get(spot.parent)
        return parent.thing_id if parent is not None else spot.parent

    def depth(self, spot: Spot) -> int | None:
        """Levels below the root: the outermost agent is the root itself."""
        if spot.level is None:
            return None
        if spot.kind in ("call", "tool", "cell", "turn"):
            return max(1, spot.level)
        return spot.level - 1 if spot.level else None

    def tell(self, batch: Iterable[Spot]) -> tuple[list[Spot], list[Spot]]:
        """What is to be told now, parents first; and what was told before and is placed now."""
        new = {spot.key: spot for spot in batch}
        self._settle_calls(new.values())
        chosen = {key: spot for key, spot in new.items() if spot.kind != "plain" or spot.is_told}
        for spot in [*new.values()]:
            if spot.kind != "plain" or any(child.is_told for child in self.below(spot)):
                chosen[spot.key] = spot
                self._with_steps_above(spot, chosen)
        ordered = list(self._parents_first(chosen))
        again = [spot for root in ordered for spot in self._anchor(root)]
        return ordered, [spot for spot in again if spot.is_told and spot.key not in chosen]

    def _with_steps_above(self, spot: Spot, chosen: dict[str, Spot]) -> None:
        """What says nothing of models is a step as soon as something hangs on it."""
        above = self.above(spot)
        while above is not None and above.kind == "plain" and above.key not in chosen:
            if not above.is_told:
                chosen[above.key] = above
            above = self.above(above) if not above.is_told else None

    def _settle_calls(self, batch: Iterable[Spot]) -> None:
        """Of calls inside one another the innermost is the call, unless the outer was told.

        A run of ours knows its calls: there all count.
        """
        for spot in batch:
            if spot.kind == "call" and not spot.is_told and not spot.is_ours:
                outer = self._call_above(spot)
                if outer is not None and outer.is_told:
                    spot.kind = "step"
                elif outer is not None:
                    outer.kind = "step"
                if spot.kind == "call" and self._has_call_below(spot):
                    spot.kind = "step"

    def _call_above(self, spot: Spot) -> Spot | None:
        above = self.above(spot)
        for _ in range(MOST_STEPS):
            if above is None or above.kind != "plain":
                break
            above = self.above(above)
        return above if above is not None and above.kind == "call" and above is not spot else None

    def _has_call_below(self, spot: Spot) -> bool:
        waiting = list(self.below(spot))
        for _ in range(MOST_STEPS):
            if not waiting:
                return False
            one = waiting.pop()
            if one.kind == "call":
                return one is not spot
            if one.kind == "plain":
                waiting.extend(self.below(one))
        return False

    def _parents_first(self, chosen: dict[str, Spot]) -> Iterator[Spot]:
        done: set[str] = set()
        for spot in chosen.values():
            path: list[Spot] = []
            one: Spot | None = spot
            while one is not None and one.key in chosen and one.key not in done:
                done.add(one.key)
                path.append(one)
                one = self.above(one)
            yield from reversed(path)

    def _anchor(self, spot: Spot) -> Iterator[Spot]:
        """Everything that is anchored by this spot having been told: itself and what is below."""
        if spot.level is not None or not self._is_reached(spot):
            return
        waiting = [spot]
        while waiting:
            one = waiting.pop()
            if one.level is None:
                one.level = self._level(one)
                yield one
                waiting.extend(child for child in self.below(one) if child.level is None)

    def _is_reached(self, spot: Spot) -> bool:
        above = self.above(spot)
        return spot.parent is None or (above is not None and above.level is not None)

    def _level(self, spot: Spot) -> int:
        above = self.above(spot)
        around = above.level or 0 if above is not None else 0
        return around + (spot.kind == "agent")

    def _hang(self, spot: Spot) -> None:
        if spot.parent is not None:
            below = self._below.setdefault(spot.parent, [])
            below.append(spot.key)


def _thing_id(key: str, said: Said) -> str | None:
    if said.kind == "run":
        return None
    ours = said.ours.get("id")
    return ours if isinstance(ours, str) and 0 < len(ours) <= 200 else key
