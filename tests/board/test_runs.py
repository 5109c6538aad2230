"""The list of runs."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

import rlmboard


def test_runs_come_newest_first_with_their_counts(board: Any) -> None:
    page = board.get("runs")
    assert [run["id"] for run in page["runs"]] == [f"run-{n}" for n in (4, 3, 2, 1, 0)]
    assert (page["count"], page["total"], page["next"]) == (5, 5, None)


def test_a_run_has_the_fields_of_the_design_document(board: Any) -> None:
    run = board.get("runs", filter="id:run-3")["runs"][0]
    named = {
        "id", "created_at", "status", "config", "git_sha", "dataset", "metrics", "output", "trace",
        "cost_sats", "tokens_used",
    }  # fmt: skip
    assert named <= run.keys()
    assert (run["status"], run["cost_sats"], run["tokens_used"]) == ("completed", 3.0, 13)
    assert (
        board.http.get(run["trace"]).content == board.store.run("run-3").folder.trace.read_bytes()
    )


def test_an_unknown_cost_is_counted_and_never_zero(board: Any) -> None:
    run = board.get("runs", filter="id:run-4")["runs"][0]
    assert run["unknown_cost"] == 2
    assert run["cost_usd_nanos"] is None


@pytest.mark.parametrize("sort", ["created_at", "-cost", "chunk_size", "-accuracy", "name"])
def test_pages_put_together_are_the_list(board: Any, sort: str) -> None:
    whole = [run["id"] for run in board.get("runs", sort=sort)["runs"]]
    parts: list[str] = []
    after = None
    while True:
        page = board.get(
            "runs", sort=sort, limit=2, count=False, **({"after": after} if after else {})
        )
        parts += [run["id"] for run in page["runs"]]
        after = page["next"]
        if after is None:
            break
    assert parts == whole
    assert page["count"] is None


def test_a_filter_that_does_not_parse_says_where(board: Any) -> None:
    problem = board.problem("runs", filter="method:rlm status:done")
    assert (problem["status"], problem["type"]) == (400, "bad-filter")
    assert problem["position"] == 18
    assert "completed" in problem["detail"]


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 100_000}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"sort": "nonsense"}, "nonsense"),
        ({"filter": "x" * 5_000}, "4,000"),
        ({"after": "../../etc"}, "../../etc"),
        ({"filter": 'x"'}, "quote"),
        ({"filter": "\x00"}, ""),
    ],
)
def test_what_makes_no_sense_is_refused_and_says_what(
    board: Any, params: dict[str, Any], said: str
) -> None:
    answer = board.http.get("api/rlm/runs", params=params)
    assert answer.status_code in (400, 404) or params.get("filter") == "\x00"
    assert said in answer.text
    assert "Traceback" not in answer.text


def test_latencies_of_several_runs(board: Any) -> None:
    one, other = board.get("latency", run=["run-3", "run-4"])
    assert (one["run_id"], one["attempts"]) == ("run-3", 1)
    assert other["attempts"] == sum(other["counts"]) == 26
    assert other["p50_ms"] <= other["p95_ms"] <= other["p99_ms"]
    assert len(other["from_ms"]) == len(other["counts"])


def test_curves_of_several_runs_are_a_few_points(tmp_path: Path, serve: Any) -> None:
    for name in ("long", "short"):
        with rlmboard.init("Does it learn?", home=tmp_path, id=name) as run:
            for n in range(1_000 if name == "long" else 1):
                run.log({"loss": 1 / (n + 1)})
            run.log({"once": 1.0})
    one, other = serve(tmp_path).get("curves", run=["long", "short"])
    assert (one["run_id"], other) == ("long", {"run_id": "short", "metrics": {}})
    assert one["metrics"].keys() == {"loss"}
    loss = one["metrics"]["loss"]
    assert loss["count"] == 1_000
    assert (loss["points"][0], loss["points"][-1]) == (1.0, 0.001)
    assert 8 < len(loss["points"]) <= 17
    assert loss["points"] == sorted(loss["points"], reverse=True)


def test_a_run_may_be_named_by_its_beginning_and_as_the_latest(board: Any) -> None:
    newest = board.get("runs", limit=1)["runs"][0]["id"]
    for question in ("curves", "latency"):
        found = board.get(question, run=["latest", "run-1"])
        assert [one["run_id"] for one in found] == [newest, "run-1"]


def test_curves_of_a_run_that_is_not_there_are_refused(board: Any) -> None:
    assert board.problem("curves", run=["run-3", "nobody"])["status"] == 404


def test_facets_name_keys_settings_and_metrics(board: Any) -> None:
    facets = {facet["key"]: facet for facet in board.get("facets")}
    assert facets["status"]["from"] == "run"
    assert (facets["chunk_size"]["from"], facets["chunk_size"]["kind"]) == ("config", "number")
    assert facets["accuracy"]["from"] == "metric"


@pytest.mark.parametrize(
    ("key", "params", "values"),
    [
        ("method", {}, {"base": 2, "rlm": 2}),
        ("method", {"prefix": "r"}, {"rlm": 2}),
        ("chunk_size", {"filter": "method:rlm"}, {"512": 1, "1024": 1}),
        ("venue", {}, {"local": 5, "swarm": 1}),
        ("star", {}, {"no": 5}),
        ("cost", {}, {}),
    ],
)
def test_values_of_a_facet_are_counted_in_runs(
    board: Any, key: str, params: dict[str, str], values: dict[str, int]
) -> None:
    told = board.get(f"facets/{key}", **params)
    assert {value["value"]: value["runs"] for value in told} == values


def test_a_search_finds_runs_and_sub_queries(board: Any) -> None:
    assert board.get("search", text="failed")["hits"][0]["field"] == "query"
    page = board.get("search", text="ask", limit=3)
    assert len(page["hits"]) == 3
    assert page["cut"]
    assert {hit["field"] for hit in page["hits"]} == {"prompt"}


def test_an_export_takes_all_that_fit(board: Any) -> None:
    answer = board.http.get(
        "api/rlm/export", params={"columns": "id,config.method,metric.accuracy"}
    )
    assert answer.headers["content-disposition"] == 'attachment; filename="runs.csv"'
    table = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(table) == 5
    assert table[1] == {"id": "run-3", "config.method": "rlm", "metric.accuracy": "0.8"}
    assert "config.chunk_size" in board.http.get("api/rlm/export").text.splitlines()[0]


@pytest.mark.parametrize("form", ["json", "jsonl", "md"])
def test_an_export_has_other_forms(board: Any, form: str) -> None:
    answer = board.http.get("api/rlm/export", params={"format": form, "run": ["run-1", "run-2"]})
    assert "run-1" in answer.text
    assert "run-3" not in answer.text


def test_a_form_that_there_is_not_is_refused(board: Any) -> None:
    assert "csv" in board.problem("export", format="xlsx")["detail"]
