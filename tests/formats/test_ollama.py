"""Ollama's own words."""

from __future__ import annotations

import msgspec
import pytest

from rlmboard.formats.chat import ChatError, ChatMessage
from rlmboard.formats.ollama import OllamaRequest, decode_answer, encode_request
from rlmboard.trace import Usage


def test_a_request_is_not_streamed_and_bounds_the_answer() -> None:
    request = OllamaRequest(
        model="m", messages=(ChatMessage("user", "?"),), stream=False, options={"num_predict": 9}
    )
    assert msgspec.json.decode(encode_request(request)) == {
        "model": "m",
        "messages": [{"role": "user", "content": "?"}],
        "stream": False,
        "options": {"num_predict": 9},
    }


@pytest.mark.parametrize(
    ("counts", "usage"),
    [
        ({"prompt_eval_count": 12, "eval_count": 3}, Usage(input=12, output=3)),
        ({"eval_count": 3}, Usage(output=3)),
        ({"prompt_eval_count": "12", "eval_count": -3}, None),
        ({}, None),
    ],
)
def test_tokens_are_what_it_counted(counts: dict[str, object], usage: Usage | None) -> None:
    said = {"model": "m", "message": {"content": "yes"}, "done_reason": "stop"} | counts
    answer = decode_answer(msgspec.json.encode(said))
    assert (answer.text, answer.finish_reason, answer.usage) == ("yes", "stop", usage)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"error": "model not found"}', "model not found"),
        (b"{}", "no message"),
        (b"<html>", "not in Ollama's form"),
        (b'{"message": {"content": 5}}', "not in Ollama's form"),
    ],
)
def test_what_holds_no_answer_says_so(content: bytes, said: str) -> None:
    with pytest.raises(ChatError, match=said):
        decode_answer(content)
