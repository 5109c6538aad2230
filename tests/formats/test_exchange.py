"""Requests and answers of every API, read as they pass."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.formats.exchange import (
    Api,
    StreamedAnswer,
    asks_for_more,
    read_answer,
    read_refusal,
    read_request,
)
from rlmboard.testing import Reply
from rlmboard.testing.answers import frames
from rlmboard.testing.book import Served
from rlmboard.trace import Usage

TOOL = {"id": "call_1", "name": "look", "arguments": '{"at":"the sky"}'}
APIS: list[Api] = ["chat", "responses", "messages"]
TEXTS: list[Api] = [*APIS, "completions"]
OLLAMAS: list[Api] = ["ollama_chat", "ollama_generate"]
ASKED: dict[Api, dict[str, Any]] = {
    "chat": {"messages": [{"role": "user", "content": "Why?"}]},
    "completions": {"prompt": "Why?"},
    "responses": {"input": "Why?"},
    "messages": {"messages": [{"role": "user", "content": "Why?"}], "max_tokens": 9},
    "embeddings": {"input": ["Why?", "How?"]},
    "ollama_chat": {"messages": [{"role": "user", "content": "Why?"}]},
    "ollama_generate": {"prompt": "Why?"},
    "ollama_embed": {"input": ["Why?", "How?"]},
}
COUNTED = Reply.counting("Because.", 30, 7, cached=10, reasoning=3, cost=0.0125)


def encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


def served(api: Api, reply: Reply, stream: bool = False, **more: Any) -> list[bytes]:
    """What the scripted server sends."""
    body = {"model": "m", **ASKED[api], **more}
    body["stream"] = stream
    if stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return frames(Served(number=1, path="", protocol=api, body=body, key=None, reply=reply))


def streamed(api: Api, pieces: list[bytes]) -> Any:
    answer = StreamedAnswer(api)
    for piece in pieces:
        answer.feed(piece)
    return answer.said()


@pytest.mark.parametrize("api", TEXTS)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_an_answer_tells_its_text_tokens_cost_and_end(api: Api, stream: bool) -> None:
    pieces = served(api, COUNTED, stream)
    said = streamed(api, pieces) if stream else read_answer(api, pieces[0])
    reasoning = None if api == "messages" else 3
    assert said.text == "Because."
    assert said.model == "m"
    assert said.usage == Usage(input=30, output=7, cached=10, reasoning=reasoning)
    assert float(said.cost_usd) == 0.0125
    assert said.error is None
    assert said.finish_reason in ("stop", "end_turn", "completed")


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_calls_of_tools_are_a_part_of_the_answer(api: Api, stream: bool) -> None:
    pieces = served(api, Reply(text="", tool_calls=(TOOL,)), stream)
    said = streamed(api, pieces) if stream else read_answer(api, pieces[0])
    assert said.error is None
    assert said.text == 'look({"at":"the sky"})'


@pytest.mark.parametrize("api", OLLAMAS)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_ollama_tells_its_text_and_tokens_and_no_cost(api: Api, stream: bool) -> None:
    pieces = served(api, COUNTED, stream)
    assert len(pieces) == (2 if stream else 1)
    said = streamed(api, pieces) if stream else read_answer(api, pieces[0])
    assert (said.text, said.model, said.finish_reason) == ("Because.", "m", "stop")
    assert said.usage == Usage(input=30, output=7)
    assert (said.cost_usd, said.error) == (None, None)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_chat_tells_what_went_into_a_cache_and_what_a_key_of_ones_own_pays(stream: bool) -> None:
    usage = {
        "prompt_tokens": 90,
        "completion_tokens": 7,
        "prompt_tokens_details": {"cache_write_tokens": 40},
        "cost": 0.01,
        "is_byok": True,
        "cost_details": {"upstream_inference_cost": 0.2},
    }
    pieces = served("chat", Reply(usage=usage), stream)
    said = streamed("chat", pieces) if stream else read_answer("chat", pieces[0])
    assert (said.written, str(said.cost_usd)) == ((40, 0), "0.21")


TIERED: list[tuple[Api, dict[str, Any], bool]] = [
    ("chat", {"choices": [], "service_tier": "default"}, True),
    ("chat", {"choices": [], "service_tier": "flex"}, False),
    ("responses", {"output": [], "service_tier": "priority"}, False),
    ("responses", {"output": [{"type": "function_call", "name": "f"}]}, True),
    ("responses", {"output": [{"type": "web_search_call"}]}, False),
    ("messages", {"usage": {"output_tokens": 1, "service_tier": "standard"}}, True),
    ("messages", {"usage": {"output_tokens": 1, "service_tier": "batch"}}, False),
    ("messages", {"usage": {"server_tool_use": {"web_search_requests": 2}}}, False),
    ("messages", {"usage": {"server_tool_use": {"web_search_requests": 0}}}, True),
]


@pytest.mark.parametrize(("api", "body", "expected"), TIERED)
def test_an_answer_tells_whether_tokens_are_all_that_was_charged(
    api: Api, body: dict[str, Any], expected: bool
) -> None:
    assert read_answer(api, encoded(body)).only_tokens is expected


def test_a_stream_tells_its_tier_of_service() -> None:
    chunk = b'data: {"service_tier":"flex","choices":[{"delta":{"content":"a"}}]}\n\n'
    assert not streamed("chat", [chunk, b"data: [DONE]\n\n"]).only_tokens


def test_ollama_says_nothing_of_a_prompt_that_was_cached_whole() -> None:
    body = b'{"model":"m","response":"x","done":true,"eval_count":3}'
    assert read_answer("ollama_generate", body).usage == Usage(input=None, output=3)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"embeddings": [], "prompt_eval_count": 0}', "0 vectors"),
        (b'{"embedding": [0.5]}', "1 vector"),
    ],
)
def test_an_embedding_of_nothing_is_an_answer(body: bytes, text: str) -> None:
    said = read_answer("ollama_embed", body)
    assert (said.text, said.error) == (text, None)


def test_ollama_counts_what_it_embeds() -> None:
    (whole,) = served("ollama_embed", COUNTED)
    said = read_answer("ollama_embed", whole)
    assert (said.text, said.usage, said.error) == ("2 vectors", Usage(input=30), None)


@pytest.mark.parametrize(
    ("body", "streams", "most"),
    [
        ({}, True, None),
        ({"stream": False, "options": {"num_predict": 9}}, False, 9),
        ({"stream": True, "options": {"num_predict": -1}}, True, None),
        ({"options": "no table"}, True, None),
    ],
)
def test_ollama_streams_unless_told_not_to(body: Any, streams: bool, most: int | None) -> None:
    asked = read_request("ollama_generate", encoded({"model": "m", "prompt": "Why?", **body}))
    assert (asked.streams, asked.max_tokens, asked.text) == (streams, most, "Why?")


@pytest.mark.parametrize("api", OLLAMAS)
def test_an_error_in_ollamas_words_is_the_error(api: Api) -> None:
    said = streamed(api, [b'{"model":"m","message":{"content":"a"}}\n', b'{"error":"no memory"}\n'])
    assert (said.error.type, said.error.message) == ("error", "no memory")


def test_a_line_that_never_ends_is_not_held() -> None:
    answer = StreamedAnswer("ollama_chat")
    for _ in range(20):
        answer.feed(b"x" * (1 << 20))
    answer.feed(b'\n{"message":{"content":"a"},"done":true}\n')
    assert answer.said().text == "a\n[an event was too long]"


@given(at=st.sets(st.integers(0, 5000)), api=st.sampled_from([*APIS, *OLLAMAS]))
def test_a_stream_says_the_same_wherever_it_is_split(at: set[int], api: Api) -> None:
    whole = b"".join(served(api, COUNTED, stream=True))
    cuts = [0, *sorted(cut for cut in at if cut < len(whole)), len(whole)]
    pieces = [whole[a:b] for a, b in itertools.pairwise(cuts)]
    assert streamed(api, pieces) == streamed(api, [whole])


@given(raw=st.binary(max_size=300), api=st.sampled_from([*APIS, *OLLAMAS, "ollama_embed"]))
def test_nothing_that_passes_can_raise(raw: bytes, api: Api) -> None:
    read_request(api, raw)
    read_answer(api, raw)
    read_refusal(500, raw)
    streamed(api, [raw, b"\n"] if "ollama" in api else [b"data: ", raw, b"\n\n"])


FIELDS = [
    *("choices", "delta", "message", "content", "tool_calls", "function", "index", "usage", "id"),
    *("output", "type", "response", "error", "text", "input", "messages", "model", "system"),
    *("content_block", "role", "stop_reason", "arguments", "prompt", "options", "embeddings"),
    *("done", "done_reason", "embedding"),
]
KINDS = [
    *("message_start", "message_delta", "content_block_start", "content_block_delta", "error"),
    *("response.completed", "response.created", "response.output_text.delta", "function_call"),
    *("message", "tool_use", "text", "assistant"),
]
ODD = st.recursive(
    st.none() | st.integers() | st.sampled_from(KINDS) | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6)
    ),
    max_leaves=12,
)


@given(odd=ODD, api=st.sampled_from([*TEXTS, *OLLAMAS, "embeddings", "ollama_embed"]))
def test_nothing_that_is_odd_can_raise(odd: Any, api: Api) -> None:
    raw = encoded(odd)
    read_request(api, raw)
    read_answer(api, raw)
    streamed(api, [raw + b"\n" if "ollama" in api else b"data: " + raw + b"\n\n"])


@pytest.mark.parametrize("api", [*TEXTS, *OLLAMAS])
def test_a_stream_that_was_cut_is_no_answer_and_keeps_what_came(api: Api) -> None:
    pieces = served(api, Reply(text="a long answer", piece_chars=2), stream=True)
    said = streamed(api, pieces[: len(pieces) // 2])
    assert said.error.type == "cut_off"
    assert said.text.startswith("a ")


def test_a_stream_without_usage_has_unknown_tokens() -> None:
    body = {"model": "m", "stream": True, **ASKED["chat"]}
    call = Served(number=1, path="", protocol="chat", body=body, key=None, reply=COUNTED)
    said = streamed("chat", frames(call))
    assert (said.text, said.usage, said.cost_usd) == ("Because.", None, None)


@pytest.mark.parametrize(
    ("api", "event"),
    [
        ("chat", b'data: {"error": {"type": "overloaded", "message": "later"}}\n\n'),
        ("completions", b'data: {"error": {"type": "overloaded", "message": "later"}}\n\n'),
        ("messages", b'data: {"type":"error","error":{"type":"overloaded","message":"later"}}\n\n'),
        ("responses", b'data: {"type":"error","code":"overloaded","message":"later"}\n\n'),
    ],
)
def test_an_error_in_the_middle_of_a_stream_is_the_error(api: Api, event: bytes) -> None:
    said = streamed(api, [*served(api, COUNTED, stream=True)[:2], event])
    assert (said.error.type, said.error.message) == ("overloaded", "later")


def test_comments_and_other_line_ends_are_understood() -> None:
    whole = b"".join(served("chat", COUNTED, stream=True)).replace(b"\n", b"\r\n")
    assert streamed("chat", [b": PROCESSING\r\n\r\n", whole]).text == "Because."


def test_an_event_that_never_ends_is_not_held() -> None:
    from rlmboard.formats.exchange.sse import EventStream

    events = EventStream(limit_bytes=100)
    assert [found for _ in range(50) for found in events.feed(b"data: xxxxxxxxxx")] == []
    assert sum(map(len, events._begun)) <= 110
    assert events.feed(b"\n\ndata: 1\n\n") == [b"1"]
    assert events.overlong == 1


# ------------------------------------------------------------------ requests


@pytest.mark.parametrize("api", [*TEXTS, *OLLAMAS, "embeddings", "ollama_embed"])
def test_a_request_tells_its_model_and_its_last_words(api: Api) -> None:
    asked = read_request(api, encoded({"model": "m", **ASKED[api]}))
    assert asked.model == "m"
    assert asked.text == ("How?" if "embed" in api else "Why?")
    assert asked.unreadable is None


@pytest.mark.parametrize(
    ("api", "body", "most"),
    [
        ("chat", {"max_tokens": 5}, (5, 1)),
        ("chat", {"max_completion_tokens": 6, "n": 3}, (6, 3)),
        ("chat", {}, (None, 1)),
        ("chat", {"max_tokens": -5, "n": "x"}, (None, 1)),
        ("completions", {"max_tokens": 5, "n": 2, "best_of": 3}, (5, 3)),
        ("completions", {"prompt": ["a", "b"], "n": 2}, (None, 4)),
        ("completions", {"prompt": [11, 12]}, (None, 1)),
        ("completions", {"prompt": [[11, 12], [13]]}, (None, 2)),
        ("responses", {"max_output_tokens": 7}, (7, 1)),
        ("messages", {"max_tokens": 8}, (8, 1)),
        ("embeddings", {}, (0, 1)),
    ],
)
def test_a_request_tells_how_long_its_answer_may_be(
    api: Api, body: dict[str, Any], most: tuple[int | None, int]
) -> None:
    asked = read_request(api, encoded({"model": "m", **ASKED[api], **body}))
    expected = (8, 1) if (api, body) == ("messages", {"max_tokens": 8}) else most
    assert (asked.max_tokens, asked.choices) == expected


def test_prompts_of_a_completion_are_kept_each_and_tokens_are_counted() -> None:
    asked = read_request("completions", encoded({"prompt": ["Why?", "How?"]}))
    assert (asked.messages, asked.text) == (('{"prompt":"Why?"}', '{"prompt":"How?"}'), "How?")
    tokens = read_request("completions", encoded({"prompt": [11, 12]}))
    assert (tokens.messages, tokens.text) == (('{"prompt":[11,12]}',), "2 tokens")


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_each_of_several_completions_is_a_part_of_the_answer(stream: bool) -> None:
    pieces = served("completions", COUNTED, stream, prompt=["Why?", "How?"])
    said = streamed("completions", pieces) if stream else read_answer("completions", pieces[0])
    assert (said.text, said.error) == ("Because.\n\nBecause.", None)


def test_a_completion_is_whole_when_each_of_its_texts_has_ended() -> None:
    ended = b'data: {"choices":[{"index":0,"text":"a","finish_reason":"stop"}]}\n\n'
    going_on = b'data: {"choices":[{"index":1,"text":"b","finish_reason":null}]}\n\n'
    assert streamed("completions", [ended]).error is None
    assert streamed("completions", [ended, going_on]).error.type == "cut_off"


def test_a_completion_without_choices_is_no_answer() -> None:
    assert read_answer("completions", b'{"choices":[]}').error.type == "no_answer"


def test_a_body_that_is_no_request_says_why() -> None:
    assert "truncated" in str(read_request("chat", b"{").unreadable)
    assert read_request("chat", b"[]").unreadable


ANSWER = {"role": "assistant", "content": "Because."}
ECHOES: dict[Api, list[Any]] = {
    "chat": [{**ANSWER, "refusal": None, "annotations": []}],
    "responses": [
        {"type": "reasoning", "id": "r", "summary": []},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "B"}]},
    ],
    "messages": [{"role": "assistant", "content": [{"type": "text", "text": "Because."}]}],
}


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_an_answer_is_known_again_when_its_client_sends_it_back(api: Api, stream: bool) -> None:
    pieces = served(api, Reply(text="B" if api == "responses" else "Because."), stream)
    said = streamed(api, pieces) if stream else read_answer(api, pieces[0])
    field = "input" if api == "responses" else "messages"
    question = {"role": "user", "content": "Why?"}
    asked = read_request(api, encoded({"model": "m", field: [question, *ECHOES[api]]}))
    assert asked.turns[1:] == said.turns


def test_calls_of_tools_are_known_again() -> None:
    said = read_answer("messages", served("messages", Reply(text="", tool_calls=(TOOL,)))[0])
    use = {"type": "tool_use", "id": "call_1", "name": "look", "input": {"at": "the sky"}}
    echo = {"messages": [{"role": "assistant", "content": [use]}]}
    assert read_request("messages", encoded(echo)).turns == said.turns


def test_marks_of_what_is_to_be_cached_make_no_other_message() -> None:
    def turns(**marks: Any) -> Any:
        part = {"type": "text", "text": "Why?", **marks}
        said = {"messages": [{"role": "user", "content": [part]}]}
        return read_request("messages", encoded(said)).turns

    marked = json.loads(turns(cache_control={"type": "ephemeral"})[0].raw)
    assert marked == json.loads(turns()[0].raw)


@pytest.mark.parametrize(
    ("body", "more"),
    [
        ({"messages": [{"content": 'my "previous_response_id": "x" is text'}]}, False),
        ({"messages": [{"content": [{"image_url": {"url": "data:image/png;base64,AA"}}]}]}, False),
        ({"tools": [{"parameters": {"properties": {"url": {"type": "string"}}}}]}, False),
        ({"messages": [{"content": [{"image_url": {"url": "https://a.b/c.png"}}]}]}, True),
        ({"input": "hi", "previous_response_id": "resp_1"}, True),
        ({"input": [{"content": [{"type": "input_file", "file_id": "f"}]}]}, True),
    ],
)
def test_what_a_model_is_to_read_elsewhere_has_no_known_length(body: Any, more: bool) -> None:
    assert asks_for_more(encoded(body)) is more


def test_writing_to_a_cache_costs_more_than_tokens_tell() -> None:
    usage = {"input_tokens": 5, "cache_creation_input_tokens": 20, "output_tokens": 2}
    body = {"type": "message", "content": [{"type": "text", "text": "x"}], "usage": usage}
    said = read_answer("messages", encoded(body))
    assert said.usage == Usage(input=25, output=2)
    assert said.written == (20, 0)
