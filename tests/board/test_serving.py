"""The board on an address of this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

import rlmboard
from rlmboard.board.serving import address_of, checked_base
from rlmboard.errors import BadInput


def test_the_command_serves_quietly_and_ends_cleanly_under_an_open_page(tmp_path: Path) -> None:
    rlmboard.init("x", home=tmp_path, id="x").finish()
    command = [sys.executable, "-m", "rlmboard", "--home", str(tmp_path), "ui", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
    ) as served:
        assert served.stdout is not None
        address = served.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        root = address.removesuffix("/rlm")
        assert httpx.get(f"{root}/api/rlm/runs").json()["count"] == 1
        assert {one["level"] for one in httpx.get(f"{root}/api/rlm/doctor").json()} <= {
            "fine", "notice", "damage",
        }  # fmt: skip
        with (
            pytest.raises(InvalidStatus),
            connect(f"ws{root.removeprefix('http')}/api/rlm/live", origin="http://evil.example"),
        ):
            pass
        with connect(f"ws{root.removeprefix('http')}/api/rlm/live") as socket:
            socket.send('{"sub": "runs"}')
            socket.send('{"sub": "run", "run": "x"}')
            socket.recv(10)
            served.send_signal(signal.SIGINT)
            out, err = served.communicate(timeout=20)
    assert (served.returncode, out, err) == (0, "", "")


@pytest.mark.parametrize(("host", "warned"), [("0.0.0.0", True), ("127.0.0.1", False)])
def test_a_board_that_others_can_reach_says_so(tmp_path: Path, host: str, warned: bool) -> None:
    command = [sys.executable, "-m", "rlmboard", "--home", str(tmp_path), "ui", "--port", "0"]
    with subprocess.Popen(
        [*command, "--host", host], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as served:
        assert served.stdout is not None
        served.stdout.readline()
        served.send_signal(signal.SIGINT)
        _, err = served.communicate(timeout=20)
    assert ("can be reached from other machines, and asks for no password" in err) is warned


def test_an_address_that_can_be_typed() -> None:
    assert address_of("0.0.0.0", 80, "/lab") == "http://127.0.0.1:80/lab/rlm"
    assert address_of("::1", 80, "") == "http://[::1]:80/rlm"


@pytest.mark.parametrize(
    ("said", "base"), [("", ""), ("/", ""), ("lab", "/lab"), ("/a/b/", "/a/b"), ("//a", "/a")]
)
def test_a_base_path_is_read_leniently(said: str, base: str) -> None:
    assert checked_base(said) == base


@pytest.mark.parametrize("said", ["..", "a/../b", "a b", 'a"b', "a?b"])
def test_a_base_path_that_makes_no_sense_is_refused(said: str) -> None:
    with pytest.raises(BadInput, match="base path"):
        checked_base(said)
