"""Where the spans of a run hang: told in any order, parents after their children or never.

A span is *anchored* when all that is above it has been told up to the first of its trace. Only
then its depth is known: how many agents lie inside one another above it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from ...formats.otel import Kind, Said
from .spots import Spot, Spots

MOST_STEPS = 4096
"""So far up or down is looked for calls inside calls; beyond it they are taken as they are told."""
MOST_PLACED = 20_000
"""So many are told again when what is above them turns up."""


class Tree:
    """All spans of a run that were heard of, by their keys."""

    def __init__(self) -> None:
        self.spots = Spots()

    def put(self, key: str, parent: str | None, said: Said) -> Spot:
        """The spot of this report. What a span is, is what it was the first time it was told."""
        spot = self.spots.get(key)
        if spot is None:
            spot = Spot(key=key, parent=parent, kind=said.kind, thing_id=_thing_id(key, said))
            spot.is_ours = "id" in said.ours
            self.spots.add(spot)
        elif parent is not None and parent != spot.parent:
            self.spots.hang(spot, parent)
        if not spot.is_told and said.kind != "plain":
            spot.kind = said.kind
        spot.said = said
        return spot

    def recall(self, spot: Spot, kind: Kind, parent: str | None, depth: int | None) -> None:
        """What an earlier process has told of it, as it told it last."""
        spot.kind = kind
        if parent is not None:
            self.spots.hang(spot, parent)
        if depth is not None:
            spot.level = depth + (kind == "step")
        elif parent is None:
            spot.level = 0

    def above(self, spot: Spot) -> Spot | None:
        return self.spots.get(spot.parent)

    def below(self, spot: Spot) -> Iterator[Spot]:
        return self.spots.below(spot.key)

    def parent_id(self, spot: Spot) -> str | None:
        """What it hangs on: None is the root, an id that nothing has yet a parent never told."""
        if spot.parent is None:
            return None
        parent = self.above(spot)
        return parent.thing_id if parent is not None else spot.parent

    def depth(self, spot: Spot) -> int | None:
        """Levels below the root: the outermost agent is the root itself."""
        if spot.level is None:
            return None
        if spot.kind in ("call", "tool", "cell", "turn"):
            return max(1, spot.level)
        return spot.level - 1 if spot.level else None

    def tell(self, batch: Iterable[Spot]) -> tuple[list[Spot], list[str]]:
        """What is to be told now, parents first; and the keys of what is anchored by that."""
        new = {spot.key: spot for spot in batch}
        self._settle_calls(new.values())
        chosen = {key: spot for key, spot in new.items() if spot.kind != "plain" or spot.is_told}
        for spot in [*new.values()]:
            if spot.kind != "plain" or any(child.is_told for child in self.below(spot)):
                chosen[spot.key] = spot
                self._with_steps_above(spot, chosen)
        ordered = list(self._parents_first(chosen))
        return ordered, [spot.key for spot in ordered if self._is_anchored_now(spot)]

    def placed_below(self, anchored: list[str]) -> Iterator[Spot]:
        """What was told before and is anchored now, one by one: spots may be set aside meanwhile.

        Of very many only the first: the depth of the others stays unknown.
        """
        return islice(self._anchored_below(anchored), MOST_PLACED)

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

    def _is_anchored_now(self, spot: Spot) -> bool:
        if spot.level is not None or not self._is_reached(spot):
            return False
        spot.level = self._level(spot)
        return True

    def _anchored_below(self, anchored: list[str]) -> Iterator[Spot]:
        waiting = [*anchored]
        while waiting:
            for child in self.spots.below(waiting.pop()):
                if self._is_anchored_now(child):
                    waiting.append(child.key)
                    yield child

    def _is_reached(self, spot: Spot) -> bool:
        above = self.above(spot)
        return spot.parent is None or (above is not None and above.level is not None)

    def _level(self, spot: Spot) -> int:
        above = self.above(spot)
        around = above.level or 0 if above is not None else 0
        return around + (spot.kind == "agent")


def _thing_id(key: str, said: Said) -> str | None:
    if said.kind == "run":
        return None
    ours = said.ours.get("id")
    return ours if isinstance(ours, str) and 0 < len(ours) <= 200 else key
