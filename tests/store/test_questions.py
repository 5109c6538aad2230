"""Questions that a page asks: what they sum up is what the rows say."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rlmboard
from rlmboard.store import Store
from rlmboard.store.questions import Questions
from rlmboard.trace import SubQueryExecute, SubQueryReturn, SubQuerySubmit, SubQueryTimeout

HOUR_MS = 3_600_000


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Attempts of three providers over five hours."""
    home = tmp_path_factory.mktemp("home")
    run = rlmboard.init("x", home=home, id="x")
    for number in range(200):
        name, at_ms = f"q-{number}", number * HOUR_MS / 40
        run.emit(SubQuerySubmit(query_id=name), at_ms=at_ms)
        run.emit(SubQueryExecute(query_id=name, provider_id=f"p-{number % 3}"), at_ms=at_ms)
        if number % 5:
            run.emit(SubQueryReturn(query_id=name, success=bool(number % 7)), at_ms=at_ms + 80)
        else:
            run.emit(SubQueryTimeout(query_id=name, elapsed_ms=80), at_ms=at_ms + 80)
    run.finish()
    return Store(home)


@settings(max_examples=40)
@given(st.integers(0, 300), st.integers(0, 300))
def test_the_hours_of_a_provider_sum_up_to_its_row(store: Store, first: int, last: int) -> None:
    """For any window, also one that begins and ends within hours."""
    zero_ms = store.run("x").row.created_at_ms
    since_ms, until_ms = (zero_ms + minute * 60_000 for minute in sorted((first, last)))
    page = Questions(store).providers(str(since_ms), str(until_ms), None, None, "name")
    rows = {row.provider: row for row in store.providers(since_ms, until_ms)}
    assert {item.provider for item in page.providers} == set(rows)
    for item in page.providers:
        row = rows[item.provider]
        assert (item.attempts, item.p50_ms, item.returned) == (
            row.attempts,
            row.p50_ms,
            row.returned,
        )
        for name in ("returned", "failed", "timed_out", "cancelled"):
            assert sum(getattr(item.hours, name)) == getattr(row, name)
        assert sum(item.counts) == item.returned
