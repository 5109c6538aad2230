"""The exchange rate that a person records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import rlmboard


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


@pytest.mark.parametrize(
    "text", ["", "{", '{"usd_per_btc": -3, "on": "x"}', '{"usd_per_btc": 1e999}']
)
def test_a_damaged_file_is_no_rate(acting: Any, tmp_path: Path, text: str) -> None:
    (tmp_path / "rate.json").write_text(text)
    assert acting.get("rate") == {"rate": None}
