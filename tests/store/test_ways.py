"""Which way the index goes to an answer depends on how many runs fit; the answer does not."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from rlmboard.store import Store, paging, terms
from rlmboard.trace import Metric

FILTERS = (
    "", "score>0.3", "score!=0.5", "-score>0.5", "size:2", "size:1,3 score>=0.1", "size!=2",
    "both:1", "both>0 -both:2", "letter:b", "letter>a", "nothing:here", "nothing!=here",
    "metric.size:2", "config.score>0", "status:completed score>0.2",
)  # fmt: skip
"""A `score` is only measured, a `size` and a `letter` only set, `both` is one or the other."""
ORDERS = ("-score", "score", "-size", "size", "letter", "-both", "-cost")


@pytest.fixture
def twelve(store: Store, record: Any, small_run: Any) -> Store:
    """Runs with some values equal, and some missing."""
    for n in range(12):
        told = small_run(1, cost_msat=n // 2 * 1000)
        if n % 4:
            told.append((1, Metric(name="score", value=n % 6 / 10)))
        if n % 3 == 0:
            told.append((1, Metric(name="both", value=n % 2)))
        params = {"letter": "abc"[n % 3], **({"both": n % 3} if n % 2 else {})}
        config = {"size": n % 4} if n % 5 else {}
        record(f"r{n:02d}", told, started_at=f"2026-11-20T10:{n:02d}:00+00:00",
               params=params | config)  # fmt: skip
    store.label("r03", "score", {"name": "score", "value": 0.9})
    return store


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("filter", FILTERS)
def test_the_same_runs_come_in_the_same_order_whichever_way_is_taken(
    twelve: Store, monkeypatch: pytest.MonkeyPatch, filter: str, order: str
) -> None:
    found = set()
    for few, enough in product((0, 1_000), (1, 1_000)):
        monkeypatch.setattr(terms, "FEW", few)
        monkeypatch.setattr(paging, "ENOUGH", enough)
        rows = paged(twelve, filter, order)
        assert len(rows) == twelve.count(filter)
        found.add(rows)
    assert len(found) == 1


def paged(store: Store, filter: str, order: str) -> tuple[str, ...]:
    """All runs, five at a time."""
    found: list[str] = []
    while page := store.runs(filter, order, 5, found[-1] if found else None):
        found += [row.run_id for row in page]
    return tuple(found)


def test_runs_are_sorted_by_the_setting_that_they_are_filtered_by(twelve: Store) -> None:
    found = paged(twelve, "size>1", "-size")
    sizes = [twelve.run(run_id).row.config.flat()["size"] for run_id in found]
    assert sizes == sorted(sizes, reverse=True)
    assert set(sizes) == {2, 3}


def test_a_metric_is_sorted_by_what_a_person_said_of_it(twelve: Store) -> None:
    assert paged(twelve, "", "-score")[0] == "r03"
    assert paged(twelve, "letter:a,b,c", "-score")[0] == "r03"
