"""What rlmboard can read, and how each is known by what is in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ...formats.agents import ClaudeCode, Codex
from ...formats.foreign import Reader
from ...formats.loose import mapping, name
from ...formats.rlm_logs import RlmLogReader, recognises
from .local_zone import LocalZone

_CLAUDE_KINDS = frozenset(
    {
        "assistant",
        "attachment",
        "file-history-snapshot",
        "permission-mode",
        "progress",
        "queue-operation",
        "system",
        "user",
    }
)


class LineFormat(NamedTuple):
    """A format of JSON lines. `fits` is asked of each of the first lines of a file."""

    title: str
    fits: Callable[[Mapping[str, Any]], bool]
    reader: Callable[[], Reader]


def _is_claude_code(line: Mapping[str, Any]) -> bool:
    return (
        line.get("type") in _CLAUDE_KINDS
        and name(line.get("sessionId")) is not None
        and ("uuid" in line or "message" in line or "parentUuid" in line)
    )


def _is_codex(line: Mapping[str, Any]) -> bool:
    payload = mapping(line.get("payload"))
    return line.get("type") == "session_meta" and name(payload.get("id")) is not None


LINE_FORMATS: Sequence[LineFormat] = (
    LineFormat("Claude Code sessions", _is_claude_code, ClaudeCode),
    LineFormat("Codex sessions", _is_codex, Codex),
    LineFormat("rlms logs", recognises, lambda: RlmLogReader(LocalZone())),
)
