"""Whether a run is alive: the lock decides on this boot, the heartbeat's age elsewhere."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rlmboard.folder import Pulse, RunFolder, boot_id, host, take


def pulse(**said: object) -> Pulse:
    return Pulse(pid=os.getpid(), boot_id=boot_id(), host=host(), **said)  # type: ignore[arg-type]


def test_a_run_is_owned_from_take_to_release(folder: RunFolder) -> None:
    assert folder.liveness() == "free"
    owner = take(folder.heartbeat, pulse())
    assert owner is not None
    assert folder.liveness() == "owned"
    owner.release()
    assert folder.liveness() == "free"


def test_a_second_owner_gets_none_even_in_the_same_process(folder: RunFolder) -> None:
    owner = take(folder.heartbeat, pulse())
    assert owner is not None
    assert take(folder.heartbeat, pulse()) is None
    owner.release()


def test_a_refused_owner_does_not_overwrite_what_the_owner_said(folder: RunFolder) -> None:
    owner = take(folder.heartbeat, pulse(base_ns=7))
    assert take(folder.heartbeat, pulse(base_ns=8)) is None
    said = folder.pulse()
    assert owner is not None and said is not None and said.base_ns == 7
    owner.release()


HOLD = """
import sys
from pathlib import Path
from rlmboard.folder import Pulse, boot_id, take
owner = take(Path(sys.argv[1]), Pulse(pid=1, boot_id=boot_id()))
print("held", flush=True)
sys.stdin.read()
"""


def test_the_kernel_lets_go_of_a_run_whose_owner_was_killed(folder: RunFolder) -> None:
    command = [sys.executable, "-c", HOLD, str(folder.heartbeat)]
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "held\n"
        assert folder.liveness() == "owned"
        process.kill()
        process.wait()
    assert folder.liveness() == "free"


@pytest.mark.parametrize(("age_s", "expected"), [(0, "fresh"), (59, "fresh"), (61, "stale")])
def test_elsewhere_the_age_of_the_heartbeat_decides(
    folder: RunFolder, age_s: int, expected: str
) -> None:
    owner = take(folder.heartbeat, Pulse(pid=1, boot_id="another"))
    assert owner is not None
    then = time.time() - age_s
    os.utime(folder.heartbeat, (then, then))
    assert folder.liveness() == expected
    owner.beat()
    assert folder.liveness() == "fresh"
    owner.release()


def test_a_heartbeat_from_the_future_is_fresh(folder: RunFolder) -> None:
    folder.heartbeat.write_text("{}")
    os.utime(folder.heartbeat, (time.time() + 9999, time.time() + 9999))
    assert folder.liveness() == "fresh"


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000, b'{"pid":"x"}'])
def test_a_broken_heartbeat_says_nothing_and_raises_nothing(
    folder: RunFolder, content: bytes
) -> None:
    folder.heartbeat.write_bytes(content)
    assert folder.pulse() is None
    assert folder.liveness() == "fresh"


def test_the_block_is_written_when_the_run_begins_so_that_there_is_room_at_its_end(
    folder: RunFolder,
) -> None:
    owner = take(folder.heartbeat, pulse())
    assert owner is not None
    size = folder.heartbeat.stat().st_size
    owner.pulse.ended, owner.pulse.lost = "failed", 12345
    owner.say()
    assert folder.heartbeat.stat().st_size == size == 4096
    said = folder.pulse()
    assert said is not None and (said.ended, said.lost) == ("failed", 12345)
    owner.release()


def test_where_locks_are_not_known_the_age_decides(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(file: int, how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    owner = take(folder.heartbeat, pulse())
    assert owner is not None
    assert folder.liveness() == "fresh"
    owner.drop()


def test_a_lock_that_somebody_closed_is_taken_again_with_the_next_beat(folder: RunFolder) -> None:
    owner = take(folder.heartbeat, pulse())
    assert owner is not None
    os.close(owner._file.number)
    assert folder.liveness() == "free"
    owner.beat()
    assert folder.liveness() == "owned"
    owner.release()
    owner.beat()
    assert folder.liveness() == "free"


def test_an_owner_never_writes_into_a_file_of_somebody_else(
    folder: RunFolder, tmp_path: Path
) -> None:
    owner = take(folder.heartbeat, pulse())
    assert owner is not None
    theirs = tmp_path / "theirs"
    theirs.write_text("precious")
    file = os.open(theirs, os.O_RDWR)
    os.dup2(file, owner._file.number)
    os.close(file)
    owner.say()
    owner.release()
    assert theirs.read_text() == "precious"


def test_this_boot_has_a_name() -> None:
    assert boot_id() and boot_id() == boot_id()
