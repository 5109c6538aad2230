"""Which fragments of the program are read: loaded, then chosen by rule, by words or by a model."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

import msgspec

from ...sources import Fragment
from ...trace import EnvLoadFragment, EnvSelectFragments, Note
from ..program import Program
from ..prompts import chosen
from ..provider import Answer
from ..select import catalogs
from .actions import Action, Rank
from .happenings import Ranked
from .questions import Questions
from .state import Node, SubQuery

IDS_IN_EVENT = 1_000
"""A selection of 100,000 would be one line of megabytes: it is told in parts."""


class Chosen(msgspec.Struct, frozen=True):
    """Places of fragments in the order they are to be read, and which sub-query chose each."""

    order: tuple[int, ...]
    routers: tuple[str, ...] = ()


class Selection:
    def __init__(self, program: Program, questions: Questions, out: list[Action]) -> None:
        self._program = program
        self._questions = questions
        self._out = out
        self._pages: list[tuple[int, ...]] = []
        self._page_starts: list[int] = []
        self._routers: list[str] = []
        self._open = 0
        self._lost = False

    def begin(self, root: Node) -> tuple[Chosen | None, list[SubQuery]]:
        """Everything, or questions to a router; neither where fragments are to be ranked."""
        self._out.extend(map(loaded, self._program.fragments))
        match self._program.settings.select:
            case "all":
                return self._told(Chosen(tuple(range(len(self._program.fragments))))), []
            case "bm25":
                self._rank()
                return None, []
            case "router":
                return None, self._ask(root)

    def ranked(self, happened: Ranked) -> Chosen:
        if not happened.matched:
            self._note("no fragment shares a word with the query: the first ones are read")
        return self._told(Chosen(happened.order))

    def routed(self, query: SubQuery, answer: Answer | None) -> Chosen | None:
        """A router ended. When all have: what they chose, or a ranking asked for instead."""
        self._open -= 1
        picks = chosen(answer.text, len(query.question.catalog)) if answer else None
        self._routers[query.order] = query.id
        if picks is None:
            self._lost = True
        else:
            start = self._page_starts[query.order]
            self._pages[query.order] = tuple(start + pick for pick in picks)
        return None if self._open else self._routed_all()

    def _routed_all(self) -> Chosen | None:
        if self._lost or not any(self._pages):
            why = "gave no list that can be read" if self._lost else "chose nothing"
            self._note(f"the router {why}: fragments are chosen by their words instead")
            self._rank()
            return None
        best = tuple(self._by_turns())[: self._program.settings.top_k]
        return self._told(
            Chosen(tuple(place for place, _ in best), tuple(router for _, router in best))
        )

    def _by_turns(self) -> Iterator[tuple[int, str]]:
        """The first of each page, then the second of each: no page outweighs another."""
        for row in zip_longest(*self._pages):
            for place, router in zip(row, self._routers, strict=True):
                if place is not None:
                    yield place, router

    def _ask(self, root: Node) -> list[SubQuery]:
        pages = catalogs(self._program.fragments, self._questions.room_of("router"))
        start = 0
        for page in pages:
            self._page_starts.append(start)
            start += len(page)
        self._pages = [()] * len(pages)
        self._routers = [""] * len(pages)
        self._open = len(pages)
        return list(self._questions.routers(root, pages))

    def _rank(self) -> None:
        self._out.append(Rank(self._program.settings.top_k))

    def _told(self, choice: Chosen) -> Chosen:
        ids = [self._program.fragments[place].id for place in choice.order]
        for start in range(0, len(ids), IDS_IN_EVENT):
            part = tuple(ids[start : start + IDS_IN_EVENT])
            self._out.append(EnvSelectFragments(query=self._program.query, fragment_ids=part))
        return choice

    def _note(self, message: str) -> None:
        self._out.append(Note(message=message, level="warning"))


def loaded(fragment: Fragment) -> EnvLoadFragment:
    return EnvLoadFragment(
        fragment_id=fragment.id, size_bytes=fragment.size_bytes, span_ref=fragment.span
    )
