"""What a scripted server answers: one answer, or one fault, in the words of any protocol."""

from __future__ import annotations

from typing import Any

import msgspec

_USAGE = {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}


class _Words(msgspec.Struct, frozen=True):
    """What anyone states first: `Reply("Paris")`."""

    text: str = "ok"


class Reply(_Words, frozen=True, kw_only=True):
    """One answer of a scripted server, or one fault. Its text may stand first and alone.

    `raw` is sent instead of an answer in the protocol's words. `cut_after` closes the connection
    after so many bytes of the body. `hangs` never answers. `delay_s` is waited before the answer,
    `piece_delay_s` between the pieces of a streamed one, which are `piece_chars` long. `usage` is
    stated as it is, true or not, in the words of chat completions, and translated for the other
    protocols; `None` leaves it out. `cost` is stated in `usage.cost`, in dollars. `tool_calls` are
    `{"id", "name", "arguments"}`, the arguments a JSON text.
    """

    status: int = 200
    headers: dict[str, str] = {}
    delay_s: float = 0.0
    piece_delay_s: float = 0.0
    piece_chars: int = 16
    hangs: bool = False
    raw: bytes | None = None
    cut_after: int | None = None
    usage: dict[str, Any] | None = msgspec.field(default_factory=lambda: dict(_USAGE))
    cost: float | None = None
    finish_reason: str = "stop"
    tool_calls: tuple[dict[str, str], ...] = ()

    @classmethod
    def counting(
        cls,
        text: str,
        input: int,
        output: int,
        *,
        cached: int | None = None,
        reasoning: int | None = None,
        **more: Any,
    ) -> Reply:
        """An answer with these tokens; `cached` are some of `input`, `reasoning` of `output`."""
        usage: dict[str, Any] = {
            "prompt_tokens": input,
            "completion_tokens": output,
            "total_tokens": input + output,
        }
        if cached is not None:
            usage["prompt_tokens_details"] = {"cached_tokens": cached}
        if reasoning is not None:
            usage["completion_tokens_details"] = {"reasoning_tokens": reasoning}
        return cls(text=text, usage=usage, **more)

    @classmethod
    def refused(cls, status: int, message: str = "refused", **more: Any) -> Reply:
        """An error as these servers word it."""
        said = {"error": {"message": message, "type": "scripted", "code": None}}
        return cls(status=status, raw=msgspec.json.encode(said), usage=None, **more)

    @classmethod
    def too_many_requests(cls, retry_after: str | None = None) -> Reply:
        """HTTP 429, with Retry-After where given: seconds or an HTTP date."""
        headers = {} if retry_after is None else {"Retry-After": retry_after}
        return cls.refused(429, "too many requests", headers=headers)

    @classmethod
    def huge(cls, size_bytes: int = 10_000_000) -> Reply:
        """A good answer, far too long."""
        return cls(text="x" * size_bytes)

    @classmethod
    def invalid_json(cls) -> Reply:
        return cls(raw=b'{"choices": [{"message": ')

    @classmethod
    def cut_off(cls, after: int = 20) -> Reply:
        """An answer whose connection closes in the middle of it."""
        return cls(cut_after=after)

    @property
    def pieces(self) -> list[str]:
        """The text as a stream tells it."""
        step = max(1, self.piece_chars)
        return [self.text[at : at + step] for at in range(0, len(self.text), step)] or [""]
