"""Keys and tokens are found by their names and by their form; numbers named like them stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.formats import secrets
from rlmboard.formats.secrets import HIDDEN, masked, masked_tree


@pytest.mark.parametrize(
    "text",
    [
        "sk-proj-" + "abcD1234" * 4,
        "ghp_" + "a1" * 18,
        "github_pat_" + "a1" * 18,
        "AKIA" + "A1" * 8,
        "https://user:pa55word@host/x",
        'curl -H "Authorization: Bearer abcdef0123456789"',
        '{"api_key": "hunter22"}',
        '{\\"password\\": \\"hunter22\\"}',
        "API_KEY='hunter22'",
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str) -> None:
    shown = masked(f"before {text} after " + "x" * 1000)
    assert HIDDEN in shown
    for secret in ("abcD1234", "a1a1", "A1A1", "pa55word", "abcdef0123456789", "hunter22"):
        assert secret not in shown


@pytest.mark.parametrize("text", ["", "a task-oriented key idea", "max_tokens: 4096", "sk-"])
def test_what_does_not_stays_as_it_is(text: str) -> None:
    assert masked(text) == text


PIECES = st.sampled_from(
    [
        *("sk-", "ghp_", "github_pat_", "xoxb-", "AKIA", "AIza", "hf_", "eyJ", "http://", "u:p@"),
        *("Bearer ", "BASIC\t", "Api_Key", "PASSWORD", "secret", "=", ": ", '"', "'", "\\", "\n"),
        *(" ", "-", "a1B2" * 5, "x" * 16, "é", "\u0130"),
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_looking_first_for_what_is_quick_hides_what_every_pattern_finds(text: str) -> None:
    assert masked(text) == masked_the_slow_way(text)


def masked_the_slow_way(text: str) -> str:
    for _, _, form in secrets._FORMS:
        text = form.sub(HIDDEN, text)
    text = secrets._BEARER.sub(rf"\1\2{HIDDEN}", text)
    return secrets._NAMED.sub(rf"\1{HIDDEN}", text)


def test_a_tree_is_hidden_below_secret_names_and_numbers_stay() -> None:
    tree = {
        "model": "m",
        "max_tokens": 5,
        "token_count": 7,
        "headers": {"Authorization": ["Basic dXNlcg=="], "X-Title": "t"},
        "credentials": {"user": "u", "n": 1},
    }
    assert masked_tree(tree) == {
        "model": "m",
        "max_tokens": 5,
        "token_count": 7,
        "headers": {"Authorization": [HIDDEN], "X-Title": "t"},
        "credentials": {"user": HIDDEN, "n": 1},
    }
