"""The exchange rate that a person records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import rlmboard
from rlmboard.trace import SubQueryExecute, SubQueryReturn, SubQuerySubmit

MSAT, DOLLARS = 1_000, 10**9


@pytest.fixture
def acting(serve: Any, tmp_path: Path) -> Any:
    rlmboard.init("What does it cost?", home=tmp_path, id="run-a").finish()
    return serve(tmp_path)


def test_there_is_no_rate_until_somebody_records_one(acting: Any) -> None:
    assert acting.get("rate") == {"rate": None}


def test_a_rate_is_kept_with_its_day_as_a_file_of_the_home(acting: Any, tmp_path: Path) -> None:
    said = {"usd_per_btc": 97_000.5, "on": "2026-11-23", "source": "a newspaper"}
    kept = acting.act("PUT", "rate", said).json()
    assert {**said, "said_at": kept["said_at"]} == kept
    assert acting.get("rate") == {"rate": kept}
    assert json.loads((tmp_path / "rate.json").read_text()) == kept


def test_a_later_rate_takes_its_place_and_a_forgotten_one_is_gone(acting: Any) -> None:
    acting.act("PUT", "rate", {"usd_per_btc": 1, "on": "2026-11-23"})
    acting.act("PUT", "rate", {"usd_per_btc": 2, "on": "2026-11-24"})
    assert acting.get("rate")["rate"]["usd_per_btc"] == 2
    assert acting.act("DELETE", "rate").status_code == 204
    assert acting.get("rate") == {"rate": None}
    assert acting.act("DELETE", "rate").status_code == 404


@pytest.mark.parametrize(
    "said",
    [
        {"usd_per_btc": 0, "on": "2026-11-23"},
        {"usd_per_btc": -1, "on": "2026-11-23"},
        {"usd_per_btc": 1e300, "on": "2026-11-23"},
        {"usd_per_btc": 97_000, "on": "yesterday"},
        {"usd_per_btc": 97_000},
        {"usd_per_btc": 97_000, "on": "2026-11-23", "more": 1},
    ],
)
def test_what_is_no_rate_is_refused_and_changes_nothing(acting: Any, said: Any) -> None:
    refused = acting.act("PUT", "rate", said)
    assert refused.status_code == 400
    assert refused.json()["type"] == "bad-input"
    assert acting.get("rate") == {"rate": None}


def test_nobody_records_one_without_the_token(acting: Any) -> None:
    said = {"usd_per_btc": 97_000, "on": "2026-11-23"}
    refused = acting.http.put("api/rlm/rate", json=said, headers={"X-Rlmboard-Token": "guessed"})
    assert refused.status_code == 403


RATE = '{"usd_per_btc": %s, "on": "2026-11-23", "source": null, "said_at": "2026-11-23T10:00:00Z"}'


@pytest.mark.parametrize("text", ["", "{", *(RATE % odd for odd in ("-3", "0", "1e999", "5e-324"))])
def test_a_damaged_file_is_no_rate(acting: Any, tmp_path: Path, text: str) -> None:
    (tmp_path / "rate.json").write_text(text)
    assert acting.get("rate") == {"rate": None}
    assert [run["id"] for run in acting.get("runs", sort="cost")["runs"]] == ["run-a"]


@pytest.fixture
def spent(serve: Any, tmp_path: Path) -> Any:
    """Four runs: of 30 sats, of half a dollar, of both and of nobody knows what."""
    costs: dict[str, list[dict[str, int]]] = {
        "sats": [{"cost_msat": 30 * MSAT}],
        "dollars": [{"cost_usd_nanos": DOLLARS // 2}],
        "both": [{"cost_msat": 20 * MSAT}, {"cost_usd_nanos": DOLLARS}],
        "unknown": [{}],
    }
    for name, attempts in costs.items():
        with rlmboard.init("What does it cost?", home=tmp_path, id=f"run-{name}") as run:
            for number, cost in enumerate(attempts):
                query_id, provider = f"q-{number}", f"in-{'-'.join(cost) or 'nothing'}"
                run.emit(SubQuerySubmit(query_id=query_id))
                run.emit(SubQueryExecute(query_id=query_id, provider_id=provider))
                run.emit(SubQueryReturn(query_id=query_id, **cost))
    return serve(tmp_path)


def order_of(board: Any, sort: str) -> list[str]:
    return [run["id"].removeprefix("run-") for run in board.get("runs", sort=sort)["runs"]]


def test_without_a_rate_what_was_said_in_the_other_currency_alone_comes_last(spent: Any) -> None:
    assert order_of(spent, "cost") == ["both", "sats", "unknown", "dollars"]
    assert order_of(spent, "-cost_usd") == ["both", "dollars", "unknown", "sats"]


@pytest.mark.parametrize("sort", ["cost", "cost_usd"])
def test_with_a_rate_costs_of_two_currencies_are_in_one_order(spent: Any, sort: str) -> None:
    spent.act("PUT", "rate", {"usd_per_btc": 2_000_000, "on": "2026-11-23"})  # 50 sats a dollar
    assert order_of(spent, sort) == ["dollars", "sats", "both", "unknown"]
    spent.act("PUT", "rate", {"usd_per_btc": 1_000_000, "on": "2026-11-24"})  # 100 sats a dollar
    assert order_of(spent, f"-{sort}") == ["both", "dollars", "sats", "unknown"]


def test_pages_in_the_order_of_a_converted_cost_are_the_list(spent: Any) -> None:
    spent.act("PUT", "rate", {"usd_per_btc": 97_123.45, "on": "2026-11-23"})
    whole, after, parts = order_of(spent, "cost"), None, []
    for _ in whole:
        page = spent.get("runs", sort="cost", limit=1, **({"after": after} if after else {}))
        parts += [run["id"].removeprefix("run-") for run in page["runs"]]
        after = page["next"]
    assert parts == whole


def test_a_sum_says_what_of_it_was_said_in_one_currency_alone(spent: Any) -> None:
    total = spent.get("overview")["total"]
    assert (total["cost_msat"], total["cost_usd_nanos"]) == (50 * MSAT, 3 * DOLLARS // 2)
    assert (total["apart_msat"], total["apart_usd_nanos"]) == (50 * MSAT, 3 * DOLLARS // 2)
    providers = {one["provider"]: one for one in spent.get("providers")["providers"]}
    assert providers["in-cost_msat"]["apart_msat"] == 50 * MSAT
    assert providers["in-cost_usd_nanos"]["apart_usd_nanos"] == 3 * DOLLARS // 2
    assert providers["in-nothing"]["unknown_cost"] == 1
