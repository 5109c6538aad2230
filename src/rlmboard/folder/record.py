"""`config.json`: how a run was asked to go, and who started it where."""

from __future__ import annotations

import functools
from typing import Any

import msgspec

from ..trace import RunConfig, json_decoder, plain


class RunRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What `config.json` holds. `monotonic_ns` is the run's zero on this boot's monotonic clock.

    `root` is the folder that relative paths of SpanRefs start from; `seal` shows that it was this
    home which recorded the run there. `git`, `packages` and `seal` come a moment after the run has
    begun: they are found out beside it.
    """

    format: int = 0
    run_id: str
    query: str = ""
    config: RunConfig = RunConfig()
    started_at: str = ""
    monotonic_ns: int = 0
    boot_id: str | None = None
    pid: int | None = None
    host: str | None = None
    user: str | None = None
    argv: tuple[str, ...] = ()
    cwd: str | None = None
    root: str | None = None
    seal: str | None = None
    python: str | None = None
    platform: str | None = None
    rlmboard: str | None = None
    git: dict[str, Any] | None = None
    packages: dict[str, str] | None = None
    parent_run_id: str | None = None
    parent_id: str | None = None
    producer: str = "sdk"
    payloads: str = "full"


@functools.cache
def _records() -> msgspec.json.Decoder[RunRecord]:
    return json_decoder(RunRecord)


def encode_record(record: RunRecord) -> bytes:
    """Total: a path or argument that is not UTF-8 is written as near as can be."""
    return msgspec.json.format(msgspec.json.encode(plain(record)), indent=2) + b"\n"


def decode_record(raw: bytes) -> RunRecord | None:
    """The record, or None where the bytes are none."""
    try:
        return _records().decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
