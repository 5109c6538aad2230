"""Questions beyond all measure: refused in words, never a fault of the board."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection

import rlmboard
from rlmboard.folder import Home

NUMBERS = [10**30, 1 << 63, (1 << 53) + 1]
TIMES = ["1e400d", "1e300d", "99999999999999d"]


@pytest.fixture(autouse=True)
def nothing_goes_wrong(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A fault would be logged with where it happened."""
    yield
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    ("path", "name"), [("events", "after"), ("picture", "at"), ("source", "seq")]
)
def test_a_place_in_a_trace_has_a_size(board: Any, path: str, name: str, number: int) -> None:
    asked = {"span": "x", name: number}
    assert board.problem(f"runs/run-1/{path}", **asked)["type"] == "bad-input"


@pytest.mark.parametrize("number", NUMBERS)
def test_a_place_that_is_followed_has_a_size(board: Any, number: int) -> None:
    with board.socket() as socket:
        socket.send(f'{{"sub": "run", "run": "run-1", "after": {number}}}')
        assert '"bad-input"' in socket.recv(10)
        assert _still_answers(socket)


@pytest.mark.parametrize("said", ["[" * 60_000, '{"sub":' + "[" * 60_000, '{"x":' + "[" * 60_000])
def test_a_message_of_brackets_is_answered(board: Any, said: str) -> None:
    with board.socket() as socket:
        socket.send(said)
        assert '"bad-input"' in socket.recv(10)
        assert _still_answers(socket)


@pytest.mark.parametrize("time", TIMES)
@pytest.mark.parametrize("key", ["since", "until", "started"])
def test_a_time_beyond_the_calendar_does_not_parse(board: Any, key: str, time: str) -> None:
    assert board.problem("runs", filter=f"{key}:{time}")["type"] == "bad-filter"


@pytest.mark.parametrize("time", TIMES)
@pytest.mark.parametrize("path", ["providers", "providers/quick", "overview"])
@pytest.mark.parametrize("side", ["since", "until"])
def test_a_window_beyond_the_calendar_is_none(board: Any, path: str, side: str, time: str) -> None:
    assert board.problem(path, **{side: time})["type"] == "bad-input"


@pytest.mark.parametrize(
    "said",
    [
        " ".join(["a"] * 1_999), " ".join(["a:1"] * 999), "tag:" + ",".join(["a"] * 1_900),
        " ".join(["a:1"] * 400) + " b:" + ",".join(["1"] * 400),
    ],
)  # fmt: skip
def test_a_filter_of_more_terms_than_can_be_meant_is_refused(board: Any, said: str) -> None:
    problem = board.problem("runs", filter=said)
    assert problem["type"] == "bad-filter"
    assert "more than 500" in problem["detail"]


@pytest.mark.parametrize(
    "said",
    [
        " ".join(["-zz"] * 500), " ".join(["-zz:1"] * 500), " ".join(["cost>=0"] * 499),
        "-tag:" + ",".join(["a"] * 499), "(" * 3_999, "-" * 3_999, "a*" * 1_999, "x" * 4_000,
        " ".join(["-a:1"] * 250) + " -b:" + ",".join(["1"] * 250),
    ],
)  # fmt: skip
def test_a_filter_that_is_just_short_enough_is_answered(board: Any, said: str) -> None:
    assert board.get("runs", filter=said)["total"] == 5


@pytest.mark.parametrize("path", ["runs?filter=", "search?text=", "runs/run-1/search?text="])
@pytest.mark.parametrize("said", ["x%00y", "%00", '"%00"', "%00*"])
def test_a_text_may_hold_any_character(board: Any, path: str, said: str) -> None:
    assert board.http.get(f"api/rlm/{path}{said}").status_code == 200


@pytest.mark.parametrize("size", [19, 5_000])
@pytest.mark.parametrize("form", ["bytes={}-", "bytes=0-{}", "bytes=-{}"])
@pytest.mark.parametrize("path", ["trace", "output"])
def test_a_range_of_many_digits_is_passed_over(board: Any, path: str, form: str, size: int) -> None:
    whole = board.http.get(f"api/rlm/runs/run-1/{path}")
    asked = {"Range": form.format("9" * size)}
    answer = board.http.get(f"api/rlm/runs/run-1/{path}", headers=asked)
    assert (answer.status_code, answer.content) == (200, whole.content)


@pytest.mark.parametrize("levels", [40, 3_000, 400_000])
def test_what_is_nested_beyond_reading_is_refused(acting: Any, levels: int) -> None:
    nested = "[" * levels + "]" * levels
    body = f'{{"name": "x", "state": {{"a": {nested}}}}}'
    headers = {"X-Rlmboard-Token": acting.token}
    answer = acting.http.put("api/rlm/views/deep", content=body, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (400, "bad-input")
    assert acting.get("views") == []


def test_a_view_that_was_nested_by_hand_hides_no_other(acting: Any, tmp_path: Path) -> None:
    acting.act("PUT", "views/good", {"name": "Good", "state": {"columns": [["cost", 80]]}})
    deep = '{"name": "x", "state": {"a": ' + "[" * 5_000 + "]" * 5_000 + "}}"
    (tmp_path / "views" / "deep.json").write_text(deep)
    assert [view["slug"] for view in acting.get("views")] == ["good"]


def test_a_run_of_brackets_is_a_run_with_holes(serve: Any, tmp_path: Path) -> None:
    deep = "[" * 5_000 + "]" * 5_000
    rlmboard.init("x", home=tmp_path, id="x").finish()
    folder = Home(tmp_path).run("x")
    with folder.trace.open("a") as trace:
        trace.write(f'{{"run_id":"x","timestamp_ms":1,"event":{{"type":"Later","a":{deep}}}}}\n')
        trace.write(f'{{"run_id":"x","timestamp_ms":1,"event":{{"type":"Note","text":{deep}}}}}\n')
        trace.write(f"{deep}\n")
    for file in (folder.config, folder.metrics, folder.labels_file, folder.heartbeat):
        file.write_text(deep + "\n")
    Home(tmp_path).mark("x")
    board = serve(tmp_path)
    for path in ("runs", "runs/x", "runs/x/events", "runs/x/picture", "runs/x/labels"):
        board.get(path)
    seqs = [line["seq"] for line in board.get("runs/x/events")["lines"]]
    assert seqs == list(range(1, len(seqs) + 1))
    assert len([line for line in board.get("runs/x/events")["lines"] if "hole" in line]) >= 2


@pytest.fixture
def acting(serve: Any, tmp_path: Path) -> Any:
    return serve(tmp_path)


def _still_answers(socket: ClientConnection) -> bool:
    socket.send('{"sub": "run", "run": "run-1"}')
    return any('"live"' in str(socket.recv(10)) for _ in itertools.repeat(None, 10))
