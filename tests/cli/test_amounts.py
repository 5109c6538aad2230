"""Amounts as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.cli.pictures import amounts
from rlmboard.cli.pictures.glyphs import ASCII


@pytest.mark.parametrize(
    ("ms", "said"),
    [
        (0, "0ms"),
        (234, "234ms"),
        (999.4, "999ms"),
        (999.6, "1.0s"),
        (3_400, "3.4s"),
        (59_960, "1m 00s"),
        (125_000, "2m 05s"),
        (3_720_000, "1h 02m"),
        (None, "unknown"),
    ],
)
def test_a_duration_has_the_unit_that_fits_it(ms: float | None, said: str) -> None:
    assert amounts.duration(ms) == said


@pytest.mark.parametrize(
    ("msat", "usd_nanos", "missing", "said"),
    [
        (47_000, None, 0, "47 sats"),
        (1_000, None, 0, "1 sat"),
        (12_345_500, None, 0, "12,345.5 sats"),
        (None, 1_250_000_000, 0, "$1.25"),
        (None, 420_000, 0, "$0.00042"),
        (47_000, 12_000_000, 0, "47 sats + $0.012"),
        (0, 0, 0, "0 sats"),
        (47_000, 0, 0, "47 sats"),
        (0, 12_000_000, 0, "$0.012"),
    ],
)
def test_money_is_said_in_the_units_that_are_known(
    msat: int | None, usd_nanos: int | None, missing: int, said: str
) -> None:
    assert amounts.money(msat, usd_nanos, missing) == said


def test_an_unknown_cost_is_a_word_and_never_zero() -> None:
    assert amounts.money(None, None, 3) == "unknown"
    assert amounts.cost(None, None) == "unknown"


def test_a_sum_over_unknowns_says_at_least_and_how_many_are_missing() -> None:
    assert amounts.money(47_000, None, 3) == "≥ 47 sats (3 unknown)"
    assert amounts.money(47_000, None, 3, ASCII) == ">= 47 sats (3 unknown)"
    assert amounts.tokens([1_200, 34], 2) == "≥ 1,234 (2 unknown)"


def test_nothing_asked_costs_a_dash_and_not_zero() -> None:
    assert amounts.money(None, None) == "–"
    assert amounts.tokens([None, None]) == "–"


@given(st.integers(0, 10**15), st.integers(0, 10**15))
def test_an_amount_that_is_not_zero_never_reads_as_zero(msat: int, nanos: int) -> None:
    for said in (amounts.sats(msat), amounts.usd(nanos)):
        number = float(said.removesuffix("s").removesuffix(" sat").lstrip("$").replace(",", ""))
        assert (number == 0) == ((msat if "sat" in said else nanos) == 0)


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 B"), (999, "999 B"), (1_400, "1.4 kB"), (999_600, "1.0 MB"), (2 * 10**9, "2.0 GB")],
)
def test_a_size_is_counted_in_thousands(count: int, said: str) -> None:
    assert amounts.size(count) == said


def test_a_time_long_ago_is_a_date_and_one_in_the_future_too() -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert amounts.ago(now - timedelta(seconds=12), now) == "12s ago"
    assert amounts.ago(now - timedelta(hours=3, minutes=5), now) == "3h ago"
    assert amounts.ago(now - timedelta(days=2), now) == "2d ago"
    assert amounts.ago(now - timedelta(days=30), now).startswith("2026-10-24")
    assert amounts.ago(now + timedelta(days=1), now).startswith("2026-11-24")
    assert amounts.ago(None, now) == "unknown"
