"""What a run rests on and keeps."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

import rlmboard
from rlmboard.sources import cite
from rlmboard.trace import EnvLoadFragment, SpanRef

SOURCE = "".join(f"line {number}\n" for number in range(1, 61))


@pytest.fixture
def cited(tmp_path: Path) -> Path:
    """A run over a small repository that cites five places of it, and two outside."""
    root = tmp_path / "repo"
    root.mkdir()
    for name in ("kept.py", "moved.py", "changed.py", "gone.py"):
        (root / name).write_text(SOURCE)
    (tmp_path / "secret.txt").write_text("secret\n")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "all")
    spans = [cite(root / name, 10, 12, root) for name in ("kept.py", "moved.py", "changed.py")]
    spans.append(cite(root / "gone.py", 10, 12, root))
    spans.append(cite(tmp_path / "secret.txt", 1, 1))
    spans.append(SpanRef(id="up", path="../secret.txt", start_line=1, end_line=1))
    spans.append(SpanRef(id="link", path="link.txt", start_line=1, end_line=1))
    with rlmboard.init("x", home=tmp_path / "home", id="x", root=str(root)) as run:
        run.emit(EnvLoadFragment(fragment_id="f", size_bytes=20, span_ref=spans[0]))
        run.span_refs = spans
    (root / "moved.py").write_text("new\n" + SOURCE)
    (root / "changed.py").write_text(SOURCE.replace("line 11", "another line"))
    (root / "gone.py").unlink()
    return tmp_path / "home"


def git(root: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=root, check=True, capture_output=True)


def test_each_citation_is_held_against_its_source(serve: Any, cited: Path) -> None:
    told = serve(cited).get("runs/x/citations")
    states = [(one["span"]["path"], one["state"], one["where"]) for one in told[:4]]
    assert states == [
        ("kept.py", "verified", "working tree"),
        ("moved.py", "moved", "working tree"),
        ("changed.py", "changed", "commit"),
        ("gone.py", "missing", "commit"),
    ]
    assert told[1]["moved_to"] == [11, 13]


def test_nothing_outside_the_root_is_opened(serve: Any, cited: Path) -> None:
    board = serve(cited)
    outside = board.get("runs/x/citations")[4:]
    assert {one["state"] for one in outside} == {"missing"}
    for one in outside:
        source = board.get("runs/x/source", span=one["span"]["id"])
        assert source["now"] is None
        assert source["then"] is None


def test_a_source_is_shown_as_it_stands_and_as_it_was(serve: Any, cited: Path) -> None:
    board = serve(cited)
    named = {one["span"]["path"]: one["span"]["id"] for one in board.get("runs/x/citations")}
    kept = board.get("runs/x/source", span=named["kept.py"], context=2)
    assert kept["now"] == {
        "first_line": 8, "text": "\n".join(f"line {n}" for n in range(8, 15)),
        "cited": [10, 12], "cut": False,
    }  # fmt: skip
    assert (kept["then"], kept["language"]) == (None, "python")
    moved = board.get("runs/x/source", span=named["moved.py"], context=0)
    assert moved["now"]["cited"] == [11, 13]
    assert moved["now"]["text"].startswith("line 10")
    changed = board.get("runs/x/source", span=named["changed.py"], context=0)
    assert "another line" in changed["now"]["text"]
    assert "line 11" in changed["then"]["text"]
    gone = board.get("runs/x/source", span=named["gone.py"], context=0)
    assert gone["now"] is None
    assert gone["then"]["text"] == "line 10\nline 11\nline 12"


def test_only_spans_that_the_line_names_are_opened(serve: Any, cited: Path) -> None:
    board = serve(cited)
    (loaded,) = board.get("runs/x/events", type="EnvLoadFragment")["lines"]
    span = loaded["event"]["span_ref"]["id"]
    assert (
        board.get("runs/x/source", span=span, seq=loaded["seq"])["citation"]["seq"] == loaded["seq"]
    )
    assert board.problem("runs/x/source", span=span, seq=1)["status"] == 404
    assert board.problem("runs/x/source", span="kept.py:1-2")["status"] == 404


def test_a_search_goes_through_whole_texts_and_says_how_many(serve: Any, tmp_path: Path) -> None:
    with rlmboard.init("x", home=tmp_path, id="x") as run:
        run.subquery("a " * 200 + "Needle in the prompt", id="q-1").returned("none here")
        run.subquery("short needle", id="q-2").returned("b " * 300_000 + "the NEEDLE")
    board = serve(tmp_path)
    found = board.get("runs/x/search", text="needle")
    told = {(hit["query_id"], hit["field"]): hit for hit in found["hits"]}
    assert set(told) == {("q-1", "prompt"), ("q-2", "prompt"), ("q-2", "result")}
    hit = told["q-2", "result"]
    assert hit["snippet"][slice(*hit["found"])] == "NEEDLE"
    assert (found["searched"], found["of"], found["removed"]) == (2, 2, 0)
    assert board.get("runs/x/search", text="needle", limit=1)["cut"]
    assert board.problem("runs/x/search", text=" ")["status"] == 400


def test_metrics_come_as_series(serve: Any, tmp_path: Path) -> None:
    with rlmboard.init("x", home=tmp_path, id="x") as run:
        for step in range(3):
            run.log({"loss": 1 / (step + 1), "odd": float("nan")})
    series = {one["name"]: one for one in serve(tmp_path).get("runs/x/metrics")}
    assert series["loss"]["value"] == [1.0, 0.5, 1 / 3]
    assert series["loss"]["step"] == [0, 1, 2]
    assert (series["odd"]["value"], series["odd"]["special"]) == ([None] * 3, ["nan"] * 3)


def test_a_kept_file_is_a_download_and_no_page(serve: Any, tmp_path: Path) -> None:
    page = tmp_path / 'evil "page".html'
    page.write_text("<script>alert(1)</script>")
    with rlmboard.init("x", home=tmp_path / "home", id="x") as run:
        run.artifact(page)
    board = serve(tmp_path / "home")
    (kept,) = board.get("runs/x/artifacts")
    assert (kept["name"], kept["state"]) == (page.name, "whole")
    answer = board.http.get(f"api/rlm/runs/x/artifacts/{kept['sha256']}")
    assert answer.text == page.read_text()
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == 'attachment; filename="evil__page_.html"'
    assert board.problem(f"runs/x/artifacts/{'0' * 64}")["status"] == 404


def test_a_hostile_trace_opens_no_file(serve: Any, tmp_path: Path) -> None:
    """A name in a trace that came from elsewhere is never a path."""
    run = rlmboard.init("x", home=tmp_path, id="x")
    name = "../../../config.json"
    event = {"type": "Artifact", "name": "x", "sha256": name, "bytes": 1}
    line = {"run_id": "x", "timestamp_ms": 1, "event": event}
    with run.folder.trace.open("ab") as file:
        file.write(msgspec.json.encode(line) + b"\n")
    run.finish()
    board = serve(tmp_path)
    assert board.get("runs/x/artifacts")[0]["state"] == "lost"
    answer = board.http.get("api/rlm/runs/x/artifacts/..%2f..%2f..%2fconfig.json")
    assert answer.status_code == 404
