"""The socket: what happens now, contiguous or told as a gap."""

from __future__ import annotations

import gc
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest

import rlmboard
from rlmboard.folder import throw_away
from rlmboard.trace import Metric


class Listener:
    """A socket that reads frames as values. A frame that does not come fails the test."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.lines: list[dict[str, Any]] = []

    def say(self, **message: Any) -> None:
        self.socket.send(msgspec.json.encode(message).decode())

    def next(self) -> dict[str, Any]:
        frame: dict[str, Any] = msgspec.json.decode(self.socket.recv(10))
        if frame["type"] == "lines":
            self.lines += frame["lines"]
        return frame

    def until(self, done: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        """All frames up to the one that is sought, which must come before long."""
        frames = [self.next()]
        until_s = time.monotonic() + 20
        while not done(frames[-1]):
            assert time.monotonic() < until_s, [frame["type"] for frame in frames[-10:]]
            frames.append(self.next())
        return frames

    def until_type(self, kind: str) -> dict[str, Any]:
        return self.until(lambda frame: frame["type"] == kind)[-1]

    @property
    def seqs(self) -> list[int]:
        return [line["seq"] for line in self.lines]


@pytest.fixture
def listen() -> Iterator[Callable[..., Listener]]:
    with ExitStack() as stack:
        yield lambda board, **options: Listener(stack.enter_context(board.socket(**options)))


def emit(run: rlmboard.Run, count: int) -> None:
    for number in range(count):
        run.emit(Metric(name="x", value=float(number), step=number))


def contiguous(frames: list[dict[str, Any]], after: int) -> int:
    """Each frame of lines begins where the one before it, or a gap, ended."""
    for frame in frames:
        if frame["type"] in ("lines", "gap"):
            assert frame["after"] == after
            after = frame["to"]
        if frame["type"] == "lines":
            assert [line["seq"] for line in frame["lines"]] == list(
                range(frame["after"] + 1, frame["to"] + 1)
            )
    return after


def test_the_backlog_comes_first_and_then_what_is_new(
    serve: Any, listen: Any, tmp_path: Path
) -> None:
    run = rlmboard.init("x", home=tmp_path, id="x")
    emit(run, 5_000)
    ears = listen(serve(tmp_path))
    ears.say(sub="run", run="x", after=0)
    frames = ears.until(lambda frame: frame["type"] == "live")
    last = contiguous(frames, 0)
    assert frames[-1] == {"type": "live", "run_id": "x", "seq": last}
    assert ears.until_type("status")["status"] == "running"
    emit(run, 100)
    run.finish()
    frames = ears.until(lambda _: ears.lines[-1]["event"]["type"] == "RunDone")
    contiguous(frames, last)
    assert len(ears.lines) == ears.lines[-1]["seq"]
    assert ears.until_type("status")["status"] == "completed"


def test_a_reconnect_goes_on_where_the_last_one_ended(
    serve: Any, listen: Any, tmp_path: Path
) -> None:
    run = rlmboard.init("x", home=tmp_path, id="x")
    emit(run, 50)
    board = serve(tmp_path)
    first = listen(board)
    first.say(sub="run", run="x", after=0)
    first.until_type("live")
    first.socket.close()
    emit(run, 50)
    second = listen(board)
    second.say(sub="run", run="x", after=first.seqs[-1])
    second.until_type("live")
    assert first.seqs + second.seqs == list(range(1, len(first.seqs + second.seqs) + 1))
    run.finish()


def test_readers_at_different_places_get_the_same_lines(
    serve: Any, listen: Any, tmp_path: Path
) -> None:
    run = rlmboard.init("x", home=tmp_path, id="x")
    emit(run, 300)
    board = serve(tmp_path)
    ears = [listen(board) for _ in range(5)]
    for number, one in enumerate(ears):
        one.say(sub="run", run="x", after=number * 50)
        emit(run, 20)
    emit(run, 20)
    run.finish()
    for one in ears:
        one.until(lambda _, one=one: bool(one.lines) and "RunDone" in str(one.lines[-1]["event"]))
    for number, one in enumerate(ears):
        assert one.seqs == list(range(number * 50 + 1, ears[0].seqs[-1] + 1))


def test_a_long_backlog_is_a_gap_to_be_filled_by_a_picture(
    serve: Any, listen: Any, tmp_path: Path
) -> None:
    run = rlmboard.init("x", home=tmp_path, id="x")
    emit(run, 25_000)
    board = serve(tmp_path)
    ears = listen(board)
    ears.say(sub="run", run="x", after=10)
    gap = ears.next()
    assert (gap["type"], gap["after"]) == ("gap", 10)
    assert gap["to"] >= 25_000
    assert board.get("runs/x/picture", at=gap["to"])["seq"] == gap["to"]
    emit(run, 3)
    ears.until(lambda frame: frame["type"] == "lines")
    assert ears.seqs[0] == gap["to"] + 1
    run.finish()


def test_a_reader_that_stops_reading_gets_a_gap_and_holds_up_nobody(
    serve: Any, listen: Any, tmp_path: Path
) -> None:
    run = rlmboard.init("x", home=tmp_path, id="x", payloads="preview")
    board = serve(tmp_path)
    slow = listen(board, max_queue=1)
    quick = listen(board)
    for ears in (slow, quick):
        ears.say(sub="run", run="x", after=0)
        ears.until_type("live")
    last = quick.seqs[-1]
    for number in range(60):
        for _ in range(100):
            run.note("n" * 3_900)
        quick.until(lambda _, number=number: quick.seqs[-1] >= last + 100 * (number + 1))
    run.finish()
    quick.until(lambda _: "RunDone" in str(quick.lines[-1]["event"]))
    assert quick.seqs == list(range(1, quick.seqs[-1] + 1))
    frames = slow.until(lambda frame: frame.get("to") == quick.seqs[-1])
    assert "gap" in {frame["type"] for frame in frames}
    contiguous(frames, last)


@pytest.mark.parametrize("way", ["gone", "replaced", "replaced by a longer one"])
def test_a_run_that_goes_away_is_told_as_a_reset(
    serve: Any, listen: Any, tmp_path: Path, way: str
) -> None:
    run = rlmboard.init("x", home=tmp_path, id="x")
    emit(run, 10)
    run.finish()
    ears = listen(serve(tmp_path))
    ears.say(sub="run", run="x", after=0)
    ears.until_type("live")
    if way == "gone":
        throw_away(run.home, "x")
    else:
        copy = tmp_path / "other"
        line = b'{"run_id":"x","timestamp_ms":0,"event":{"type":"RunInit"}}\n'
        copy.write_bytes(line * (1_000 if "longer" in way else 1))
        shutil.move(copy, run.folder.trace)
    reason = way.split()[0]
    assert ears.until_type("reset") == {"type": "reset", "run_id": "x", "reason": reason}
    assert len(ears.seqs) < 20


def test_a_place_beyond_the_end_is_another_run(serve: Any, listen: Any, tmp_path: Path) -> None:
    rlmboard.init("x", home=tmp_path, id="x").finish()
    ears = listen(serve(tmp_path))
    ears.say(sub="run", run="x", after=1_000)
    assert ears.next() == {"type": "reset", "run_id": "x", "reason": "replaced"}


def test_plain_mode_sends_an_event_a_frame(serve: Any, listen: Any, tmp_path: Path) -> None:
    with rlmboard.init("x", home=tmp_path, id="x") as run:
        emit(run, 3)
    ears = listen(serve(tmp_path))
    ears.say(sub="run", run="x", mode="plain")
    frames = ears.until(lambda frame: frame["type"] == "live")[:-1]
    assert {frame["type"] for frame in frames} == {"trace_event"}
    assert frames[0]["event"]["type"] == "RunInit"
    assert {"run_id", "event"} <= frames[0].keys()
    assert [frame["seq"] for frame in frames] == list(range(1, len(frames) + 1))


def test_what_is_not_followed_any_more_sends_nothing(
    serve: Any, listen: Any, tmp_path: Path
) -> None:
    run, other = (rlmboard.init("x", home=tmp_path, id=name) for name in ("x", "y"))
    ears = listen(serve(tmp_path))
    for name in ("x", "y"):
        ears.say(sub="run", run=name)
        ears.until_type("status")
    ears.say(unsub="run", run="x")
    ears.say(sub="run")  # answered, so that what was said before has been heard
    assert ears.until_type("problem")["problem"] == "bad-input"
    emit(run, 5)
    emit(other, 5)
    frames = ears.until(lambda frame: frame["type"] == "lines")
    assert {frame["run_id"] for frame in frames} == {"y"}
    run.finish()
    other.finish()


@pytest.mark.parametrize(
    "said",
    [
        "no json", "[]", "{}", '{"sub": "all"}', '{"sub": "run"}', '{"sub": "run", "run": "../x"}',
        '{"sub": "run", "run": "x", "after": -1}', '{"sub": "run", "run": "nope"}',
        '{"sup": "run"}',
    ],
)  # fmt: skip
def test_a_message_that_makes_no_sense_changes_nothing_else(
    board: Any, listen: Any, said: str
) -> None:
    ears = listen(board)
    ears.socket.send(said)
    problem = ears.next()
    assert problem["type"] == "problem"
    assert problem["problem"] in ("bad-input", "unknown-run")
    ears.say(sub="run", run="run-1")
    ears.until_type("live")


def test_a_run_that_cannot_be_followed_is_named_in_the_problem(board: Any, listen: Any) -> None:
    ears = listen(board)
    ears.say(sub="run", run="nope")
    problem = ears.next()
    assert (problem["problem"], problem["run_id"]) == ("unknown-run", "nope")


def test_what_is_followed_and_let_go_at_once_leaves_nothing_behind(
    board: Any, listen: Any, recwarn: pytest.WarningsRecorder
) -> None:
    ears = listen(board)
    for _ in range(50):
        ears.say(sub="runs")
        ears.say(unsub="runs")
    ears.say(sub="run", run="run-1")
    ears.until_type("live")
    gc.collect()
    assert [str(one.message) for one in recwarn] == []


def test_a_huge_message_ends_only_its_own_socket(board: Any, listen: Any) -> None:
    ears, other = listen(board), listen(board)
    ears.socket.send("x" * 100_000)
    with pytest.raises(Exception, match="1009"):
        ears.next()
    other.say(sub="run", run="run-1")
    other.until_type("live")


def test_a_socket_follows_so_many_runs_and_no_more(serve: Any, listen: Any, tmp_path: Path) -> None:
    for number in range(65):
        rlmboard.init("x", home=tmp_path, id=f"run-{number}").finish()
    ears = listen(serve(tmp_path), max_queue=None)
    for number in range(65):
        ears.say(sub="run", run=f"run-{number}")
    assert "64" in ears.until_type("problem")["detail"]


def test_a_socket_on_which_nothing_happens_has_a_heartbeat(
    board: Any, listen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rlmboard.board.live.session.HEARTBEAT_S", 0.01)
    before_ms = time.time_ns() // 1_000_000
    beats = [listen(board).next() for _ in range(2)]
    assert {beat["type"] for beat in beats} == {"heartbeat"}
    assert all(beat["at_ms"] >= before_ms for beat in beats)


def test_more_changed_rows_than_a_page_shows_are_told_as_a_reload(
    serve: Any, listen: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rlmboard.board.live.watch.MOST_ROWS", 2)
    monkeypatch.setattr("rlmboard.board.live.session.HEARTBEAT_S", 0.3)
    for number in range(3):
        rlmboard.init("x", home=tmp_path, id=f"run-{number}").finish()
    board = serve(tmp_path)
    board.get("runs")
    ears = listen(board)
    ears.say(sub="runs")
    labels = {"runs": [f"run-{number}" for number in range(3)], "set": {"star": True}}

    def said_again(frame: dict[str, Any]) -> bool:
        if frame["type"] == "heartbeat":
            labels["set"]["star"] = not labels["set"]["star"]
            board.act("POST", "label", labels)
        return frame.get("reload", False)

    assert ears.until(said_again)[-1]["changed"] == []


def test_the_list_tells_what_began_changed_and_went(
    serve: Any, listen: Any, tmp_path: Path
) -> None:
    rlmboard.init("old", home=tmp_path, id="old").finish()
    board = serve(tmp_path)
    board.get("runs")
    ears = listen(board)
    ears.say(sub="runs")
    run = rlmboard.init("new", home=tmp_path, id="new")

    def tells(run_id: str, **facts: Any) -> Callable[[dict[str, Any]], bool]:
        return lambda frame: any(
            item["id"] == run_id and facts.items() <= item.items()
            for item in frame.get("changed", ())
        )

    ears.until(tells("new", status="running"))
    run.finish()
    ears.until(tells("new", status="completed"))
    board.act("PATCH", "runs/old/labels", {"star": True})
    ears.until(tells("old", star=True))
    board.act("POST", "trash", {"runs": ["old"]})
    ears.until(lambda frame: "old" in frame.get("removed", ()))
    board.act("POST", "restore", {"runs": ["old"]})
    ears.until(tells("old", star=True))


def test_damaged_and_foreign_lines_come_with_their_numbers(
    serve: Any, listen: Any, tmp_path: Path
) -> None:
    run = rlmboard.init("x", home=tmp_path, id="x")
    ears = listen(serve(tmp_path))
    ears.say(sub="run", run="x")
    ears.until_type("live")
    with run.folder.trace.open("ab") as file:
        file.write(b'{"run_id":"x","timestamp_ms":1,"event":{"type":"Later"}}\n{"run_id":"x"\n')
    run.finish()
    ears.until(lambda _: bool(ears.lines) and "RunDone" in str(ears.lines[-1].get("event")))
    assert ears.seqs == list(range(1, len(ears.seqs) + 1))
    assert [line["event"]["type"] for line in ears.lines if line.get("foreign")] == ["Later"]
    assert [line["hole"] for line in ears.lines if "hole" in line] == ["torn"]
