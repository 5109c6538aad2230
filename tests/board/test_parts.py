"""Sub-queries and attempts of a run, page by page and one by one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import rlmboard
from rlmboard.trace import Score, SubQueryExecute, SubQueryReturn, SubQuerySubmit


@pytest.mark.parametrize("what", ["sub-queries", "attempts"])
@pytest.mark.parametrize(
    "sort", ["number", "-number", "duration", "-cost", "tokens", "status", "-ended"]
)
def test_pages_put_together_are_all_of_them_once(board: Any, what: str, sort: str) -> None:
    found: list[str] = []
    after: dict[str, str] = {}
    name = what.replace("-", "_")
    while True:
        page = board.get(f"runs/run-4/{what}", sort=sort, limit=7, **after)
        found += [one["query_id"] for one in page[name]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert len(found) == page["count"] == 31
    assert len(set(found)) == 31


def test_what_is_unknown_comes_last(board: Any) -> None:
    page = board.get("runs/run-4/sub-queries", sort="cost")
    costs = [one["cost_msat"] for one in page["sub_queries"]]
    assert costs[-2:] == [None, None]
    assert None not in costs[:-2]


def test_sub_queries_of_some_states_and_providers(board: Any) -> None:
    failed = board.get("runs/run-4/sub-queries", status=["failed", "timeout"])
    assert {one["status"] for one in failed["sub_queries"]} == {"failed", "timeout"}
    assert failed["count"] == 5
    slow = board.get("runs/run-4/sub-queries", provider="slow")
    assert [one["query_id"] for one in slow["sub_queries"]] == ["late"]
    verifiers = board.get("runs/run-4/sub-queries", role="verifier")
    assert verifiers["count"] == 1


def test_attempts_of_one_sub_query(board: Any) -> None:
    page = board.get("runs/run-4/attempts", query="late")
    assert [(one["provider"], one["status"]) for one in page["attempts"]] == [("slow", "timeout")]


@pytest.mark.parametrize(
    "params", [{"sort": "nonsense"}, {"after": "nonsense"}, {"after": "WzFd"}, {"limit": 0}]
)
def test_a_page_that_makes_no_sense_is_refused(board: Any, params: dict[str, Any]) -> None:
    assert board.problem("runs/run-4/sub-queries", **params)["status"] == 400


def test_one_sub_query_with_its_lines_and_texts(board: Any) -> None:
    whole = board.get("runs/run-4/sub-query", id="q-17")
    assert whole["sub_query"]["status"] == "failed"
    assert [line["event"]["type"] for line in whole["lines"]] == [
        "SubQuerySubmit", "SubQueryExecute", "SubQueryReturn",
    ]  # fmt: skip
    numbers = [line["seq"] for line in whole["lines"]]
    events = {line["seq"]: line for line in board.get("runs/run-4/events")["lines"]}
    assert [events[number] for number in numbers] == whole["lines"]
    assert whole["prompt"] == [
        {"sha256": None, "text": "ask q-17", "bytes": None, "state": "whole"}
    ]


def test_a_sub_query_that_there_is_not(board: Any) -> None:
    assert board.problem("runs/run-4/sub-query", id="../../x")["status"] == 404


@pytest.fixture
def long_run(tmp_path: Path) -> Path:
    """A sub-query of several messages and a long answer, among thousands of lines."""
    with rlmboard.init("x", home=tmp_path, id="x") as run:
        query = run.subquery([{"role": "user", "content": "hm " * 200}, {"role": "user"}], id="a/b")
        for number in range(3_000):
            run.emit(Score(name="noise", value=number, scorer="x"))
        query.returned("answer " * 100_000)
        run.emit(SubQuerySubmit(query_id='quote"d'))
        run.emit(SubQueryExecute(query_id='quote"d', attempt=0, provider_id="p"))
        run.emit(SubQueryReturn(query_id='quote"d', attempt=0, success=False))
        run.emit(SubQueryReturn(query_id='quote"d', attempt=1, result_preview="at last"))
    return tmp_path


def test_messages_stand_apart_and_a_long_answer_is_cut(serve: Any, long_run: Path) -> None:
    whole = serve(long_run).get("runs/x/sub-query", id="a/b")
    assert [text["state"] for text in whole["prompt"]] == ["whole", "whole"]
    assert "hm hm" in whole["prompt"][0]["text"]
    assert (whole["result"]["state"], whole["result"]["bytes"]) == ("cut", 700_000)
    assert len(whole["result"]["text"]) == 256_000
    assert len(whole["lines"]) == 3


def test_the_answer_is_that_of_the_attempt_that_decided(serve: Any, long_run: Path) -> None:
    whole = serve(long_run).get("runs/x/sub-query", id='quote"d')
    assert whole["result"]["text"] == "at last"
    assert [one["attempt"] for one in whole["results"]] == [0, 1]


def test_texts_that_were_pruned_say_so(serve: Any, long_run: Path) -> None:
    from rlmboard.folder import Home, prune_payloads

    prune_payloads(Home(long_run).run("x"))
    whole = serve(long_run).get("runs/x/sub-query", id="a/b")
    assert {text["state"] for text in whole["prompt"]} == {"removed"}
    assert whole["result"] is None or whole["result"]["state"] == "removed"
