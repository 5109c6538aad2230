"""The scripted server, as any client sees it, and what its book says."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from rlmboard.testing import Reply, ScriptedServer, capture_events
from rlmboard.trace import Note, RunInit, Usage


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
    assert server._thread is not None and server._thread.loop.is_closed()


def post(url: str, path: str, body: dict[str, object], **headers: str) -> bytes:
    request = urllib.request.Request(f"{url}/{path}", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as response:
        return bytes(response.read())


COUNTED = Reply.counting("hello world", 100, 20, cached=60, reasoning=5, cost=0.25)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("chat/completions", {"messages": [{"role": "user", "content": "hi"}]}),
        ("completions", {"prompt": "hi"}),
        ("responses", {"input": "hi"}),
        ("responses", {"input": [{"role": "user", "content": [{"text": "hi"}]}]}),
        ("messages", {"messages": [{"role": "user", "content": [{"text": "hi"}]}]}),
        ("embeddings", {"input": ["hi"]}),
    ],
)
def test_the_book_says_the_same_of_a_call_in_every_protocol(
    path: str, body: dict[str, object]
) -> None:
    with ScriptedServer(then=COUNTED) as server:
        said = json.loads(post(server.url, path, {"model": "m", **body}))
    (served,) = server.book
    assert (served.prompt, served.model, served.ok) == ("hi", "m", True)
    reasoning = None if path == "messages" else 5  # Anthropic does not state it
    assert served.usage == Usage(input=100, output=20, cached=60, reasoning=reasoning)
    assert served.cost_usd_nanos == 250_000_000
    assert said["model"] == "m"
    assert said["usage"]["cost"] == 0.25
    assert served.arrived_ns <= (served.answered_ns or 0) <= (served.ended_ns or 0)


def test_the_text_of_a_reply_may_stand_alone() -> None:
    assert Reply("Paris") == Reply(text="Paris")
    assert Reply().text == "ok"
    with pytest.raises(TypeError):
        Reply("Paris", 500)  # type: ignore[misc]


def test_input_tokens_of_messages_are_those_that_no_cache_held() -> None:
    with ScriptedServer(then=COUNTED) as server:
        said = json.loads(post(server.url, "messages", {"model": "m", "messages": []}))
    assert (said["usage"]["input_tokens"], said["usage"]["cache_read_input_tokens"]) == (40, 60)


def streamed(stream: bytes) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in stream.decode().splitlines()]
    return [json.loads(line) for line in lines if line.startswith("{")]


def test_a_streamed_answer_tells_its_usage_only_to_who_asks() -> None:
    asked = {"model": "m", "messages": [], "stream": True}
    with ScriptedServer(then=COUNTED) as server:
        silent = streamed(post(server.url, "chat/completions", asked))
        options = {"stream_options": {"include_usage": True}}
        told = streamed(post(server.url, "chat/completions", asked | options))
    pieces = [choice["delta"].get("content") or "" for said in told for choice in said["choices"]]
    assert "".join(pieces) == "hello world"
    assert told[-1]["usage"]["prompt_tokens"] == 100
    assert not any("usage" in said for said in silent)
    assert [served.usage is None for served in server.book] == [True, False]


def test_streams_of_the_other_protocols_end_with_their_usage() -> None:
    with ScriptedServer(then=COUNTED) as server:
        asked = {"model": "m", "stream": True}
        response = streamed(post(server.url, "responses", {**asked, "input": "hi"}))
        message = streamed(post(server.url, "messages", {**asked, "messages": []}))
    assert response[-1]["response"]["usage"]["input_tokens"] == 100
    assert message[-2]["usage"]["output_tokens"] == 20
    assert [served.ok for served in server.book] == [True, True]


def test_what_a_client_was_never_told_is_not_in_the_sums() -> None:
    script = [Reply.cut_off(), Reply.refused(500), Reply(usage=None), COUNTED]
    with ScriptedServer(script) as server:
        for _ in range(2):
            with pytest.raises((urllib.error.HTTPError, http.client.HTTPException)) as failed:
                ask(server.url, "a")
            getattr(failed.value, "close", lambda: None)()
        ask(server.url, "b")
        ask(server.url, "c")
    sums = server.book.totals
    assert (sums.calls, sums.answered, sums.input, sums.cost_usd_nanos) == (4, 2, 100, 250_000_000)


def test_the_list_of_models_is_no_call() -> None:
    with (
        ScriptedServer(models=["a", "b"]) as server,
        urllib.request.urlopen(f"{server.url}/models") as response,
    ):
        assert [model["id"] for model in json.load(response)["data"]] == ["a", "b"]
    assert (len(server.book), len(server.book.calls)) == (1, 0)


def test_keys_stand_in_the_book_alone_and_a_header_names_the_run() -> None:
    with ScriptedServer() as server:
        headers = {"X-Api-Key": "k", "X-Rlmboard-Run": "r-1/q-2"}
        post(server.url, "messages", {"model": "m", "messages": []}, **headers)
        ask(server.url, "a")
    assert [served.key for served in server.book] == ["k", "Bearer k"]
    assert (server.book[0].run, server.book[0].query_id) == ("r-1", "q-2")
    assert "x-api-key" not in server.book[0].headers
    assert len(server.book.of(run="r-1")) == 1
    assert len(server.book.of(key="Bearer k", path="/v1/chat")) == 1


def test_a_reply_may_call_tools() -> None:
    tool = {"id": "t", "name": "look", "arguments": '{"at": 1}'}
    with ScriptedServer(then=Reply(text="", tool_calls=(tool,))) as server:
        chat = ask(server.url, "a")
        message = json.loads(post(server.url, "messages", {"model": "m", "messages": []}))
        response = json.loads(post(server.url, "responses", {"model": "m", "input": "a"}))
    called = chat["choices"][0]["message"]["tool_calls"][0]["function"]  # type: ignore[index]
    assert (called["name"], called["arguments"]) == ("look", '{"at": 1}')
    assert message["content"] == [
        {"type": "tool_use", "id": "t", "name": "look", "input": {"at": 1}}
    ]
    assert response["output"][1]["name"] == "look"
