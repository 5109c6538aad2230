"""What the prompts of a turn tell: its messages, the question, and whether it was compacted."""

from __future__ import annotations

import re
from typing import Any

import msgspec

_ASKED = (
    re.compile(r"^Answer the following: (.*?)\n\nYour context is ", re.DOTALL),
    re.compile(r'to answer the original prompt: "(.*?)"\.\n\nContinue using', re.DOTALL),
)
_COMPACTED = re.compile(r"^Your conversation has been compacted (\d+) time")


class Prompts:
    """Of the turns of one RLM, in order. Messages that were there before cost a comparison."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.texts: list[str] = []
        self._raws: list[bytes] = []

    def take(self, prompt: msgspec.Raw) -> None:
        """The prompt of the next turn: `messages`, and the `texts` that name them in a run."""
        raws = _parts(prompt)
        same = 0
        for before, now in zip(self._raws, raws, strict=False):
            if before != now:
                break
            same += 1
        self.messages = self.messages[:same] + [_message(raw) for raw in raws[same:]]
        self.texts = self.texts[:same] + [
            msgspec.json.encode(message).decode() for message in self.messages[same:]
        ]
        self._raws = raws

    @property
    def last(self) -> str:
        """The text of the last message."""
        return _content(self.messages[-1]) if self.messages else ""

    @property
    def question(self) -> str | None:
        """What the RLM is asked, where it is asked anything beside its context."""
        for message in self.messages:
            for asked in _ASKED:
                if found := asked.search(_content(message)):
                    return found[1]
        return None

    @property
    def compactions(self) -> tuple[int, str]:
        """How often the history was summed up so far, and the last summary."""
        for before, message in zip(self.messages, self.messages[1:], strict=False):
            if found := _COMPACTED.match(_content(message)):
                return int(found[1]), _content(before)
        return 0, ""


def _parts(prompt: msgspec.Raw) -> list[bytes]:
    try:
        return [bytes(part) for part in msgspec.json.decode(prompt, type=list[msgspec.Raw])]
    except msgspec.DecodeError:
        return [] if bytes(prompt) == b"null" else [bytes(prompt)]


def _message(raw: bytes) -> dict[str, Any]:
    said = msgspec.json.decode(raw)
    return said if isinstance(said, dict) else {"role": "user", "content": said}


def _content(message: dict[str, Any]) -> str:
    content = message.get("content")
    return content if isinstance(content, str) else msgspec.json.encode(content).decode()
