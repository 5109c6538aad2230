"""`gateway.toml`, and addresses of upstreams."""

from __future__ import annotations

import pytest

from rlmboard.errors import BadInput
from rlmboard.gateway import Limits, Upstream, read_settings, upstream_of
from rlmboard.gateway.routes import route_of
from rlmboard.gateway.upstream import Upstreams

WHOLE = """
timeout_s = 90
payloads = "preview"
allow_unknown_cost = true

[limits]
budget_usd = 5
concurrency = 8

[runs."nightly-*"]
budget_usd = 20
models = ["gpt-*"]

[upstreams.anthropic]
url = "https://api.anthropic.com/v1/"
models = ["claude-*"]

[upstreams.here]
url = "ollama"
"""


def test_a_file_says_how_a_gateway_is_to_work() -> None:
    said = read_settings(WHOLE)
    assert (said.timeout_s, said.payloads, said.allow_unknown_cost) == (90, "preview", True)
    assert [(one.name, one.url) for one in said.upstreams] == [
        ("anthropic", "https://api.anthropic.com/v1"),
        ("here", "http://127.0.0.1:11434/v1"),
    ]
    assert said.limits_of("x") == Limits(budget_usd=5, concurrency=8)
    assert said.limits_of("nightly-3") == Limits(budget_usd=20, concurrency=8, models=("gpt-*",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[limits]\nbudget = 3", "gateway.toml: limits: unknown field budget; known are budget_s"),
        ("[limits]\nconcurrency = 0", "gateway.toml: limits.concurrency: Expected int >= 1"),
        ("payloads = 'some'", "gateway.toml: payloads: Invalid enum value"),
        ("[upstreams.x]\nurl = 'ftp://x'", "gateway.toml: upstreams: 'ftp://x' is no address"),
        ("[upstreams.x]\nmodels = []", "gateway.toml: upstreams"),
        ("timeout_s = [", "gateway.toml line 1"),
        ("nonsense = 1", "unknown field nonsense; known are upstreams, limits"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_settings(text)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("said", "made"),
    [
        ("openai", Upstream(name="openai", url="https://api.openai.com/v1")),
        ("http://lab:8000/v1/", Upstream(name="lab", url="http://lab:8000/v1")),
        (
            "qwen/*=ollama",
            Upstream(name="ollama", url="http://127.0.0.1:11434/v1", models=("qwen/*",)),
        ),
    ],
)
def test_an_upstream_is_an_address_or_a_word(said: str, made: Upstream) -> None:
    assert upstream_of(said) == made


@pytest.mark.parametrize("said", ["", "lab", "file:///etc/passwd", "http://", "http://u:p@h/v1"])
def test_what_is_no_address_is_refused(said: str) -> None:
    with pytest.raises(BadInput, match="is no address of an upstream"):
        upstream_of(said)


def test_two_upstreams_for_every_model_are_one_too_many() -> None:
    with pytest.raises(BadInput, match="say models for one of them"):
        Upstreams([upstream_of("http://a/v1"), upstream_of("http://b/v1")])


def test_without_a_word_openai_and_anthropic_are_asked() -> None:
    known = Upstreams([])
    chat, messages = (route_of("POST", f"/v1/{at}") for at in ("chat/completions", "messages"))
    assert known.of("gpt-5", chat).name == "openai"  # type: ignore[union-attr]
    assert known.of("claude-x", chat).name == "anthropic"  # type: ignore[union-attr]
    assert known.of("something", messages).name == "anthropic"  # type: ignore[union-attr]
    assert known.of(None).name == "openai"  # type: ignore[union-attr]
