"""Runs beside each other."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

import rlmboard


def column(table: dict[str, Any], key: str) -> dict[str, Any]:
    return next(one for one in table["columns"] if one["key"] == key)


def values(table: dict[str, Any], key: str) -> list[Any]:
    place = [one["key"] for one in table["columns"]].index(key)
    return [row[place] for row in table["values"]]


def test_a_table_has_settings_metrics_and_facts_in_columns(board: Any) -> None:
    table = board.get("compare", filter="experiment:demo")
    assert [run["id"] for run in table["runs"]] == [f"run-{n}" for n in (4, 3, 2, 1, 0)]
    assert values(table, "accuracy") == [None, 0.8, 0.7, 0.6, 0.5]
    assert values(table, "method") == [None, "rlm", "base", "rlm", "base"]
    assert values(table, "sub_queries") == [31, 1, 1, 1, 1]
    assert (table["count"], table["cut"]) == (5, False)


def test_a_column_says_whether_all_are_the_same(board: Any) -> None:
    table = board.get("compare", run=["run-1", "run-3"])
    assert column(table, "method") == {
        "key": "method", "from": "config", "kind": "text", "known": 2, "distinct": 1,
        "same": "rlm", "lowest": None, "highest": None,
    }  # fmt: skip
    assert column(table, "chunk_size")["same"] is None
    assert column(table, "chunk_size")["distinct"] == 2
    some = board.get("compare", run=["run-3", "run-4"])
    assert (column(some, "method")["known"], column(some, "method")["same"]) == (1, None)


def test_groups_have_means_that_leave_the_unknown_out(board: Any) -> None:
    table = board.get("compare", filter="experiment:demo", group="method")
    groups = {group["value"]: group for group in table["groups"]}
    assert set(groups) == {"rlm", "base", None}
    cell = groups["rlm"]["cells"]["accuracy"]
    assert (cell["n"], cell["mean"], cell["unknown"]) == (2, 0.7, 0)
    assert cell["std"] == statistics.stdev([0.6, 0.8])
    assert "accuracy" not in groups[None]["cells"]
    assert groups[None]["cells"]["sub_queries"]["std"] is None
    assert [table["runs"][n]["id"] for n in groups["base"]["runs"]] == ["run-2", "run-0"]


def test_a_sum_of_which_a_part_is_unknown_is_in_no_mean(serve: Any, tmp_path: Path) -> None:
    for name, costs in {"whole": [1000], "part": [5000, None]}.items():
        with rlmboard.init("Cost?", home=tmp_path, id=name, config={"method": "a"}) as run:
            for cost in costs:
                asked = run.subquery("How much?", provider="p")
                asked.returned("so much", cost_sats=None if cost is None else cost / 1000)
    table = serve(tmp_path).get("compare", run=["whole", "part"], group="method")
    cost = table["groups"][0]["cells"]["cost_msat"]
    assert (cost["n"], cost["mean"], cost["unknown"]) == (1, 1000, 1)
    assert "input_tokens" not in table["groups"][0]["cells"]


def test_a_column_to_group_by_must_be_there(board: Any) -> None:
    assert "chunk_size" in board.problem("compare", group="nonsense")["detail"]


def test_an_experiment_shows_how_its_metrics_went(board: Any) -> None:
    item = board.get("experiments/demo")
    assert (item["runs"], item["statuses"]) == (5, {"completed": 5})
    (trend,) = item["metrics"]
    assert trend["trend"] == [0.5, 0.6, 0.7, 0.8]
    assert (trend["highest"], trend["highest_run"]) == (0.8, "run-3")
    assert board.get("experiments")[0] == item
    assert board.problem("experiments/nope")["status"] == 404
