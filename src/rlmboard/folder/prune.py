"""Removing the whole texts of a run: what happened stays, what was said word for word goes."""

from __future__ import annotations

import functools
import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from ..errors import HomeUnusable
from ..trace import json_decoder
from .own_files import own_names
from .run_folder import RunFolder, read_bytes, size_of, write_whole
from .trash import refuse_if_alive

_HASH = re.compile(r"[0-9a-f]{64}")


class Pruned(msgspec.Struct, frozen=True):
    """What `artifacts/pruned.json` says: when texts were removed last, and how much in all."""

    at: datetime
    bytes: int


def payload_bytes(folder: RunFolder) -> int:
    """The room that the whole texts of a run take."""
    return sum(map(size_of, _bodies(folder)))


def prune_payloads(folder: RunFolder, now: datetime | None = None) -> int:
    """Remove the whole texts; the bytes that this gave back.

    What was removed reads as removed from then on: `pruned.json` stands in its place. Raises
    BadInput for a run that is being recorded, HomeUnusable when it cannot be done.
    """
    refuse_if_alive(folder, "pruned")
    bodies = _bodies(folder)
    freed = sum(map(size_of, bodies))
    if not freed:
        return 0
    before = read_pruned(folder)
    said = Pruned(now or datetime.now(UTC), freed + (before.bytes if before else 0))
    try:
        write_whole(folder.pruned, msgspec.json.encode(said))
        for body in bodies:
            body.unlink(missing_ok=True)
    except OSError as error:
        raise HomeUnusable(f"cannot prune {folder.path}: {error.strerror or error}") from error
    return freed


@functools.cache
def _pruned() -> msgspec.json.Decoder[Pruned]:
    return json_decoder(Pruned)


def read_pruned(folder: RunFolder) -> Pruned | None:
    """What was removed; None where nothing was."""
    try:
        return _pruned().decode(read_bytes(folder.pruned) or b"")
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _bodies(folder: RunFolder) -> list[Path]:
    """`payloads.jsonl` and the files named by hash; what a user kept lies in `files/` and stays."""
    names = own_names(folder.artifacts)
    wanted = (name for name in names if name == folder.payloads.name or _HASH.fullmatch(name))
    return [folder.artifacts / name for name in sorted(wanted)]
