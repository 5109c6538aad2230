"""What is offered to tests of other programs."""

from __future__ import annotations

import json
import urllib.request

import pytest

from rlmboard.testing import Reply, ScriptedServer, capture_events
from rlmboard.trace import Note, RunInit


def test_captured_events_are_kept_in_order_and_found_by_type() -> None:
    emit = capture_events()
    for event in (RunInit(program="p"), Note(message="a"), Note(message="b")):
        emit(event)
    assert [type(event) for event in emit.events] == [RunInit, Note, Note]
    assert [note.message for note in emit.of(Note)] == ["a", "b"]


def ask(url: str, prompt: str) -> dict[str, object]:
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": prompt}]}).encode()
    request = urllib.request.Request(f"{url}/chat/completions", body, {"Authorization": "Bearer k"})
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def test_a_server_in_a_thread_serves_its_script_and_keeps_the_book() -> None:
    script = [Reply(text="one", cost=0.25), Reply.too_many_requests("3")]
    with ScriptedServer(script, then=Reply(text="later", usage=None)) as server:
        assert ask(server.url, "a")["choices"][0]["message"]["content"] == "one"  # type: ignore[index]
        with pytest.raises(urllib.error.HTTPError) as refused:
            ask(server.url, "b")
        assert (refused.value.code, refused.value.headers["Retry-After"]) == (429, "3")
        refused.value.close()
        assert "usage" not in ask(server.url, "c")
    assert [(served.prompt, served.reply.status) for served in server.book] == [
        ("a", 200),
        ("b", 429),
        ("c", 200),
    ]
    assert (server.tokens, server.cost_usd, server.book[0].key) == (12, 0.25, "Bearer k")


def test_a_server_may_answer_by_what_it_is_asked() -> None:
    with ScriptedServer(lambda body: Reply(text=body["messages"][0]["content"][::-1])) as server:
        assert ask(server.url, "abc")["choices"][0]["message"]["content"] == "cba"  # type: ignore[index]


def test_a_server_that_stops_leaves_nobody_hanging() -> None:
    with ScriptedServer(then=Reply(hangs=True)) as server:
        with pytest.raises(TimeoutError):
            urllib.request.urlopen(f"{server.url}/chat/completions", b"{}", timeout=0.1)
        assert len(server.book) == 1
    assert server._thread is not None and server._thread._loop.is_closed()
