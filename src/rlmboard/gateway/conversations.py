"""Which call a call goes on from: its first messages are an earlier call's, with its answer."""

from __future__ import annotations

from collections.abc import Iterable

from ..formats.exchange import Asked, Said, Turn

REMEMBERED = 10_000


class Conversations:
    """What was said in one run, as hashes. The oldest are forgotten."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._queries: dict[int | str, str] = {}

    def parent_of(self, asked: Asked, chain: list[int]) -> tuple[str | None, bool]:
        """The sub-query that it goes on from, and whether that was inferred."""
        if asked.after is not None:
            return self._queries.get(asked.after), False
        for key in reversed(chain[:-1]):
            if (found := self._queries.get(key)) is not None:
                return found, True
        return None, False

    def answered(self, query_id: str, chain: list[int], said: Said) -> None:
        """Remember what a call and its answer were."""
        if chain and said.turns and any(turn.text or turn.tools for turn in said.turns):
            self._remember(chain_of(said.turns, chain[-1])[-1], query_id)
        if said.id is not None:
            self._remember(said.id, query_id)

    def _remember(self, key: int | str, query_id: str) -> None:
        if len(self._queries) >= self._remembered:
            del self._queries[next(iter(self._queries))]
        self._queries[key] = query_id


def chain_of(turns: Iterable[Turn], begun: int = 0) -> list[int]:
    """A hash for each beginning of a conversation, up to the whole of it."""
    chain: list[int] = []
    for turn in turns:
        begun = hash((begun, turn))
        chain.append(begun)
    return chain
