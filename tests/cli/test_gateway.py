"""`rlmboard gateway`, as it is typed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rlmboard.folder import Home, read_trace
from rlmboard.testing import Reply, ScriptedServer
from rlmboard.trace.summary import summarize


@contextmanager
def gateway(home: Path, *arguments: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "rlmboard", "--home", str(home), "gateway", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def post(url: str, body: object) -> bytes:
    request = urllib.request.Request(url, json.dumps(body).encode())
    with urllib.request.urlopen(request) as response:
        return bytes(response.read())


def refused(home: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "rlmboard", "--home", str(home), "gateway", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.strip().splitlines()
    return line


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_records_and_ends_its_runs_when_it_is_stopped(
    home_of_its_own: Path, stop: signal.Signals
) -> None:
    with (
        ScriptedServer(then=Reply.counting("yes", 9, 1)) as server,
        gateway(home_of_its_own, "--port", "0", "--upstream", server.url) as (url, process),
    ):
        assert url.endswith("/v1")
        body = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
        post(url.replace("/v1", "/r/one/v1") + "/chat/completions", body)
        process.send_signal(stop)
        _, said = process.communicate(timeout=30)
        assert process.returncode == 0
    assert said.strip() == f"every model: {server.url}"
    run = summarize(read_trace(Home(home_of_its_own).run("one").trace)).run
    assert (run.status, run.end_reason, run.input_tokens) == ("completed", "stopped", 9)


def test_it_takes_spans_too(home_of_its_own: Path) -> None:
    with gateway(home_of_its_own, "--port", "0", "--upstream", "ollama") as (url, _):
        request = urllib.request.Request(
            f"{url}/traces", b'{"resourceSpans": []}', {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as response:
            assert response.status == 200


def test_beyond_this_machine_it_says_so(home_of_its_own: Path) -> None:
    arguments = ("--port", "0", "--host", "0.0.0.0", "--upstream", "ollama")
    with gateway(home_of_its_own, *arguments) as (_, process):
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)
    assert "can be reached from other machines" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--upstream", "nowhere"], "'nowhere' is no address of an upstream"),
        (["--budget-usd", "-1"], "--budget-usd: Expected float >= 0"),
        (["--upstream", "openai", "--upstream", "ollama"], "say models for one of them"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(
    home_of_its_own: Path, arguments: list[str], said: str
) -> None:
    assert said in refused(home_of_its_own, *arguments)


def test_a_file_that_makes_no_sense_is_named(home_of_its_own: Path) -> None:
    home_of_its_own.mkdir(parents=True)
    (home_of_its_own / "gateway.toml").write_text("[limits]\nconcurrency = 'many'\n")
    assert "gateway.toml: limits.concurrency: Expected int" in refused(home_of_its_own)
