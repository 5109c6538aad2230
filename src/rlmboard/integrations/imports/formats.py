"""What rlmboard can read line by line, and how each format is known by what is in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from ...formats.agents import ClaudeCode, Codex
from ...formats.foreign import Reader
from ...formats.loose import mapping, name, text
from ...formats.rlm_logs import RlmLogReader, recognises
from ...formats.trajectories import (
    AdkRlm,
    FastRlm,
    RecursiveLlm,
    RlmCode,
    adk_rlm,
    fast_rlm,
    rlm_code,
)
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
    """A format of JSON lines. `fits` is asked of each of the first lines of a file.

    `reader` is given the time at which the file was changed last.
    """

    title: str
    fits: Callable[[Mapping[str, Any]], bool]
    reader: Callable[[datetime], Reader]


def _is_claude_code(line: Mapping[str, Any]) -> bool:
    return (
        text(line.get("type")) in _CLAUDE_KINDS
        and name(line.get("sessionId")) is not None
        and ("uuid" in line or "message" in line or "parentUuid" in line)
    )


def _is_codex(line: Mapping[str, Any]) -> bool:
    payload = mapping(line.get("payload"))
    return line.get("type") == "session_meta" and name(payload.get("id")) is not None


def _is_recursive_llm(line: Mapping[str, Any]) -> bool:
    return {"schema_version", "termination_reason", "trajectory"} <= line.keys()


def _is_fast_rlm(line: Mapping[str, Any]) -> bool:
    return text(line.get("event_type")) in fast_rlm.KINDS and "depth" in line and "run_id" in line


def _is_rlm_code(line: Mapping[str, Any]) -> bool:
    return text(line.get("event_type")) in rlm_code.KINDS and {"run_id", "timestamp"} <= line.keys()


CLAUDE_CODE = LineFormat("Claude Code sessions", _is_claude_code, lambda _: ClaudeCode())

LINE_FORMATS: Sequence[LineFormat] = (
    CLAUDE_CODE,
    LineFormat("Codex sessions", _is_codex, lambda _: Codex()),
    LineFormat("adk_rlm logs", adk_rlm.recognises, lambda _: AdkRlm(LocalZone())),
    LineFormat("rlms logs", recognises, lambda _: RlmLogReader(LocalZone())),
    LineFormat("recursive-llm records", _is_recursive_llm, RecursiveLlm),
    LineFormat("fast-rlm logs", _is_fast_rlm, lambda _: FastRlm()),
    LineFormat("rlm-code trajectories", _is_rlm_code, lambda _: RlmCode()),
)
