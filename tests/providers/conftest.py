"""Passages and requests, as the conductor would make them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rlmboard.conductor.provider import Request
from rlmboard.sources import Passage
from rlmboard.trace import SpanRef, content_hash


@pytest.fixture
def passage() -> Callable[..., Passage]:
    """A passage whose span is true of a file that begins with `before`."""

    def made(text: str, path: str = "notes.md", before: str = "") -> Passage:
        content, start = text.encode(), len(before.encode())
        first = 1 + before.count("\n")
        span = SpanRef(
            id=f"{path}:{first}",
            path=path,
            start_line=first,
            end_line=first + text.rstrip("\n").count("\n"),
            start_byte=start,
            end_byte=start + len(content),
            content_hash=content_hash(content),
        )
        return Passage(text, span)

    return made


@pytest.fixture
def request_for() -> Callable[..., Request]:
    def made(query: str = "why?", *passages: Passage, **fields: Any) -> Request:
        prompt = query + "".join(passage.text for passage in passages)
        known: dict[str, Any] = {"key": "q/0/0", "prompt": prompt, "query": query}
        return Request(**known | {"passages": passages} | fields)

    return made
