"""What a person does to runs."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

import rlmboard
from rlmboard.board import Everything
from rlmboard.run import ReportedRun
from rlmboard.trace import RunDone


@pytest.fixture(scope="module")
def three_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("three")
    for name in ("a", "b", "c"):
        rlmboard.init(f"query {name}", home=home, id=f"run-{name}", tags=["old"]).finish()
    return home


@pytest.fixture(scope="module")
def unchanged(serve_long: Any, three_runs: Path) -> Any:
    """A board over those very runs: what is done on it must be refused."""
    return serve_long(three_runs)


@pytest.fixture
def acting(serve: Any, three_runs: Path, tmp_path: Path) -> Any:
    """A board over three runs of its own."""
    shutil.copytree(three_runs, tmp_path, dirs_exist_ok=True)
    return serve(tmp_path)


def test_labels_change_field_by_field_and_are_taken_back(acting: Any) -> None:
    said = {"name": "best", "star": True, "tags": ["x", "x", "y"], "note": "<b>fine</b>"}
    run = acting.act("PATCH", "runs/run-a/labels", said).json()
    assert (run["name"], run["star"], run["tags"], run["note"]) == (
        "best", True, ["x", "y"], "<b>fine</b>",
    )  # fmt: skip
    run = acting.act("PATCH", "runs/run-a/labels", {"note": None}).json()
    assert (run["note"], run["name"]) == (None, "best")
    assert [one["field"] for one in acting.get("runs/run-a/labels")][-1] == "note"
    assert acting.get("runs", filter="star:yes")["count"] == 1


def test_a_score_stands_as_a_metric_and_a_comment_on_a_sub_query(acting: Any) -> None:
    acting.act("POST", "runs/run-a/scores", {"name": "quality", "value": 0.25, "by": "ada"})
    said = acting.act("POST", "runs/run-a/comments", {"text": "odd", "query_id": "q-1"})
    assert said.status_code == 201
    assert acting.get("runs/run-a")["run"]["metrics"] == {"quality": 0.25}
    told = acting.get("runs/run-a/labels")
    assert [(one["field"], one["query_id"]) for one in told] == [
        ("score", None),
        ("comment", "q-1"),
    ]


def test_many_runs_at_once_and_those_that_are_refused(acting: Any) -> None:
    said = {"runs": ["run-a", "run-b", "nope"], "set": {"archived": True}, "add_tags": ["new"]}
    done = acting.act("POST", "label", said).json()
    assert done["done"] == ["run-a", "run-b"]
    assert [one["run"] for one in done["refused"]] == ["nope"]
    assert acting.get("runs", filter="archived:yes tag:new tag:old")["count"] == 2
    acting.act("POST", "label", {"runs": ["run-a"], "remove_tags": ["old", "new"]})
    assert acting.get("runs/run-a")["run"]["tags"] == []


def test_a_run_goes_to_the_trash_and_comes_back(acting: Any) -> None:
    assert acting.act("POST", "trash", {"runs": ["run-a"]}).json()["done"] == ["run-a"]
    assert acting.problem("runs/run-a")["status"] == 404
    assert [one["run_id"] for one in acting.get("home")["trash"]] == ["run-a"]
    assert acting.act("POST", "restore", {"runs": ["run-a"]}).json()["done"] == ["run-a"]
    assert acting.get("runs/run-a")["run"]["query"] == "query a"


@pytest.mark.parametrize("name", ["../b", "..", "a/b", ".", "x" * 128])
def test_a_hostile_id_reaches_no_folder(unchanged: Any, name: str) -> None:
    for action in ("trash", "restore"):
        done = unchanged.act("POST", action, {"runs": [name]}).json()
        assert done["done"] == []
    assert unchanged.get("runs")["count"] == 3


def test_a_run_under_way_is_asked_to_stop_and_not_thrown_away(acting: Any, tmp_path: Path) -> None:
    run = rlmboard.init("live", home=tmp_path, id="live")
    refused = acting.act("POST", "trash", {"runs": ["live"]}).json()["refused"]
    assert "still running" in refused[0]["why"]
    assert acting.act("POST", "runs/live/cancel").status_code == 202
    assert run.cancel_requested
    run.cancel()
    problem = acting.act("POST", "runs/live/cancel").json()
    assert (problem["status"], problem["type"]) == (400, "bad-input")


def test_a_run_that_is_only_told_of_is_not_asked_to_stop(acting: Any, tmp_path: Path) -> None:
    told = ReportedRun("told", "otlp", home=tmp_path, hears_stop=False)
    heard = ReportedRun("heard", "gateway", home=tmp_path)
    assert acting.get("runs/told")["can_stop"] is False
    assert acting.get("runs/heard")["can_stop"] is True
    problem = acting.act("POST", "runs/told/cancel").json()
    assert (problem["status"], problem["type"]) == (400, "bad-input")
    assert "stop the program where it runs" in problem["detail"]
    assert not (tmp_path / "runs/told/cancel").exists()
    refused = acting.act("POST", "trash", {"runs": ["told"]}).json()["refused"]
    assert "stop it first: where it runs" in refused[0]["why"]
    heard.end(RunDone())
    told.end(RunDone())
    assert acting.get("runs/heard")["can_stop"] is False


def test_views_are_saved_and_removed(acting: Any, tmp_path: Path) -> None:
    said = {"name": "Nightly", "filter": "tag:nightly", "state": {"columns": ["name"]}}
    assert acting.act("PUT", "views/nightly", said).status_code == 200
    assert acting.get("views") == [
        {"slug": "nightly", "page": "runs", **said},
    ]
    assert (tmp_path / "views" / "nightly.json").exists()
    assert acting.act("DELETE", "views/nightly").status_code == 204
    assert acting.act("DELETE", "views/nightly").status_code == 404
    assert acting.get("views") == []


@pytest.mark.parametrize("slug", ["..%2f..%2frlm", "%2e%2e", "A B", "x" * 70, "ü"])
def test_a_view_is_never_written_elsewhere(unchanged: Any, three_runs: Path, slug: str) -> None:
    before = {path for path in three_runs.rglob("*") if "rlm.db" not in path.name}
    answer = unchanged.act("PUT", f"views/{slug}", {"name": "x"})
    assert answer.status_code in (400, 404, 405)
    assert {path for path in three_runs.rglob("*") if "rlm.db" not in path.name} == before


@pytest.mark.parametrize("name", ["doc-analysis", "a/b", "..", "Größe 512", "x" * 200])
def test_an_experiment_of_any_name_is_described(acting: Any, name: str) -> None:
    from urllib.parse import quote

    acting.act("PATCH", "runs/run-a/labels", {"experiment": name})
    place = f"experiments/{quote(name, safe='').replace('.', '%2E')}"
    item = acting.act("PUT", place, {"description": "why", "baseline": "run-a"}).json()
    assert (item["name"], item["description"], item["baseline"]) == (name, "why", "run-a")
    assert acting.act("PUT", place, {"description": None}).json()["baseline"] == "run-a"
    assert [one["name"] for one in acting.get("experiments")] == [name]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "runs/run-a/labels", {"nam": "typo"}),
        ("PATCH", "runs/run-a/labels", {"star": "yes"}),
        ("PATCH", "runs/run-a/labels", {"tags": ["x" * 300]}),
        ("PATCH", "runs/run-a/labels", {"name": ""}),
        ("POST", "runs/run-a/scores", {"name": "q"}),
        ("POST", "runs/run-a/comments", {"text": ""}),
        ("POST", "label", {"runs": []}),
        ("POST", "trash", {"runs": "run-a"}),
    ],
)
def test_a_body_that_makes_no_sense_is_refused(
    unchanged: Any, method: str, path: str, body: Any
) -> None:
    answer = unchanged.act(method, path, body)
    assert answer.status_code == 400
    assert answer.json()["type"] == "bad-input"
    assert unchanged.get("runs/run-a/labels") == []


def test_a_reader_who_may_only_look_changes_nothing(serve: Any, tmp_path: Path) -> None:
    class Guest(Everything):
        acts = False

    rlmboard.init("x", home=tmp_path, id="x").finish()
    board = serve(tmp_path, scope=Guest())
    answer = board.act("PATCH", "runs/x/labels", {"star": True})
    assert (answer.status_code, answer.json()["type"]) == (403, "refused")


def test_a_home_that_cannot_be_written_says_that_nothing_was_kept(
    acting: Any, tmp_path: Path
) -> None:
    (tmp_path / "views").write_text("a file where a folder should be")
    answer = acting.act("PUT", "views/x", {"name": "x"})
    assert (answer.status_code, answer.json()["type"]) == (503, "home-unusable")
    assert "not kept" in answer.json()["detail"]
