"""Telling somebody: a note in the trace, and a post to a webhook."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

import rlmboard
from rlmboard import Note

Read = Callable[..., list[Any]]


class Inbox(HTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.posts: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"


class Answer(BaseHTTPRequestHandler):
    server: Inbox

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append(json.loads(body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Quietly."""


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def titles(inbox: Inbox) -> list[str]:
    return [post["title"] for post in inbox.posts]


def test_an_alert_is_a_note_and_a_post(inbox: Inbox, events: Read) -> None:
    with rlmboard.init("the query", webhook=inbox.url) as run:
        run.alert("Low recall", "only 12 of 40", level="warning")
    (note,) = events(run, Note)
    assert (note.title, note.message, note.level) == ("Low recall", "only 12 of 40", "warning")
    assert inbox.posts == [
        {
            "text": f"[warning] Low recall: only 12 of 40 (run {run.id})",
            "title": "Low recall",
            "message": "only 12 of 40",
            "level": "warning",
            "run_id": run.id,
            "query": "the query",
        }
    ]


def test_a_failure_is_told(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RLMBOARD_WEBHOOK", inbox.url)
    with pytest.raises(ZeroDivisionError), rlmboard.init("q"):
        _ = 1 // 0
    assert titles(inbox) == ["run failed: ZeroDivisionError"]


def test_a_run_that_went_well_tells_nothing(inbox: Inbox) -> None:
    rlmboard.init("q", webhook=inbox.url).finish()
    assert inbox.posts == []


@pytest.mark.parametrize(
    ("budget", "cost"),
    [({"budget_sats": 100}, {"cost_sats": 10}), ({"budget_usd": 1.0}, {"cost_usd": 0.1})],
)
def test_75_90_and_100_percent_of_the_budget_are_told_once_each(
    budget: dict[str, Any], cost: dict[str, Any], events: Read
) -> None:
    run = rlmboard.init("q", config=budget)
    told = []
    for _ in range(12):
        run.subquery("p").returned("a", **cost)
        told.append(len(events(run, Note)))
    assert told == [0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 3, 3]
    assert [note.title[:4] for note in events(run, Note)] == ["75 %", "90 %", "100 "]


def test_one_answer_may_pass_all_thresholds(events: Read) -> None:
    run = rlmboard.init("q", config={"budget_sats": 1})
    run.subquery("p").returned("a", cost_sats=5)
    assert len(events(run, Note)) == 3


def test_a_budget_may_be_set_and_raised_later(events: Read) -> None:
    run = rlmboard.init("q")
    run.subquery("p").returned("a", cost_sats=5)
    run.config["budget_sats"] = 10
    run.subquery("p").returned("a", cost_sats=3)
    run.config["budget_sats"] = 100
    run.subquery("p").returned("a", cost_sats=3)
    assert [note.title[:4] for note in events(run, Note)] == ["75 %"]


def test_what_an_answer_cost_is_not_guessed(events: Read) -> None:
    run = rlmboard.init("q", config={"budget_sats": 1})
    run.subquery("p").returned("a")
    assert events(run, Note) == []


@pytest.fixture
def rude() -> Iterator[str]:
    """A server that answers no HTTP."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with server.accept()[0] as client:
                client.recv(100)
                client.sendall(b"what?\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join()


def test_a_webhook_that_answers_nonsense_harms_nobody(
    rude: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with rlmboard.init("q", webhook=rude) as run:
        run.alert("hello")
    assert run._webhook.failed == 1
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("url", ["ftp://a/b", "nonsense", "file:///etc/passwd", ""])
def test_only_http_is_posted_to(url: str) -> None:
    with rlmboard.init("q", webhook=url) as run:
        run.alert("hello")
    assert run._webhook.failed == 0


def test_a_mask_sees_what_is_posted(inbox: Inbox) -> None:
    mask = lambda text: text.replace("secret", "[hidden]")  # noqa: E731
    run = rlmboard.init("a secret", webhook=inbox.url, mask=mask)
    run.alert("the secret", "secret")
    run.fail(ValueError("secret"))
    assert len(inbox.posts) == 2
    assert "secret" not in json.dumps(inbox.posts)
