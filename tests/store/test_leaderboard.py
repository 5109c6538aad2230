"""The leaderboard: rollups and raw attempts give what a plain count would give."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.errors import BadInput
from rlmboard.store import Store
from rlmboard.store.leaderboard import Window, split
from rlmboard.store.rollup import HOUR_MS, SLOT_MS, Cell, Fact, bin_of, middle_ms, percentile_ms
from rlmboard.trace import (
    RunDone,
    SubQueryCancel,
    SubQueryExecute,
    SubQueryReturn,
    SubQueryTimeout,
    Usage,
)

STARTED_MS = 1_795_168_800_000
MINUTE_MS = 60_000


def answered(n: int, ended_ms: float, lasted_ms: float = 100, **more: Any) -> list[Any]:
    query = {"query_id": f"q{n}"}
    asked = {key: more.pop(key) for key in ("provider_id", "venue", "model_id") if key in more}
    return [
        (ended_ms - lasted_ms, SubQueryExecute(**query, **{"provider_id": "ollama", **asked})),
        (ended_ms, SubQueryReturn(**query, **more)),
    ]


@pytest.fixture
def each_ten_minutes(store: Store, record: Any) -> list[int]:
    """An attempt that ended each ten minutes of 5 hours; when they ended, since 1970."""
    ends_ms = [n * 10 * MINUTE_MS for n in range(30)]
    told = [told for n, at in enumerate(ends_ms) for told in answered(n, at)]
    record("r1", [*told, (18_000_000, RunDone())])
    return [STARTED_MS + at for at in ends_ms]


@pytest.mark.parametrize("since_minutes", [0, 10, 29, 30, 31, 55, 60, 125])
@pytest.mark.parametrize("lasts_minutes", [0, 5, 20, 45, 60, 61, 95, 150, 10_000])
def test_any_window_counts_what_ended_in_it(
    store: Store, each_ten_minutes: list[int], since_minutes: int, lasts_minutes: int
) -> None:
    since_ms = STARTED_MS + since_minutes * MINUTE_MS
    until_ms = since_ms + lasts_minutes * MINUTE_MS
    rows = store.providers(since=since_ms, until=until_ms)
    expected = sum(since_ms <= at < until_ms for at in each_ten_minutes)
    assert sum(row.attempts for row in rows) == expected
    assert sum(row.runs for row in rows) == bool(expected)


def test_a_window_is_given_as_hours_or_as_a_day(
    store: Store, clock: Any, each_ten_minutes: list[int]
) -> None:
    clock.now_s = STARTED_MS / 1000 + 5 * 3600
    assert store.providers(since="2h")[0].attempts == 12
    assert store.providers(since="2026-11-20")[0].attempts == 30
    assert store.providers(since="2026-11-21") == []
    with pytest.raises(BadInput, match="'yesterday' is no time"):
        store.providers(since="yesterday")


@given(st.integers(0, 10**10), st.integers(-(10**6), 10**9))
def test_the_parts_of_a_window_are_the_window_each_moment_once(
    since_ms: int, lasts_ms: int
) -> None:
    window = Window(since_ms, since_ms + lasts_ms)
    parts = split(window)
    stretches = [
        *((first * HOUR_MS, after * HOUR_MS) for first, after in [parts.hours] if first < after),
        *((first * SLOT_MS, after * SLOT_MS) for first, after in parts.slots),
        *parts.rest_ms,
    ]
    at_ms = window.since_ms
    for begin_ms, end_ms in sorted(stretches):
        assert begin_ms == at_ms < end_ms
        at_ms = end_ms
    assert at_ms == max(window.since_ms, window.until_ms)
    assert sum(end_ms - begin_ms for begin_ms, end_ms in parts.rest_ms) < 2 * SLOT_MS


def test_outcomes_costs_and_tokens_of_a_provider(store: Store, record: Any) -> None:
    told = [
        *answered(1, 1000, 100, usage=Usage(input=900, output=100), cost_msat=12_000),
        *answered(2, 2000, 200, usage=Usage(input=1000), model_id="llama-3", venue="local"),
        *answered(3, 3000, 300, success=False),
        (3000, SubQueryExecute(query_id="q4", provider_id="ollama")),
        (9000, SubQueryTimeout(query_id="q4", elapsed_ms=6000)),
        (3000, SubQueryExecute(query_id="q5", provider_id="ollama")),
        (4000, SubQueryCancel(query_id="q5", reason="straggler")),
        (3000, SubQueryExecute(query_id="q6", provider_id="ollama")),
    ]
    record("r1", told)
    (row,) = store.providers()
    assert (row.attempts, row.returned, row.failed, row.timed_out, row.cancelled) == (5, 2, 1, 1, 1)
    assert row.success_rate == 0.5
    assert (row.tokens, row.cost_msat, row.unknown_cost) == (2000, 12_000, 4)
    assert row.msat_per_1k_tokens == 12_000  # of the tokens whose cost is known
    assert row.usd_nanos_per_1k_tokens is None
    assert (row.venues, row.models, row.runs) == (("local",), ("llama-3",), 1)
    assert row.last_seen_ms == STARTED_MS + 9000


def test_a_cost_of_unknown_tokens_is_in_the_sum_and_not_in_the_price(
    store: Store, record: Any
) -> None:
    told = [
        *answered(1, 1000, usage=Usage(input=900, output=100), cost_msat=12_000),
        *answered(2, 2000, cost_msat=50_000, cost_usd_nanos=7),
    ]
    record("r1", told)
    (row,) = store.providers()
    assert (row.cost_msat, row.cost_usd_nanos, row.tokens) == (62_000, 7, 1000)
    assert row.msat_per_1k_tokens == 12_000
    assert row.usd_nanos_per_1k_tokens is None


def test_a_model_or_a_venue_narrows_it_down(store: Store, record: Any) -> None:
    told = [
        *answered(1, 1000, model_id="a", venue="local"),
        *answered(2, 1000, model_id="b", venue="swarm", provider_id="other"),
    ]
    record("r1", told)
    assert [row.provider for row in store.providers(model="a")] == ["ollama"]
    assert [row.provider for row in store.providers(venue="swarm")] == ["other"]
    assert store.providers(model="a", venue="swarm") == []


def test_what_is_simulated_stands_in_a_row_of_its_own(store: Store, record: Any) -> None:
    simulated = SubQueryExecute(query_id="s", provider_id="ollama", simulated=True)
    told = [*answered(1, 1000), (0, simulated), (50, SubQueryReturn(query_id="s"))]
    record("r1", told)
    assert {(row.simulated, row.attempts) for row in store.providers()} == {(True, 1), (False, 1)}


def test_an_attempt_that_changes_is_counted_as_it_is(
    store: Store, record: Any, append: Any
) -> None:
    asked = SubQueryExecute(query_id="q", provider_id="p")
    folder = record("r1", [(0, asked), (900, SubQueryTimeout(query_id="q", elapsed_ms=900))])
    assert [(row.returned, row.timed_out) for row in store.providers()] == [(0, 1)]
    append(folder, [(HOUR_MS, SubQueryReturn(query_id="q", cost_msat=5))])
    (row,) = store.providers()
    assert (row.returned, row.timed_out, row.cost_msat, row.runs) == (1, 0, 5, 1)
    append(folder, [(HOUR_MS, SubQueryReturn(query_id="q", cost_msat=5))])
    assert store.providers() == [row]


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ("latency", "fast"),
        ("success", "sure"),
        ("cost", "cheap"),
        ("attempts", "sure"),
        ("name", "cheap"),
    ],
)
def test_it_is_sorted_by_what_is_asked_and_unknown_comes_last(
    store: Store, record: Any, order: str, first: str
) -> None:
    usage = {"usage": Usage(input=1000)}
    told = [
        *answered(1, 900, 10, provider_id="fast", success=True),
        *answered(2, 900, provider_id="fast", success=False),
        *answered(3, 900, provider_id="cheap", cost_msat=1, **usage),
        *answered(4, 900, provider_id="cheap", success=False),
        *answered(5, 900, provider_id="sure", cost_msat=9, **usage),
        *answered(6, 900, provider_id="sure"),
        *answered(7, 900, provider_id="sure"),
    ]
    record("r1", told)
    assert store.providers(order=order)[0].provider == first


def test_an_order_that_is_none_is_refused(store: Store) -> None:
    with pytest.raises(BadInput, match="cannot be sorted by 'beauty'"):
        store.providers(order="beauty")


# ---------------------------------------------------------------- the histogram


@given(st.lists(st.floats(0.02, 1e7), min_size=1, max_size=60), st.sampled_from([0.5, 0.9, 0.99]))
def test_a_percentile_is_off_by_at_most_two_and_a_half_percent(
    latencies_ms: list[float], share: float
) -> None:
    bins: dict[int, int] = {}
    for latency_ms in latencies_ms:
        bins[bin_of(latency_ms)] = bins.get(bin_of(latency_ms), 0) + 1
    exact = sorted(latencies_ms)[math.ceil(share * len(latencies_ms)) - 1]
    found = percentile_ms(bins, share)
    assert found is not None
    assert abs(found - exact) / exact <= 0.025


def test_no_latency_is_no_percentile_and_none_at_all_is_in_the_first_bin() -> None:
    assert percentile_ms({}, 0.5) is None
    assert middle_ms(bin_of(0.0)) == 0.0


FACTS = st.builds(
    Fact,
    st.just((0, "p", "", "", False)),
    st.integers(1, 3),
    st.sampled_from(["returned", "failed", "timeout", "cancelled"]),
    st.just(5),
    st.none() | st.floats(0, 1e6),
    st.none() | st.integers(0, 1000),
    st.none() | st.integers(0, 1000),
    st.none() | st.integers(0, 1000),
)


@given(st.lists(FACTS, max_size=12), st.lists(FACTS, max_size=12))
def test_what_is_taken_out_of_a_cell_leaves_no_trace(kept: list[Fact], gone: list[Fact]) -> None:
    cell, plain = Cell(), Cell()
    for fact in [*kept, *gone]:
        cell.count(fact)
    for fact in gone:
        cell.count(fact, -1)
    for fact in kept:
        plain.count(fact)
    cell.last_ms = plain.last_ms
    assert cell == plain


@given(st.lists(st.sets(st.integers(1, 300), max_size=5), max_size=5))
def test_cells_merged_have_the_runs_of_all(parts: list[set[int]]) -> None:
    merged = Cell()
    for part in parts:
        cell = Cell()
        cell.set_runs(part)
        assert cell.runs == len(part)
        merged.merge(cell)
    assert merged.runs == len(set().union(*parts))
