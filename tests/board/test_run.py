"""One run: its lines, its picture, its raw files."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import msgspec
import pytest

import rlmboard
from rlmboard.trace.picture import PictureFold, decode_picture, encode_picture


def test_a_run_tells_who_made_it_and_where(board: Any) -> None:
    whole = board.get("runs/run-4")
    assert whole["run"]["id"] == "run-4"
    assert whole["providers"] == ["provider-0", "provider-1", "provider-2", "slow"]
    assert whole["alive"] == "free"
    assert whole["pid"] > 0


@pytest.mark.parametrize("name", ["latest", "run-4"])
def test_a_run_is_named_by_id_prefix_or_latest(board: Any, name: str) -> None:
    assert board.get(f"runs/{name}")["run"]["id"] == "run-4"


def test_a_prefix_of_several_runs_names_them(board: Any) -> None:
    problem = board.problem("runs/run-")
    assert (problem["status"], problem["type"]) == (404, "unknown-run")
    assert "run-0, run-1" in problem["detail"]


def test_child_runs_stand_below_their_parent(serve: Any, tmp_path: Path) -> None:
    rlmboard.init("parent", home=tmp_path, id="parent").finish()
    rlmboard.init("child", home=tmp_path, id="child", parent_run_id="parent").finish()
    whole = serve(tmp_path).get("runs/parent")
    assert [run["id"] for run in whole["children"]] == ["child"]


# ------------------------------------------------------------------ lines


def test_pages_of_events_put_together_are_the_trace(board: Any) -> None:
    lines: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        page = board.get("runs/run-4/events", after=after, limit=10)
        lines += page["lines"]
        after = page["next"]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert lines[0]["event"]["type"] == "RunInit"
    assert page["last"] == lines[-1]["seq"]
    assert board.get("runs/run-4/events", after=page["last"])["lines"] == []


def test_events_of_some_types_only(board: Any) -> None:
    page = board.get("runs/run-4/events", type=["SubQueryTimeout", "RunDone"])
    assert [line["event"]["type"] for line in page["lines"]] == ["SubQueryTimeout", "RunDone"]


def test_holes_and_foreign_events_keep_their_numbers(serve: Any, tmp_path: Path) -> None:
    run = rlmboard.init("x", home=tmp_path, id="x")
    trace = run.folder.trace
    with trace.open("ab") as file:
        file.write(b'{"run_id":"x","timestamp_ms":1,"event":{"type":"FromTheFuture","n":[1,2]}}\n')
        file.write(b'{"run_id":"x","timest\n\n')
    run.finish()
    told = {line["seq"]: line for line in serve(tmp_path).get("runs/x/events")["lines"]}
    number = next(n for n, line in told.items() if line.get("foreign"))
    assert told[number]["event"] == {"type": "FromTheFuture", "n": [1, 2]}
    assert told[number + 1] == {"seq": number + 1, "hole": "torn"}
    assert told[number + 2] == {"seq": number + 2, "hole": "blank"}


# ------------------------------------------------------------------ picture


def folded(board: Any, upto: int) -> dict[str, Any]:
    lines = [line for line in board.store.run("run-4").events() if line.seq <= upto]
    told: dict[str, Any] = msgspec.json.decode(
        msgspec.json.encode(encode_picture(PictureFold().take(lines)))
    )
    return told


def test_the_picture_at_any_line_is_the_fold_up_to_it(board: Any) -> None:
    last = board.get("runs/run-4/events", limit=10_000)["last"]
    for seq in (0, 1, 40, 20, last):
        assert board.get("runs/run-4/picture", at=seq) == folded(board, seq)
    assert board.get("runs/run-4/picture") == folded(board, last)


def test_a_picture_without_texts_is_the_same_otherwise(board: Any) -> None:
    sent = board.get("runs/run-4/picture")
    bare = board.get("runs/run-4/picture", texts=False)
    assert bare["seq"] == sent["seq"]
    assert bare["tables"]["attempts"]["rows"] == sent["tables"]["attempts"]["rows"]
    lacking = sent["tables"]["queries"]["columns"].keys() - bare["tables"]["queries"]["columns"]
    assert lacking == {"prompt"}


def test_a_picture_goes_on_with_the_events_after_it(board: Any) -> None:
    sent = board.get("runs/run-4/picture", at=50)
    later = board.store.run("run-4").events(after=sent["seq"])
    whole = PictureFold(decode_picture(sent)).take(later)
    assert whole.as_dict() == PictureFold().take(board.store.run("run-4").events()).as_dict()


def test_a_picture_follows_a_run_that_grows(serve: Any, tmp_path: Path, asks: Any) -> None:
    run = rlmboard.init("x", home=tmp_path, id="x")
    board = serve(tmp_path)
    before = board.get("runs/x/picture")
    asks(run, "q-1")
    after = board.get("runs/x/picture")
    assert after["seq"] >= before["seq"] + 3
    assert after["tables"]["queries"]["rows"] == 1
    run.finish()


# ------------------------------------------------------------------ raw files


@pytest.mark.parametrize(
    ("asked", "part"),
    [("bytes=0-9", slice(0, 10)), ("bytes=5-", slice(5, None)), ("bytes=-7", slice(-7, None))],
)
def test_a_part_of_the_trace(board: Any, asked: str, part: slice) -> None:
    whole = board.store.run("run-4").folder.trace.read_bytes()
    answer = board.http.get("api/rlm/runs/run-4/trace", headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.content == whole[part]
    start, stop, _ = part.indices(len(whole))
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(whole)}"


def test_a_part_that_lies_outside_is_refused(board: Any) -> None:
    answer = board.http.get("api/rlm/runs/run-4/trace", headers={"Range": "bytes=99999999-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"].startswith("bytes */")


def test_a_text_of_ten_megabytes_comes_whole_and_in_parts(serve: Any, tmp_path: Path) -> None:
    text = "<script>alert(1)</script>é" * 400_000
    with rlmboard.init("x", home=tmp_path, id="x") as run:
        run.output = text
    board = serve(tmp_path)
    (done,) = board.get("runs/x/events", type="RunDone")["lines"]
    sha256 = done["event"]["output_ref"]
    answer = board.http.get(f"api/rlm/runs/x/payloads/{sha256}")
    assert answer.text == text
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert hashlib.sha256(answer.content).hexdigest() == sha256
    part = board.http.get(
        f"api/rlm/runs/x/payloads/{sha256}", headers={"Range": "bytes=1000000-1000099"}
    )
    assert part.content == text.encode()[1_000_000:1_000_100]
    assert board.http.get("api/rlm/runs/x/output").text == text


@pytest.mark.parametrize("sha256", ["0" * 64, "payloads.jsonl", "..%2f..%2fconfig.json", "x"])
def test_a_text_that_was_never_kept_is_not_found(board: Any, sha256: str) -> None:
    assert board.problem(f"runs/run-4/payloads/{sha256}")["status"] == 404


def test_a_text_that_was_pruned_is_gone_and_says_so(serve: Any, tmp_path: Path) -> None:
    from rlmboard.folder import prune_payloads

    with rlmboard.init("x", home=tmp_path, id="x") as run:
        run.output = "long " * 200
    prune_payloads(run.folder)
    problem = serve(tmp_path).problem(f"runs/x/payloads/{'0' * 64}")
    assert (problem["status"], problem["type"]) == (410, "removed")


def test_a_run_that_has_said_nothing_yet(serve: Any, tmp_path: Path) -> None:
    run = rlmboard.init("x", home=tmp_path, id="x")
    run.finish()
    run.folder.trace.unlink()
    board = serve(tmp_path)
    assert board.get("runs/x/events")["lines"] == []
    assert board.problem("runs/x/trace")["status"] == 404
    assert board.get("runs/x/picture")["seq"] == 0
