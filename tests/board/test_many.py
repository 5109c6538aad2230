"""Providers, the overview, and the home."""

from __future__ import annotations

from typing import Any

import pytest


def test_the_leaderboard_counts_attempts(board: Any) -> None:
    page = board.get("providers", since="24h", sort="name")
    assert [one["provider"] for one in page["providers"]] == [
        "provider-0", "provider-1", "provider-2", "slow",
    ]  # fmt: skip
    assert sum(one["attempts"] for one in page["providers"]) == 35
    slow = page["providers"][-1]
    assert (slow["timed_out"], slow["success_rate"], slow["p50_ms"]) == (1, 0.0, None)
    assert (page["models"], page["venues"]) == (["m-1"], ["local", "swarm"])


def test_the_small_pictures_of_a_provider_add_up(board: Any) -> None:
    for one in board.get("providers")["providers"]:
        assert sum(one["counts"]) == one["returned"]
        assert sum(one["hours"]["returned"]) == one["returned"]
        assert sum(one["hours"]["failed"]) == one["failed"]
        assert sum(one["hours"]["timed_out"]) == one["timed_out"]


@pytest.mark.parametrize(
    ("sort", "value"),
    [
        ("name", "provider"),
        ("latency", "p50_ms"),
        ("p99", "p99_ms"),
        ("success", "success_rate"),
        ("attempts", "attempts"),
        ("runs", "runs"),
        ("last_seen", "last_seen_ms"),
    ],
)
def test_the_leaderboard_is_sorted_either_way_and_unknown_values_come_last(
    board: Any, sort: str, value: str
) -> None:
    up = [one[value] for one in board.get("providers", sort=sort)["providers"]]
    down = [one[value] for one in board.get("providers", sort=f"-{sort}")["providers"]]
    known = [one for one in up if one is not None]
    unknown = [None] * (len(up) - len(known))
    assert len(up) == 4
    assert up == sorted(known) + unknown
    assert down == sorted(known, reverse=True) + unknown


@pytest.mark.parametrize(("sort", "count"), [("-timeouts", "timed_out"), ("-failed", "failed")])
def test_the_worst_of_the_leaderboard_are_those_with_the_greatest_share(
    board: Any, sort: str, count: str
) -> None:
    found = board.get("providers", sort=sort)["providers"]
    shares = [one[count] / one["attempts"] for one in found]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > shares[-1]


def test_the_leaderboard_of_one_venue(board: Any) -> None:
    assert len(board.get("providers", venue="swarm")["providers"]) == 1
    assert board.get("providers", until="24h")["providers"] == []


@pytest.mark.parametrize("params", [{"sort": "luck"}, {"since": "yesterday"}])
def test_a_window_that_makes_no_sense_is_refused(board: Any, params: dict[str, str]) -> None:
    assert board.problem("providers", **params)["status"] == 400


def test_a_provider_shows_what_went_wrong_and_what_was_slow(board: Any) -> None:
    slow = board.get("providers/slow")
    assert slow["errors"][0]["error"] == "timeout"
    assert [one["query_id"] for one in slow["failures"]] == ["late"]
    whole = board.get("providers/provider-0", limit=3)
    assert {one["error"] for one in whole["errors"]} == {"RateLimited"}
    took = [one["duration_ms"] for one in whole["slowest"]]
    assert took == sorted(took, reverse=True)
    assert len(took) == 3
    assert board.get("providers/a%2Fb")["items"] == []


def test_the_overview_sums_what_began_in_a_window(board: Any) -> None:
    told = board.get("overview", since="24h", bucket="hour")
    assert told["total"]["runs"] == 5
    assert told["total"]["statuses"] == {"completed": 5}
    assert sum(bucket["runs"] for bucket in told["buckets"]) == 5
    assert told["total"]["cost_msat"] == sum(bucket["cost_msat"] or 0 for bucket in told["buckets"])
    assert (told["total"]["unknown_cost"], told["total"]["cost_usd_nanos"]) == (2, None)


def test_the_overview_says_what_failed_and_why(board: Any) -> None:
    first, second = board.get("overview")["failures"]
    assert (first["error"], first["attempts"], first["message"]) == (
        "RateLimited", 4, "429, retry after 2 s",
    )  # fmt: skip
    assert (second["error"], second["providers"]) == ("timeout", ["slow"])
    assert (second["last_run"], second["last_query"]) == ("run-4", "late")


def test_days_begin_where_the_readers_do(board: Any) -> None:
    for offset_min in (-600, 0, 330):
        for bucket in board.get("overview", offset_min=offset_min)["buckets"]:
            assert (bucket["at_ms"] + offset_min * 60_000) % 86_400_000 == 0


@pytest.mark.parametrize(
    "params", [{"since": "10y"}, {"bucket": "minute"}, {"since": "2026-01-01", "bucket": "hour"}]
)
def test_an_overview_that_makes_no_sense_is_refused(board: Any, params: dict[str, str]) -> None:
    assert board.problem("overview", **params)["status"] == 400


def test_the_home_says_where_it_is_and_what_it_takes(board: Any, home: Any) -> None:
    facts = board.get("home")
    assert (facts["home"], facts["runs"], facts["notice"]) == (str(home), 5, None)
    assert facts["disk_free_bytes"] > 0
