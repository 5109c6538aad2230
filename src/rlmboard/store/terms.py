"""The terms of a filter, as one index can answer them: what a key is there, and how many hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from . import queries
from .filter import Compare, Term
from .index import Index

FEW = 5_000
"""A list of so many runs costs no more than a look at each of a hundred thousand."""


def settled(index: Index, terms: Sequence[Term]) -> tuple[Term, ...]:
    """The same terms, each asked where its key is found, and in the way that costs less."""
    return tuple(_settled(index, term) for term in terms)


def has_param(index: Index, key: str) -> bool:
    """Whether any run has such a setting."""
    return bool(index.rows("SELECT 1 FROM run_params WHERE key = ? LIMIT 1", (key,)))


def has_metric(index: Index, name: str) -> bool:
    """Whether any run has such a metric."""
    return bool(index.rows("SELECT 1 FROM run_metrics WHERE name = ? LIMIT 1", (name,)))


def _settled(index: Index, term: Term) -> Term:
    if not isinstance(term, Compare) or term.scope == "run":
        return term
    scopes = _scopes(index, term)
    if not scopes:
        return msgspec.structs.replace(term, values=())
    scope = scopes[0] if len(scopes) == 1 else term.scope
    few = "metric" in scopes and _holding(index, term) < FEW
    return msgspec.structs.replace(term, scope=scope, few=few)


def _scopes(index: Index, term: Compare) -> list[Literal["config", "metric"]]:
    """What the key names in this index, of what it may name."""
    found: list[Literal["config", "metric"]] = []
    if term.scope != "metric" and has_param(index, term.key):
        found.append("config")
    if term.scope != "config" and has_metric(index, term.key):
        found.append("metric")
    return found


def _holding(index: Index, term: Compare) -> int:
    """How many values of the metric are as said, up to FEW."""
    return int(index.select(queries.count_metrics(term, FEW))[0][0])
