"""Disks that fill up, limits that are reached, descriptors that are closed: in real processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rlmboard.folder import RunFolder, read_trace
from rlmboard.trace import Hole, Note, Stamped

Program = Callable[..., "subprocess.CompletedProcess[str]"]

LIMITED = """
import resource, sys
from pathlib import Path
from rlmboard.folder import Writer
from rlmboard.trace import Note
writer = Writer(Path(sys.argv[1]), "r1", 0)
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
kept = sum(writer.append(Note(message=f"before {n}")) for n in range(50))
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
later = sum(writer.append(Note(message=f"after {n}")) for n in range(10))
print(kept, later, writer.lost, writer.problem)
"""


def notes(folder: RunFolder) -> list[str]:
    lines = list(read_trace(folder.trace))
    found = [line.event for line in lines if isinstance(line, Stamped)]
    return [event.message for event in found if isinstance(event, Note)]


def test_a_short_write_loses_its_event_and_none_that_come_when_there_is_room_again(
    folder: RunFolder, program: Program
) -> None:
    done = program(LIMITED, folder.trace)
    kept, later, lost, *problem = done.stdout.split()
    assert (int(kept) + int(lost), later) == (50, "10"), done.stderr
    assert "written:" in problem
    assert notes(folder) == [
        *(f"before {n}" for n in range(int(kept))),
        *(f"after {n}" for n in range(10)),
    ]
    assert any(isinstance(line, Hole) for line in read_trace(folder.trace))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("may not mount a file system here")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


FULL = """
import os, sys
import rlmboard
run = rlmboard.init("full", home=sys.argv[1], id="full")
ballast = open(sys.argv[1] + "/ballast", "wb", buffering=0)
try:
    while ballast.write(b"x" * 512): pass
except OSError: pass
for n in range(500): run.note(f"lost {n}" + "x" * 200)
run.output = "the answer"
lost = run.lost
os.truncate(ballast.fileno(), 0)
run.note("room again")
run.finish()
print(lost, run.lost, run.problem)
"""


def test_a_full_disk_loses_events_and_never_the_run(small_disk: Path, program: Program) -> None:
    done = program(FULL, small_disk / "home")
    assert done.stderr == ""
    lost, lost_at_end, *problem = done.stdout.split()
    assert 400 < int(lost) <= int(lost_at_end) <= 510
    assert "space" in problem
    lines = list(read_trace(small_disk / "home/runs/full/trace.jsonl"))
    events = [line.event for line in lines if isinstance(line, Stamped)]
    assert Note(message="room again") in events
    assert type(events[-1]).__name__ == "RunDone"
    assert events[-1].lost >= int(lost)  # type: ignore[union-attr]
    assert (small_disk / "home/runs/full/output.txt").read_text() == "the answer"


FULL_TO_THE_END = """
import sys
import rlmboard
from rlmboard.folder import Home
run = rlmboard.init("full", home=sys.argv[1], id="full")
ballast = open(sys.argv[1] + "/ballast", "wb", buffering=0)
try:
    while ballast.write(b"x" * 512): pass
except OSError: pass
while run.lost < 3: run.note("x" * 500)
run.finish(exit_code=1)
pulse = Home(sys.argv[1]).run("full").pulse()
print(pulse.ended, pulse.end_reason, pulse.lost == run.lost, run.lost > 3)
"""


def test_a_run_that_ends_on_a_full_disk_still_says_how(small_disk: Path, program: Program) -> None:
    done = program(FULL_TO_THE_END, small_disk / "home")
    assert done.stderr == ""
    assert done.stdout.split() == ["failed", "errors", "True", "True"]


DAEMON = """
import os, sys
import rlmboard
run = rlmboard.init("d", home=sys.argv[1], id="d")
run.note("before")
run.subquery("p" * 500).returned("a" * 500)
run._capture.join()  # it holds files of its own for some milliseconds
os.closerange(3, 4096)
theirs = [open(f"{sys.argv[2]}/{n}", "w+") for n in range(50)]
for file in theirs: file.write("precious"); file.flush()
for n in range(100): run.note(str(n))
run.subquery("q" * 500).returned("b" * 500)
run._recorder.writer.beat()
run.output = "x"
run.finish()
for file in theirs: file.flush()
print(run.lost, all(open(file.name).read() == "precious" for file in theirs), len(theirs))
"""


def test_a_program_that_closes_all_it_does_not_know_loses_nothing_of_ours_or_its_own(
    tmp_path: Path, program: Program
) -> None:
    (tmp_path / "theirs").mkdir()
    done = program(DAEMON, tmp_path / "home", tmp_path / "theirs")
    assert done.stderr == ""
    assert done.stdout.split() == ["0", "True", "50"]
    run = RunFolder(tmp_path / "home/runs/d")
    assert notes(run) == ["before", *map(str, range(100))]
    assert run.read_output() == "x"
    submitted = [
        line.event.prompt_ref
        for line in read_trace(run.trace)
        if isinstance(line, Stamped) and type(line.event).__name__ == "SubQuerySubmit"
    ]
    assert [run.payload(str(ref)) for ref in submitted] == ["p" * 500, "q" * 500]


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file system that is read-only")
def test_a_home_that_cannot_be_written_records_nothing_and_says_so(program: Program) -> None:
    code = """
import rlmboard
run = rlmboard.init("q", home="/proc/nowhere")
print(run.note("x"), run.lost > 0, run.owns, run.problem)
run.subquery("p" * 500).returned("a" * 500)
run.output = "x"
run.artifact("/etc/hostname")
run.finish()
"""
    done = program(code)
    assert done.stderr == ""
    assert done.stdout.startswith("None True False cannot write to /proc/nowhere")
    assert "RLMBOARD_HOME" in done.stdout
