"""Runs in groups: counted by the board over all that fit, and opened one by one."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

import pytest

import rlmboard
from rlmboard.trace import SubQueryExecute, SubQueryReturn, SubQuerySubmit

SIZES = (256, 512, 256, None, 512, 256, "auto", True)


@pytest.fixture(scope="module")
def grouped(serve_long: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Eight runs, each of one attempt: `size` as above, sats of n + 1, the last without a cost."""
    home: Path = tmp_path_factory.mktemp("groups")
    for n, size in enumerate(SIZES):
        config = {"method": "ab"[n % 2], **({} if size is None else {"size": size})}
        with rlmboard.init(f"Question {n}?", home=home, id=f"run-{n}", config=config) as run:
            run.emit(SubQuerySubmit(query_id="q"))
            run.emit(SubQueryExecute(query_id="q", provider_id="p"))
            cost = {} if n == 7 else {"cost_msat": (n + 1) * 1000}
            run.emit(SubQueryReturn(query_id="q", success=n != 5, **cost))
            if n % 4:
                run.log({"accuracy": n / 10})
    return serve_long(home)


def groups_of(board: Any, by: str, **asked: Any) -> dict[Any, dict[str, Any]]:
    return {one["said"]: one for one in board.get("groups", by=by, **asked)["groups"]}


def test_a_group_has_its_runs_and_what_their_numbers_come_to(grouped: Any) -> None:
    found = groups_of(grouped, "config.size", columns="cost,accuracy")
    assert {said: one["runs"] for said, one in found.items()} == {
        "256": 3, "512": 2, "auto": 1, "true": 1, None: 1,
    }  # fmt: skip
    cost = found["256"]["cells"]["cost"]
    assert (cost["n"], cost["mean"], cost["lowest"], cost["highest"]) == (3, 10_000 / 3, 1000, 6000)
    assert cost["std"] == pytest.approx(statistics.stdev([1000, 3000, 6000]))
    assert found["256"]["cells"]["accuracy"]["unknown"] == 1


def test_what_is_not_known_is_left_out_and_counted(grouped: Any) -> None:
    one = groups_of(grouped, "config.size", columns="cost")["true"]
    assert one["cells"] == {}
    both = groups_of(grouped, "method", columns="cost")["b"]["cells"]["cost"]
    assert (both["n"], both["unknown"], both["mean"]) == (3, 1, 4000)


def test_the_runs_of_each_group_are_the_runs_of_the_list(grouped: Any) -> None:
    found = groups_of(grouped, "config.size")
    members = []
    for one in found.values():
        value = {} if one["value"] is None else {"value": json.dumps(one["value"])}
        page = grouped.get("runs", by="config.size", **value)
        assert (page["count"], len(page["runs"])) == (one["runs"], one["runs"])
        members += [run["id"] for run in page["runs"]]
    assert sorted(members) == [f"run-{n}" for n in range(8)]


def test_a_filter_holds_for_groups_and_for_their_runs(grouped: Any) -> None:
    found = groups_of(grouped, "config.size", filter="method:a cost>1")
    assert {said: one["runs"] for said, one in found.items()} == {"256": 1, "512": 1, "auto": 1}
    page = grouped.get("runs", by="config.size", value="256.0", filter="method:a cost>1")
    assert [run["id"] for run in page["runs"]] == ["run-2"]


@pytest.mark.parametrize(
    ("sort", "order", "first"),
    [("-cost", "mean", "auto"), ("config.size", "value", "true"), ("query", "newest", "true")],
)
def test_groups_stand_in_the_order_of_the_list(
    grouped: Any, sort: str, order: str, first: str
) -> None:
    page = grouped.get("groups", by="config.size", sort=sort)
    assert (page["order"], page["groups"][0]["said"]) == (order, first)


def test_pages_of_groups_put_together_are_all_of_them(grouped: Any) -> None:
    whole = grouped.get("groups", by="id", sort="-cost")
    parts: list[Any] = []
    after = 0
    while after is not None:
        page = grouped.get("groups", by="id", sort="-cost", limit=3, after=after)
        parts += page["groups"]
        after = page["next"]
    assert parts == whole["groups"]
    assert page["count"] == 8
    beyond = grouped.get("groups", by="id", after=50)
    assert (beyond["groups"], beyond["next"], beyond["count"]) == ([], None, 8)


@pytest.mark.parametrize(
    ("by", "why"),
    [
        ("tag", "a run has several"),
        ("provider", "a run has several"),
        ("started", "each run has a time of its own"),
        ("metric.accuracy", "a metric is measured, not set"),
        ("config.nothing", "no run has it"),
    ],
)
def test_what_runs_cannot_be_grouped_by_is_said(grouped: Any, by: str, why: str) -> None:
    problem = grouped.problem("groups", by=by)
    assert (problem["status"], problem["type"]) == (400, "bad-input")
    assert why in problem["detail"]


@pytest.mark.parametrize(
    "asked",
    [{"columns": "name"}, {"columns": "no-such"}, {"filter": "status:x"}, {"after": str(1 << 64)}],
)
def test_a_question_that_makes_no_sense_is_refused(grouped: Any, asked: dict[str, str]) -> None:
    assert grouped.problem("groups", by="method", **asked)["status"] == 400


def test_a_value_that_is_no_value_of_a_group_is_refused(grouped: Any) -> None:
    assert grouped.problem("runs", by="method", value="{")["type"] == "bad-input"


@pytest.mark.parametrize("by", ["tag", "provider", "venue"])
def test_runs_of_a_group_that_cannot_be_are_refused(grouped: Any, by: str) -> None:
    problem = grouped.problem("runs", by=by, value='"x"')
    assert (problem["status"], problem["type"]) == (400, "bad-input")
    assert f"'{by}', of which a run has several" in problem["detail"]


def test_runs_that_go_on_are_counted_and_not_measured(serve: Any, tmp_path: Path) -> None:
    with rlmboard.init("Is it over?", home=tmp_path, id="over", config={"method": "a"}):
        pass
    with rlmboard.init("Is it over?", home=tmp_path, id="going", config={"method": "a"}):
        board = serve(tmp_path)
        (one,) = groups_of(board, "method", columns="sub_queries").values()
    assert one["statuses"] == {"running": 1, "completed": 1}
    assert (one["cells"]["sub_queries"]["n"], one["cells"]["sub_queries"]["unknown"]) == (1, 0)


def test_only_what_is_measured_is_said_to_be_converted(serve: Any, tmp_path: Path) -> None:
    def spend(run: rlmboard.Run) -> None:
        run.emit(SubQuerySubmit(query_id="q"))
        run.emit(SubQueryExecute(query_id="q", provider_id="p"))
        run.emit(SubQueryReturn(query_id="q", cost_msat=1000))

    with rlmboard.init("Is it over?", home=tmp_path, id="over", config={"method": "a"}) as over:
        spend(over)
    with rlmboard.init("Is it over?", home=tmp_path, id="going", config={"method": "a"}) as going:
        spend(going)
        board = serve(tmp_path)
        board.act("PUT", "rate", {"usd_per_btc": 100_000, "on": "2026-11-23"})
        (one,) = groups_of(board, "method", columns="cost_usd").values()
    cost = one["cells"]["cost_usd"]
    assert (cost["n"], cost["mean"], cost["converted"]) == (1, 1_000_000, 1)
