"""Spans that other programs send to the board."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

import rlmboard
from rlmboard.store import Store

NANOS = 1_767_600_000 * 10**9


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def board(home: Path) -> Iterator[httpx.Client]:
    """`rlmboard ui` in a process of its own, below a prefix, until Ctrl-C."""
    command = [sys.executable, "-m", "rlmboard", "--home", str(home), "ui", "--port", "0"]
    with subprocess.Popen(
        [*command, "--base-path", "lab"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        address = process.stdout.readline().strip()
        with httpx.Client(base_url=address.removesuffix("/rlm")) as client:
            yield client
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert process.stderr.read() == ""


def body(**more: Any) -> bytes:
    kind = {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}}
    span = {
        "traceId": "ab" * 16,
        "spanId": "cd" * 8,
        "startTimeUnixNano": str(NANOS),
        "endTimeUnixNano": str(NANOS + 10**6),
        "attributes": [kind],
        **more,
    }
    return msgspec.json.encode({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]})


def posted(board: httpx.Client, path: str = "v1/traces", **headers: str) -> httpx.Response:
    return board.post(path, content=body(), headers={"Content-Type": "application/json", **headers})


def test_the_board_takes_spans_and_shows_the_run(board: httpx.Client, home: Path) -> None:
    said = posted(board)
    assert (said.status_code, said.json()) == (200, {})
    assert said.headers["content-type"].startswith("application/json")
    shown = board.get(f"api/rlm/runs/otlp-{'ab' * 16}")
    assert (shown.status_code, shown.json()["run"]["producer"]) == (200, "otlp")
    assert posted(board, "otel/v1/traces").status_code == 200
    assert posted(board, "v1/metrics").status_code == 200


def test_no_page_may_send_spans_not_even_the_board_s_own(board: httpx.Client, home: Path) -> None:
    for origin in ("https://evil.example", "null", str(board.base_url).rstrip("/")):
        assert posted(board, Origin=origin).status_code == 403
    assert posted(board, Host="evil.example").status_code == 403
    assert not (home / "runs").exists()


def test_everything_else_that_is_posted_needs_the_token(board: httpx.Client) -> None:
    for path in ("api/rlm/trash", "v1/traces/", "V1/traces", "v1/../api/rlm/trash"):
        assert posted(board, path).status_code in (403, 404, 405)


def test_a_request_that_is_too_large_is_refused_before_it_is_read(board: httpx.Client) -> None:
    large = {"Content-Type": "application/json"}
    said = board.post("v1/traces", content=b" " * ((16 << 20) + 1), headers=large)
    assert said.status_code == 413
    assert posted(board).status_code == 200
    token = board.post("api/rlm/trash", content=b" " * 2_000_000, headers=large)
    assert token.status_code == 403


def test_runs_whose_first_span_has_ended_end_with_the_board(home: Path) -> None:
    command = [sys.executable, "-m", "rlmboard", "--home", str(home), "ui", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip().removesuffix("/rlm")
        headers = {"Content-Type": "application/json"}
        httpx.post(f"{address}/v1/traces", content=body(), headers=headers).raise_for_status()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    with Store(home) as store:
        assert [row.status for row in store.runs()] == ["completed"]


def test_a_run_is_sent_from_one_board_to_another(
    board: httpx.Client, home: Path, tmp_path: Path
) -> None:
    here = tmp_path / "here"
    with rlmboard.init("Which city?", home=here, name="cities") as run:
        messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "So?"}]
        with run.subquery(messages, provider="openai", model="m-1") as query:
            query.returned("Paris. " * 100, tokens=(120, 8), cost_usd=0.0025)
        with pytest.raises(ValueError), run.subquery("And?", provider="openai") as query:
            raise ValueError("no")
        run.score("right", 1.0, scorer="reader")
        run.log({"loss": 0.5})
        run.config["budget_usd"] = 2
        run.output = "Paris"
    with Store(here) as store:
        store.label(run.id, "score", {"name": "taste", "value": 4.0}, by="ada")
        store.label(run.id, "comment", "Good.", by="ada")
    command = [sys.executable, "-m", "rlmboard", "--home", str(here), "export", run.id, "--otlp"]
    done = subprocess.run([*command, str(board.base_url)], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
    assert "3 spans to http://127.0.0.1" in done.stderr
    with Store(here) as ours, Store(home) as theirs:
        (sent,), (row,) = ours.runs(), theirs.runs()
        assert (row.name, row.query, row.status) == ("cities", "Which city?", "running")
        for name in ("attempts", "failed", "input_tokens", "output_tokens", "cost_usd_nanos"):
            assert getattr(row.summary, name) == getattr(sent.summary, name)
        assert (row.metrics["loss"], row.metrics["taste"]) == (0.5, 4.0)
        assert row.config.budget_usd == 2
        told = (home / "runs" / row.run_id / "trace.jsonl").read_text()
        assert '"message":"Good.","title":"Comment by ada"' in told
        (first, second) = theirs.run(row.run_id).sub_queries()
        assert (first.prompt_preview, second.error_type) == ("So?", "ValueError")
        texts = theirs.run(row.run_id).folder.payloads.read_text()
        assert "Be brief." in texts and "Paris. " * 100 in texts


def test_without_payloads_no_text_leaves(board: httpx.Client, home: Path, tmp_path: Path) -> None:
    here = tmp_path / "here"
    with rlmboard.init("A secret question", home=here) as run:
        run.subquery("A secret prompt").returned("A secret answer")
        run.note("A secret note")
        run.config["persona"] = "a secret agent"
        run.output = "A secret output"
    with Store(here) as store:
        store.label(run.id, "comment", "A secret comment")
    command = [sys.executable, "-m", "rlmboard", "--home", str(here), "export", "latest"]
    address = f"{board.base_url}v1/traces"
    done = subprocess.run([*command, "--otlp", address, "--no-payloads"], capture_output=True)
    assert done.returncode == 0
    told = b"".join(path.read_bytes() for path in home.glob("runs/**/*") if path.is_file())
    assert b"SubQueryReturn" in told
    assert b"secret" not in told
