"""Chat completions, decoded whatever a server makes of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.formats.chat import (
    ChatError,
    ChatMessage,
    ChatRequest,
    decode_answer,
    encode_request,
    error_message,
    json_schema_format,
)
from rlmboard.trace import Usage

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)


def body(usage: object = None, **fields: object) -> bytes:
    choice = {"message": {"role": "assistant", "content": "yes"}, "finish_reason": "stop"}
    return msgspec.json.encode({"model": "m-1", "choices": [choice], "usage": usage} | fields)


def test_a_request_says_what_is_asked_and_how_much_may_be_answered() -> None:
    request = ChatRequest(model="m", messages=(ChatMessage("user", "?"),), max_tokens=7, seed=1)
    assert msgspec.json.decode(encode_request(request, {"usage": {"include": True}})) == {
        "model": "m",
        "messages": [{"role": "user", "content": "?"}],
        "max_tokens": 7,
        "seed": 1,
        "usage": {"include": True},
    }
    assert b"response_format" not in encode_request(request)
    assert json_schema_format({"type": "object"})["json_schema"]["schema"] == {"type": "object"}


def test_an_answer_is_text_with_exact_usage_and_cost() -> None:
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 20,
        "prompt_tokens_details": {"cached_tokens": 60},
        "completion_tokens_details": {"reasoning_tokens": 5},
        "cost": 0.00000125,
    }
    answer = decode_answer(body(usage))
    assert (answer.text, answer.model, answer.finish_reason) == ("yes", "m-1", "stop")
    assert answer.usage == Usage(input=100, output=20, cached=60, reasoning=5)
    assert answer.cost_usd == Decimal("0.00000125")


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (None, None),
        ("lots", None),
        ([1], None),
        ({"prompt_tokens": -3, "completion_tokens": "9"}, None),
        ({"prompt_tokens": True, "completion_tokens": 1.5}, None),
        ({"prompt_tokens": 4, "completion_tokens": -1}, Usage(input=4)),
        ({"prompt_tokens": 4, "prompt_tokens_details": {"cached_tokens": 5}}, Usage(input=4)),
        ({"prompt_tokens": 4, "prompt_tokens_details": 5}, Usage(input=4)),
        ({"prompt_tokens": 10**30, "completion_tokens": 0}, Usage(output=0)),
    ],
)
def test_usage_that_makes_no_sense_is_unknown(usage: object, expected: Usage | None) -> None:
    assert decode_answer(body(usage)).usage == expected


@pytest.mark.parametrize(
    ("stated", "dollars"),
    [
        ({"cost": 0.95, "cost_details": {"upstream_inference_cost": 19}}, "19.95"),
        ({"cost": 0, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.3}}, "0.3"),
        ({"cost": 0.3, "is_byok": False, "cost_details": {"upstream_inference_cost": 0.3}}, "0.3"),
        ({"cost": 0.3, "cost_details": {"upstream_inference_cost": None}}, "0.3"),
    ],
)
def test_a_key_of_ones_own_is_charged_beside_the_router(stated: Any, dollars: str) -> None:
    assert decode_answer(body(stated)).cost_usd == Decimal(dollars)


@pytest.mark.parametrize(
    ("usage", "went_in"),
    [
        ({"cache_creation_input_tokens": 40}, (40, 0)),
        (
            {
                "cache_creation_input_tokens": 40,
                "cache_creation": {"ephemeral_1h_input_tokens": 30},
            },
            (10, 30),
        ),
        ({"prompt_tokens_details": {"cache_write_tokens": 40}}, (40, 0)),
        ({"prompt_tokens_details": {"cache_write_tokens": -1}}, (0, 0)),
    ],
)
def test_what_went_into_a_cache_is_told_apart(usage: Any, went_in: tuple[int, int]) -> None:
    assert decode_answer(body(usage)).written == went_in


@pytest.mark.parametrize("cost", [-1, "0.1", True, None, 1e300, [1]])
def test_a_cost_that_makes_no_sense_is_unknown(cost: object) -> None:
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "cost": cost}
    assert decode_answer(body(usage)).cost_usd is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html>", "no chat completion"),
        (b'{"choices": [{"message": ', "no chat completion"),
        (b"\xff\xfe", "no chat completion"),
        (b"{}", "no choices"),
        (b'{"choices": []}', "no choices"),
        (b'{"choices": [{}]}', "no chat completion"),
        (b'{"choices": [{"message": {"content": null}, "finish_reason": "length"}]}', "length"),
        (b'{"choices": [{"message": {"refusal": "I will not"}}]}', "I will not"),
        (b'{"error": {"message": "overloaded", "code": 529}}', "overloaded"),
        (b'{"error": "out of memory"}', "out of memory"),
        (b"[" * 100_000, "no chat completion"),
    ],
)
def test_what_holds_no_answer_says_what_was_there_instead(content: bytes, said: str) -> None:
    with pytest.raises(ChatError, match=said):
        decode_answer(content)


def test_a_text_in_parts_is_one_text() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text", "text": "b"}]
    assert decode_answer(body(choices=[{"message": {"content": parts}}])).text == "ab"


@given(ANY_JSON)
def test_any_json_is_an_answer_or_a_chat_error(said: object) -> None:
    try:
        decode_answer(msgspec.json.encode(said))
    except ChatError:
        pass


@given(ANY_JSON)
def test_any_usage_leaves_the_answer_as_it_is(usage: object) -> None:
    assert decode_answer(body(usage)).text == "yes"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"error": {"message": "no such model", "code": "x"}}', "no such model"),
        (b'{"detail": "not found"}', "not found"),
        (b'{"object": "error", "message": "too long"}', "too long"),
        (b"<h1>Bad\n  Gateway</h1>", "<h1>Bad Gateway</h1>"),
        (b"[1, 2]", "[1, 2]"),
        (b"", ""),
    ],
)
def test_a_refusal_is_said_in_the_words_of_the_server(content: bytes, said: str) -> None:
    assert error_message(content) == said
    assert len(error_message(content * 1_000)) <= 300
