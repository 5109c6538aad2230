"""OpenAI's embeddings as they pass: the vectors are nobody's reading, the tokens are."""

from __future__ import annotations

from typing import Any

import msgspec

from ..chat import accounts
from .chat import named
from .turns import NOTHING, UNREADABLE, text_of, value_of
from .values import Asked, Said, failure, unread


class _Request(msgspec.Struct, frozen=True, gc=False):
    model: Any = None
    input: msgspec.Raw = NOTHING


class _Answer(msgspec.Struct, frozen=True, gc=False):
    data: list[msgspec.Raw] | None = None
    model: Any = None
    usage: msgspec.Raw = NOTHING
    error: Any = None


_requests = msgspec.json.Decoder(_Request)
_answers = msgspec.json.Decoder(_Answer)


def read_request(body: bytes) -> Asked:
    """Raises what msgspec raises."""
    said = _requests.decode(body)
    given = value_of(said.input)
    texts = [one for one in given if isinstance(one, str)] if isinstance(given, list) else []
    text = given if isinstance(given, str) else (texts[-1] if texts else text_of(given))
    whole = tuple(texts) or ((given,) if isinstance(given, str) else ())
    return Asked(
        model=named(said.model),
        messages=tuple(msgspec.json.encode({"input": one}).decode() for one in whole),
        text=text,
        max_tokens=0,
    )


def read_answer(body: bytes) -> Said:
    """What a whole body says. Total."""
    try:
        said = _answers.decode(body)
    except UNREADABLE as error:
        return unread(error)
    if said.error:
        return Said(error=failure(said.error))
    count = len(said.data or ())
    return Said(
        text=f"{count} vector{'s' if count != 1 else ''}",
        model=named(said.model),
        **accounts(said.usage)._asdict(),
    )
