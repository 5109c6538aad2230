"""Chat completions, the words of every OpenAI-compatible server: requests out, answers in. Pure.

Total on usage and cost: what makes no sense there (negative, a string, more cached than there was)
is unknown. Strict on the answer itself: without one, ChatError says what was there instead.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, Literal, NamedTuple, TypeAlias

import msgspec

from ..trace import Usage

TokensField: TypeAlias = Literal["max_tokens", "max_completion_tokens"]
"""Where a server takes the bound of an answer."""

_MOST_TOKENS = 1 << 53


class ChatError(Exception):
    """The server's words hold no answer. `code` is the server's own, where it named an error."""

    def __init__(self, message: str, code: int | str | None = None) -> None:
        super().__init__(message)
        self.code = code


class ChatMessage(msgspec.Struct, frozen=True):
    role: str
    content: str


class ChatRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is sent. Newer OpenAI models take the bound as `max_completion_tokens`."""

    model: str
    messages: tuple[ChatMessage, ...]
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    seed: int | None = None
    response_format: dict[str, Any] | None = None


class ChatAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What came back. `cost_usd` is the server's own statement, exact as it was written.

    `written` are tokens of the input that went into a cache: for minutes, and for an hour.
    `only_tokens` is false where the tokens alone do not tell what it costs.
    """

    text: str
    model: str | None = None
    finish_reason: str | None = None
    usage: Usage | None = None
    cost_usd: Decimal | None = None
    written: tuple[int, int] = (0, 0)
    only_tokens: bool = True


class Accounts(NamedTuple):
    """What a server states in its `usage`, as far as it makes sense."""

    usage: Usage | None = None
    cost_usd: Decimal | None = None
    written: tuple[int, int] = (0, 0)
    only_tokens: bool = True


class _Message(msgspec.Struct, frozen=True):
    content: str | list[dict[str, Any]] | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct, frozen=True):
    message: _Message
    finish_reason: str | None = None


class _Body(msgspec.Struct, frozen=True):
    choices: list[_Choice] | None = None
    model: str | None = None
    usage: msgspec.Raw = msgspec.Raw(b"null")
    service_tier: Any = None
    error: Any = None


_encoder = msgspec.json.Encoder()
_bodies = msgspec.json.Decoder(_Body)
_usages = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)


def encode_request(request: ChatRequest, more: dict[str, Any] | None = None) -> bytes:
    """The body of a request; `more` are fields that only this server knows."""
    if not more:
        return _encoder.encode(request)
    return _encoder.encode(msgspec.to_builtins(request) | more)


def json_schema_format(schema: dict[str, Any], name: str = "answer") -> dict[str, Any]:
    """`response_format` that asks for JSON of this schema."""
    return {"type": "json_schema", "json_schema": {"name": name, "schema": schema}}


def decode_answer(body: bytes) -> ChatAnswer:
    """The answer in a body. Raises ChatError where there is none."""
    try:
        said = _bodies.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ChatError(f"the answer is no chat completion: {error}") from error
    if said.error:
        raise _named_error(said.error)
    if not said.choices:
        raise ChatError("the answer has no choices")
    choice = said.choices[0]
    return ChatAnswer(
        text=_text(choice),
        model=said.model,
        finish_reason=choice.finish_reason,
        **accounts(said.usage, said.service_tier)._asdict(),
    )


def error_message(body: bytes, limit: int = 300) -> str:
    """What a server says of its refusal: its message, or the beginning of whatever it sent."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return " ".join(body[:limit].decode(errors="replace").split())
    if isinstance(said, dict):
        error = said.get("error", said.get("message", said.get("detail", said)))
        return str(_named_error(error))[:limit]
    return str(said)[:limit]


def usage_of(stated: Any) -> Usage | None:
    """Tokens as a server states them; None where nothing of it makes sense."""
    return counted(stated, "prompt_tokens", "completion_tokens")


def counted(stated: Any, given: str, made: str) -> Usage | None:
    """Tokens under these names, with the details of each beside them."""
    if not isinstance(stated, dict):
        return None
    input_tokens, output_tokens = tokens(stated.get(given)), tokens(stated.get(made))
    cached = tokens(_detail(stated, f"{given}_details", "cached_tokens"))
    reasoning = tokens(_detail(stated, f"{made}_details", "reasoning_tokens"))
    if input_tokens is None and output_tokens is None:
        return None
    return Usage(
        input=input_tokens,
        output=output_tokens,
        cached=_part_of(input_tokens, cached),
        reasoning=_part_of(output_tokens, reasoning),
    )


def written(stated: Any) -> tuple[int, int]:
    """Tokens that went into a cache: for minutes, and for an hour.

    As Anthropic states them and LiteLLM passes them on, else as OpenRouter does.
    """
    said = stated if isinstance(stated, dict) else {}
    whole = tokens(said.get("cache_creation_input_tokens"))
    if whole is None:
        whole = tokens(_detail(said, "prompt_tokens_details", "cache_write_tokens")) or 0
    parts = said.get("cache_creation")
    hour = tokens(parts.get("ephemeral_1h_input_tokens")) if isinstance(parts, dict) else None
    return max(0, whole - (hour or 0)), hour or 0


_STANDARD = (None, "auto", "default", "standard")


def only_tokens(stated: Any, tier: Any = None) -> bool:
    """Whether tokens at the usual prices are all that a server charged for.

    Other tiers of service have prices of their own (flex, priority, batch), and searches of the
    server's are charged beside (https://platform.claude.com/docs/en/api/service-tiers). `tier`
    is what OpenAI states beside the usage; Anthropic states it in there.
    """
    said = stated if isinstance(stated, dict) else {}
    searches = tokens(_detail(said, "server_tool_use", "web_search_requests"))
    return tier in _STANDARD and said.get("service_tier") in _STANDARD and not searches


def tokens(stated: Any) -> int | None:
    """A count of tokens, or None for what can be no count."""
    is_count = isinstance(stated, int) and not isinstance(stated, bool)
    return stated if is_count and 0 <= stated < _MOST_TOKENS else None


def _part_of(whole: int | None, part: int | None) -> int | None:
    return part if whole is not None and part is not None and part <= whole else None


def accounts(raw: msgspec.Raw, tier: Any = None) -> Accounts:
    """Tokens and cost of an answer, out of its `usage` and the tier that is stated beside."""
    try:
        stated = _usages.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Accounts(only_tokens=only_tokens(None, tier))
    return Accounts(
        usage_of(stated), stated_usd(stated), written(stated), only_tokens(stated, tier)
    )


def cost_usd(raw: msgspec.Raw) -> Decimal | None:
    """The cost that a server states in its `usage`, in dollars."""
    return accounts(raw).cost_usd


def stated_usd(stated: dict[str, Any]) -> Decimal | None:
    """Dollars, as a server states them in its `usage`.

    Who asks OpenRouter with a key of their own pays its charge, which is `cost`, and beside it what
    the provider charges that key (https://openrouter.ai/docs/use-cases/usage-accounting).
    """
    charged = _dollars(stated.get("cost"))
    if charged is None or "cost_details" not in stated:
        return charged
    upstream = _dollars(_detail(stated, "cost_details", "upstream_inference_cost"))
    if upstream is None or stated.get("is_byok") is False:
        return charged
    return charged + upstream


def _dollars(stated: Any) -> Decimal | None:
    if isinstance(stated, bool) or not isinstance(stated, int | float | Decimal):
        return None
    try:
        cost = Decimal(str(stated))
    except InvalidOperation:
        return None
    return cost if cost.is_finite() and 0 <= cost < 1_000_000 else None


def _detail(stated: dict[str, Any], group: str, name: str) -> Any:
    details = stated.get(group)
    return details.get(name) if isinstance(details, dict) else None


def _text(choice: _Choice) -> str:
    content = choice.message.content
    if isinstance(content, str):
        return content
    if content is None:
        why = choice.message.refusal or f"finish reason {choice.finish_reason or 'unknown'}"
        raise ChatError(f"the answer holds no text: {why}")
    return "".join(str(part["text"]) for part in content if "text" in part)


def _named_error(error: Any) -> ChatError:
    if not isinstance(error, dict):
        return ChatError(str(error))
    code = error.get("code")
    message = error.get("message") or msgspec.json.encode(error).decode()
    return ChatError(str(message), code if isinstance(code, int | str) else None)
