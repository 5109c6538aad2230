"""A reader who may see some runs learns nothing of the others, whatever is asked."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import rlmboard
from rlmboard.board import Everything
from rlmboard.store import RunRow
from rlmboard.trace import Failure, SubQueryExecute, SubQueryReturn, SubQuerySubmit, Usage

from .conftest import Serve, Served
from .test_documented import routes

WORD = "zanzibar"
"""In everything that is said of the run that may not be seen."""
ASKED = {
    "runs": ("", "?filter=ZANZIBAR", "?filter=key-zanzibar:1", "?sort=key-zanzibar"),
    "groups": ("?by=experiment", "?by=status", "?by=key-zanzibar", "?by=key-ours"),
    "latency": ("?run=run-zanzibar", "?run=ours"),
    "facets": ("",),
    "facets/{key}": tuple(
        f"?@{key}"
        for key in ("experiment", "provider", "venue", "tag", "method", "key-zanzibar", "user")
    ),
    "search": ("?text=ZANZIBAR", "?text=word"),
    "experiments": ("",),
    "experiments/{name}": ("?@zanzibar", "?@ours"),
    "compare": ("", "?filter=experiment:zanzibar", "?run=run-zanzibar", "?group=experiment"),
    "providers": ("", "?since=24h", "?model=zanzibar", "?sort=cost"),
    "providers/{provider}": ("?@zanzibar", "?@both", "?@both&since=24h"),
    "overview": ("", "?bucket=hour&since=24h"),
    "curves": ("?run=run-zanzibar&run=ours",),
    "export": ("?format=json", "?format=csv"),
    "home": ("",),
}
OF_THE_HOME = {"views", "rate"}
"""What a home has of its own, of no run."""


class Part:
    """Only runs that are tagged for everyone."""

    filter = "tag:open"
    acts = False

    def shows(self, row: RunRow) -> bool:
        return "open" in row.tags


def record(home: Path, run_id: str, word: str, tag: str) -> None:
    config = {"method": word, f"key-{word}": word}
    with rlmboard.init(
        f"word {word}", id=run_id, home=home, config=config, experiment=word, tags=[tag, word],
        notes=word, name=f"word {word}",
    ) as run:  # fmt: skip
        for number, provider in enumerate((word, "both")):
            query_id = f"q{number}-{word}"
            run.emit(SubQuerySubmit(query_id=query_id, prompt_preview=f"word {word}"))
            run.emit(
                SubQueryExecute(query_id=query_id, provider_id=provider, model_id=word, venue=word)
            )
            error = Failure(type=f"Error{word}", message=word) if provider == "both" else None
            run.emit(
                SubQueryReturn(
                    query_id=query_id, result_preview=f"word {word}", success=error is None,
                    cost_sats=7, cost_msat=7_000, cost_source="provider", error=error,
                    usage=Usage(input=5, output=5),
                )
            )  # fmt: skip
        run.log({f"metric-{word}": 0.5})
        run.output = f"word {word}"


@pytest.fixture(scope="module")
def board(serve_long: Serve, tmp_path_factory: pytest.TempPathFactory) -> Served:
    home = tmp_path_factory.mktemp("home")
    record(home, "ours", "ours", "open")
    record(home, f"run-{WORD}", WORD, "closed")
    return serve_long(home, scope=Part())


def text_of(board: Served, path: str, more: str) -> str:
    """What comes back, without what was asked."""
    found = re.fullmatch(r"\?@([^&]*)(&.*)?", more)
    if found:
        path, more = re.sub(r"\{\w+\}", found[1], path), f"?{(found[2] or '').lstrip('&')}"
    answer = board.http.get(f"api/rlm/{path}{more}")
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        return json.dumps(answer.json() | {"detail": "", "instance": ""})
    return answer.text.replace(f"experiments/{WORD}", "")


@pytest.mark.parametrize(
    ("path", "more"), [(path, more) for path, asked in ASKED.items() for more in asked]
)
def test_no_answer_says_a_word_of_a_run_out_of_scope(board: Served, path: str, more: str) -> None:
    said = text_of(board, path, more)
    if f"{WORD}" in more:
        said = said.replace(f'"value":"{WORD}"', "")
    assert WORD not in said.lower()


def test_what_may_be_seen_is_answered(board: Served) -> None:
    assert [run["id"] for run in board.get("runs")["runs"]] == ["ours"]
    page = board.get("providers")
    assert {(item["provider"], item["attempts"], item["runs"]) for item in page["providers"]} == {
        ("ours", 1, 1),
        ("both", 1, 1),
    }
    whole = board.get("providers/both")
    assert [one["run_id"] for one in whole["failures"]] == ["ours"]
    assert [hit["run_id"] for hit in board.get("search", text="word", limit=1)["hits"]] == ["ours"]
    assert board.get("overview")["total"]["cost_msat"] == 14_000
    assert "key-ours" in {facet["key"] for facet in board.get("facets")}


def test_sums_of_a_part_are_those_of_its_attempts(
    serve_long: Serve, board: Served, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The same numbers as a home that has this run alone."""
    home = tmp_path_factory.mktemp("alone")
    record(home, "ours", "ours", "open")
    alone = serve_long(home, scope=Everything())

    def standing(one: Served) -> Any:
        timed = ("p50_ms", "p95_ms", "p99_ms", "from_ms", "counts", "hours", "last_seen_ms")
        return [
            {key: value for key, value in item.items() if key not in timed}
            for item in one.get("providers", sort="name")["providers"]
        ]

    assert standing(board) == standing(alone)


@pytest.mark.parametrize("path", sorted(path for method, path in routes() if method == "GET"))
def test_a_run_out_of_scope_is_unknown_by_every_route(board: Served, path: str) -> None:
    short = path.removeprefix("/api/rlm/")
    if not short.startswith("runs/{run_id}"):
        assert short in ASKED or short in OF_THE_HOME, "say what this route tells of other runs"
        return
    asked = re.sub(r"\{\w+\}", "1", short.replace("{run_id}", f"run-{WORD}"))
    needed = {
        "id": "q0",
        "text": "w",
        "k": "1",
        "seq": "1",
        "after": "0",
        "sha256": "0" * 64,
        "span": "s",
    }
    answer = board.http.get(f"api/rlm/{asked}", params=needed)
    assert answer.status_code == 404, answer.text
