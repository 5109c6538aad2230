"""How a run ends: with an answer, an error, a stop, a kill."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

import rlmboard
from rlmboard import RunCancelled, RunDone, RunFailed
from rlmboard.errors import RecordingFailed
from rlmboard.folder import Home, read_trace
from rlmboard.trace import Stamped

Read = Callable[..., list[Any]]
Program = Callable[..., "subprocess.CompletedProcess[str]"]


def last_event(folder: Any) -> Any:
    lines = [line.event for line in read_trace(folder.trace) if isinstance(line, Stamped)]
    return [event for event in lines if not isinstance(event, rlmboard.Environment)][-1]


def test_a_run_that_went_well_is_done_with_its_output(events: Read) -> None:
    with rlmboard.init("q") as run:
        run.output = "the answer " * 100
        run.span_refs = [rlmboard.SpanRef(id="s", path="a", start_line=1, end_line=2)]
    (done,) = events(run, RunDone)
    assert (done.end_reason, done.lost, len(done.span_refs)) == ("answer", 0, 1)
    assert run.folder.read_output() == "the answer " * 100
    assert run.folder.payload(done.output_ref) == "the answer " * 100
    assert run.folder.liveness() == "free"


def test_an_exception_ends_the_run_as_failed_with_its_traceback(events: Read) -> None:
    with pytest.raises(ZeroDivisionError), rlmboard.init("q") as run:
        run.output = "partial"
        _ = 1 // 0
    (failed,) = events(run, RunFailed)
    assert (failed.error.type, failed.output) == ("ZeroDivisionError", "partial")
    assert "1 // 0" in failed.error.traceback


@pytest.mark.parametrize(
    ("error", "event", "reason"),
    [
        (KeyboardInterrupt(), RunCancelled, "interrupted"),
        (asyncio.CancelledError(), RunCancelled, "cancelled"),
        (SystemExit(0), RunDone, "answer"),
        (SystemExit(None), RunDone, "answer"),
        (SystemExit(3), RunFailed, "errors"),
        (SystemExit("no"), RunFailed, "errors"),
    ],
)
def test_what_left_the_block_says_how_it_ended(
    error: BaseException, event: type, reason: str
) -> None:
    with pytest.raises(type(error)), rlmboard.init("q") as run:
        raise error
    last = last_event(run.folder)
    assert (type(last), last.end_reason) == (event, reason)


def test_finish_with_an_exit_code_is_a_failure(events: Read) -> None:
    run = rlmboard.init("q")
    run.finish(exit_code=2)
    (failed,) = events(run, RunFailed)
    assert failed.error.message == "exit code 2"


def test_a_run_ends_once(events: Read) -> None:
    with rlmboard.init("q") as run:
        run.cancel()
        run.finish()
    assert [type(event).__name__ for event in events(run)] == ["RunInit", "RunCancelled"]


def test_the_results_lie_there_before_the_end_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    run = rlmboard.init("q")
    run.output = "x"
    seen: dict[type, bool] = {}
    writer = run._recorder.writer
    append = writer.append

    def watched(event: Any, at_us: int | None = None) -> bool:
        seen[type(event)] = run.folder.output.exists()
        return append(event, at_us)

    monkeypatch.setattr(writer, "append", watched)
    run.finish()
    assert seen[RunDone]


def test_metrics_stand_beside_the_trace() -> None:
    with rlmboard.init("q") as run:
        run.log({"f1": 0.5, "loss": float("nan")})
        run.summary["best"] = 1
    assert msgspec.json.decode(run.folder.metrics.read_bytes()) == {
        "f1": 0.5,
        "loss": "nan",
        "best": 1,
    }


def test_a_run_without_metrics_has_no_file_of_them() -> None:
    with rlmboard.init("q") as run:
        run.output = "x"
    assert not run.folder.metrics.exists()


def test_results_that_cannot_be_written_are_counted(events: Read) -> None:
    run = rlmboard.init("q")
    run.folder.output.mkdir()
    run.output = "x"
    run.finish()
    (done,) = events(run, RunDone)
    assert done.lost == run.lost == 1
    assert "output.txt" in (run.problem or "")


def test_strict_lets_go_of_the_run_even_when_its_end_cannot_be_recorded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = rlmboard.init("q", strict=True)
    monkeypatch.setattr(run._recorder.writer, "append", lambda event, at_us=None: False)
    with pytest.raises(RecordingFailed):
        run.finish()
    pulse = run.folder.pulse()
    assert run.folder.liveness() == "free"
    assert pulse is not None and pulse.ended == "completed"


def test_an_output_that_cannot_say_what_it_is_does_no_harm() -> None:
    class Broken:
        def __str__(self) -> str:
            raise RuntimeError("no")

    class BrokenError(Exception):
        __str__ = Broken.__str__

    with pytest.raises(BrokenError), rlmboard.init("q") as run:
        run.output = Broken()
        raise BrokenError
    assert run.folder.read_output() == "<Broken>"


def only_run(home: Home) -> Any:
    (run_id,) = home.run_ids()
    return home.run(run_id)


@pytest.mark.parametrize(
    ("code", "event", "code_shown"),
    [
        ("r = rlmboard.init('q')", RunDone, 0),
        ("r = rlmboard.init('q'); 1 / 0", RunFailed, 1),
        ("r = rlmboard.init('q'); raise KeyboardInterrupt", RunCancelled, 1),
    ],
)
def test_a_run_that_nobody_finished_ends_with_its_process(
    home: Home, program: Program, code: str, event: type, code_shown: int
) -> None:
    done = program(f"import rlmboard; {code}")
    assert done.returncode == code_shown
    assert isinstance(last_event(only_run(home)), event)


def test_an_uncaught_error_is_shown_as_ever(program: Program) -> None:
    done = program("import rlmboard; rlmboard.init('q'); 1 / 0")
    assert done.stderr.count("ZeroDivisionError") == 1


KILLED = """
import sys, rlmboard
run = rlmboard.init("q", id="r1")
print("ready", flush=True)
n = 0
while True:
    run.emit(rlmboard.Note(message=str(n)))
    print(n, flush=True)
    n += 1
"""


@pytest.mark.parametrize("after", [0, 1, 57, 400])
def test_what_emit_returned_for_survives_kill_9(
    home: Home, start: Callable[..., subprocess.Popen[str]], after: int
) -> None:
    with start(KILLED) as process:
        assert process.stdout is not None
        for _ in range(after + 1):
            process.stdout.readline()
        process.kill()
        told = ["-1", *process.stdout.read().split("\n")[:-1]]
        last = int(told[-1]) if told[-1].lstrip("-").isdigit() else -1
    folder = home.run("r1")
    notes = [
        line.event.message
        for line in read_trace(folder.trace)
        if isinstance(line, Stamped) and isinstance(line.event, rlmboard.Note)
    ]
    assert len(notes) > max(last, after - 1)
    assert notes == [str(n) for n in range(len(notes))]
    assert folder.liveness() == "free"
    rlmboard.init("q", id="r1", resume="must").finish()
    assert isinstance(last_event(folder), RunDone)


JOINED = """
import os, sys, rlmboard
run = rlmboard.init()
name = sys.argv[1]
print("ready", flush=True)
n = 0
while n < 20_000:
    run.emit(rlmboard.Note(message=f"{name}/{n}"))
    n += 1
    if n % 100 == 0: print(n, flush=True)
run.finish()
"""


def test_a_kill_of_one_of_several_joined_writers_breaks_nothing_of_the_others(
    start: Callable[..., subprocess.Popen[str]],
) -> None:
    with rlmboard.init("q") as run:
        writers = [start(JOINED, name, **run.env) for name in "abc"]
        victim = writers[0]
        assert victim.stdout is not None
        for _ in range(4):
            victim.stdout.readline()
        victim.kill()
        outs = [writer.communicate(timeout=60)[1] for writer in writers]
        assert outs[1:] == ["", ""]
        assert run.folder.liveness() == "owned"
    found: dict[str, list[int]] = {"a": [], "b": [], "c": []}
    lines = list(read_trace(run.folder.trace))
    for line in lines:
        if isinstance(line, Stamped) and isinstance(line.event, rlmboard.Note):
            name, _, n = line.event.message.partition("/")
            found[name].append(int(n))
    assert found["b"] == found["c"] == list(range(20_000))
    assert found["a"] == list(range(len(found["a"]))) and len(found["a"]) >= 300
    assert isinstance(lines[-1], Stamped) and isinstance(lines[-1].event, RunDone)


FORK = """
import multiprocessing, os, sys
import rlmboard
run = rlmboard.init("q", id="r1")
run.note("parent")
ready, tell = os.pipe()
if (child := os.fork()) == 0:
    run.note("child"); run.subquery("p").returned("a")
    print(run.owns, flush=True)
    run.finish()
    os.write(tell, b"x")
    if len(sys.argv) > 1: open(sys.argv[1]).read()
    sys.exit(0)
os.read(ready, 1)
if len(sys.argv) > 1:
    os.kill(os.getpid(), 9)
os.waitpid(child, 0)
context = multiprocessing.get_context("fork")
process = context.Process(target=run.note, args=("from a pool",))
process.start(); process.join()
run.note("parent still")
"""


def test_a_forked_child_joins_and_does_not_end_the_run(home: Home, program: Program) -> None:
    done = program(FORK)
    assert (done.stdout, done.stderr) == ("False\n", "")
    folder = home.run("r1")
    events = [line.event for line in read_trace(folder.trace) if isinstance(line, Stamped)]
    said = [event.message for event in events if isinstance(event, rlmboard.Note)]
    assert said == ["parent", "child", "from a pool", "parent still"]
    assert sum(isinstance(event, RunDone) for event in events) == 1
    assert isinstance(events[-1], RunDone | rlmboard.Environment)


def test_a_child_that_outlives_its_parent_does_not_keep_the_run_owned(
    home: Home, start: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    fifo = tmp_path / "let the child go"
    os.mkfifo(fifo)
    with start(FORK, fifo) as process:
        process.wait(timeout=60)
        assert process.returncode == -signal.SIGKILL
        with fifo.open("w"):  # opens when the child waits at the other end: it lives
            assert home.run("r1").liveness() == "free"
