"""What a provider's response says of itself, whichever SDK it comes from."""

from __future__ import annotations

from typing import Any

import msgspec

from ...formats.chat import only_tokens, stated_usd, tokens, usage_of, written
from ...money.units import usd_nanos
from ...trace import Usage


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens and cost are None where the provider said nothing of them that makes sense.

    `written` are tokens of the input that went into a cache: for minutes, and for an hour.
    `only_tokens` is false where the tokens alone do not tell what it costs.
    """

    model: str | None = None
    finish_reason: str | None = None
    usage: Usage | None = None
    cost_usd_nanos: int | None = None
    written: tuple[int, int] = (0, 0)
    only_tokens: bool = True


NOTHING = Facts()


def facts_of(response: Any) -> Facts:
    """From a chat completion (OpenAI, Azure, Portkey, LiteLLM), a message of Anthropic's, or
    Gemini's."""
    said = getattr(response, "usage", None) or getattr(response, "usage_metadata", None)
    stated = _plain(said)
    return Facts(
        model=_text(getattr(response, "model", None)),
        finish_reason=_finish_reason(response),
        usage=_usage(stated),
        cost_usd_nanos=_cost(stated),
        written=written(stated),
        only_tokens=only_tokens(stated, getattr(response, "service_tier", None)),
    )


def _plain(said: Any) -> dict[str, Any]:
    if isinstance(said, dict):
        return said
    dump = getattr(said, "model_dump", None)
    plain = dump() if dump is not None else {}
    return plain if isinstance(plain, dict) else {}


def _usage(stated: dict[str, Any]) -> Usage | None:
    if "input_tokens" in stated:
        return _usage_of_message(stated)
    if "prompt_token_count" in stated:
        return _usage_of_gemini(stated)
    return usage_of(stated)


def _usage_of_message(stated: dict[str, Any]) -> Usage | None:
    """Anthropic's `input_tokens` are those that no cache held."""
    fresh, output = tokens(stated.get("input_tokens")), tokens(stated.get("output_tokens"))
    if fresh is None and output is None:
        return None
    read = tokens(stated.get("cache_read_input_tokens"))
    made = tokens(stated.get("cache_creation_input_tokens")) or 0
    whole = None if fresh is None else fresh + (read or 0) + made
    return Usage(input=whole, output=output, cached=read if whole is not None else None)


def _usage_of_gemini(stated: dict[str, Any]) -> Usage | None:
    """Gemini counts thoughts beside the candidates; here they are a part of the output."""
    said, thought = tokens(stated.get("candidates_token_count")), None
    if said is not None:
        thought = tokens(stated.get("thoughts_token_count"))
        said += thought or 0
    given = tokens(stated.get("prompt_token_count"))
    cached = tokens(stated.get("cached_content_token_count"))
    return Usage(input=given, output=said, cached=cached, reasoning=thought)


def _cost(stated: dict[str, Any]) -> int | None:
    dollars = stated_usd(stated)
    return None if dollars is None else usd_nanos(dollars)


def _finish_reason(response: Any) -> str | None:
    choices = getattr(response, "choices", None) or getattr(response, "candidates", None)
    if choices:
        return _text(getattr(choices[0], "finish_reason", None))
    return _text(getattr(response, "stop_reason", None))


def _text(said: Any) -> str | None:
    return None if said is None else str(getattr(said, "value", said))
