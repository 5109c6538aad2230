"""Cost is what the records state; else tokens times the table; else unknown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from rlmboard.folder import Home
from rlmboard.formats.foreign import ForeignRun, Said
from rlmboard.integrations.imports import Landing
from rlmboard.store import Store
from rlmboard.trace import SubQueryReturn, SubQuerySubmit, Usage

PRICES = """
version = "mine"
[models.m]
input_usd = 3.0
cached_usd = 0.3
output_usd = 15.0
[models.kept]
input_usd = 3.0
cached_usd = 0.3
cache_write_usd = 3.75
output_usd = 15.0
"""
USAGE = Usage(input=1000, output=100, cached=500)


def cost_of(**answer: Any) -> tuple[int | None, str | None]:
    home = Home()
    home.make()
    (home.path / "prices.toml").write_text(PRICES)
    said: dict[str, Any] = {"model_id": "m", "usage": USAGE, "usage_quality": "exact", **answer}
    with Landing(home) as landing:
        began = datetime(2026, 5, 1, tzinfo=UTC)
        landing.land(ForeignRun(key="k", producer="test", started_at=began))
        landing.land(Said("k", 0, SubQuerySubmit(query_id="q")))
        landing.land(Said("k", 5, SubQueryReturn(query_id="q", **said)))
    with Store(home) as store:
        (attempt,) = store.run("latest").attempts()
    return attempt.cost_usd_nanos, attempt.cost_source


def test_tokens_that_are_exact_are_priced_by_the_table_of_the_home() -> None:
    assert cost_of() == (500 * 3000 + 500 * 300 + 100 * 15000, "price_table")


def test_a_cost_that_is_stated_stands() -> None:
    assert cost_of(cost_usd_nanos=7, cost_source="provider") == (7, "provider")


@pytest.mark.parametrize(
    "answer",
    [
        {"model_id": "unheard-of"},
        {"model_id": None},
        {"usage": None, "usage_quality": "none"},
        {"usage_quality": "estimated"},
        {"usage_quality": "shared"},
        {"attributes": {"cache_creation_tokens": 9}},
        {
            "model_id": "kept",
            "attributes": {"cache_creation_tokens": 9, "cache_creation_1h_tokens": 1},
        },
    ],
)
def test_what_cannot_be_priced_exactly_is_unknown(answer: dict[str, Any]) -> None:
    assert cost_of(**answer)[0] is None


def test_what_went_into_a_cache_is_priced_where_the_table_says_how() -> None:
    kept = {"model_id": "kept", "attributes": {"cache_creation_tokens": 100}}
    wanted = 400 * 3000 + 500 * 300 + 100 * 3750 + 100 * 15000
    assert cost_of(**kept) == (wanted, "price_table")
