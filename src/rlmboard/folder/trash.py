"""Runs that were removed: kept for a week, so that a removal can be taken back."""

from __future__ import annotations

import functools
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from ..errors import BadInput, HomeUnusable
from ..trace import json_decoder
from .home import Home
from .run_folder import RunFolder, read_bytes, write_whole

KEPT_DAYS = 7


class Thrown(msgspec.Struct, frozen=True):
    """A run in the trash, and when it was thrown there (UTC)."""

    run_id: str
    at: datetime


class _Slip(msgspec.Struct):
    at: datetime


def refuse_if_alive(folder: RunFolder, what: str) -> None:
    """Raises BadInput when the run is being recorded, here or, as far as is known, elsewhere."""
    if folder.liveness() in ("owned", "fresh"):
        how = f"rlmboard cancel {folder.run_id}" if folder.hears_stop() else "where it runs"
        raise BadInput(
            f"run {folder.run_id} is still running and cannot be {what}; stop it first: {how}"
        )


def throw_away(home: Home, run_id: str, now: datetime | None = None) -> None:
    """Move a run to the trash. Raises BadInput for one that runs, HomeUnusable when it fails."""
    folder = home.run(run_id)
    refuse_if_alive(folder, "removed")
    try:
        home.trash.mkdir(exist_ok=True)
        _erase(home.trash / run_id)
        slip = msgspec.json.encode(_Slip(now or datetime.now(UTC)))
        write_whole(_slip(home, run_id), slip)
        folder.path.rename(home.trash / run_id)
    except OSError as error:
        raise _unusable(home, error) from error
    home.unmark(run_id)


def take_back(home: Home, run_id: str) -> None:
    """Out of the trash again. Raises BadInput when it is not there, or its place was taken."""
    place = home.trash / run_id
    if not place.is_dir():
        raise BadInput(f"there is no run {run_id} in the trash; it is emptied after a week")
    folder = home.run(run_id)
    if folder.exists():
        raise BadInput(f"a run {run_id} exists again; remove that one first")
    try:
        home.make()
        home.mark(run_id)
        place.rename(folder.path)
        _slip(home, run_id).unlink(missing_ok=True)
    except OSError as error:
        raise _unusable(home, error) from error


def thrown_away(home: Home) -> list[Thrown]:
    """What lies in the trash, the latest first."""
    try:
        names = [entry.name for entry in os.scandir(home.trash) if entry.is_dir()]
    except OSError:
        return []
    found = [Thrown(name, _when(home, name)) for name in names]
    return sorted(found, key=lambda thrown: (thrown.at, thrown.run_id), reverse=True)


def empty_trash(home: Home, now: datetime | None = None) -> list[str]:
    """Erase what was thrown away more than a week ago; which runs these were."""
    before = (now or datetime.now(UTC)) - timedelta(days=KEPT_DAYS)
    old = [thrown.run_id for thrown in thrown_away(home) if thrown.at < before]
    for run_id in old:
        _erase(home.trash / run_id)
        _slip(home, run_id).unlink(missing_ok=True)
    return old


def _slip(home: Home, run_id: str) -> Path:
    return home.trash / f"{run_id}.json"


@functools.cache
def _slips() -> msgspec.json.Decoder[_Slip]:
    return json_decoder(_Slip)


def _when(home: Home, run_id: str) -> datetime:
    """As the slip says; as the folder does where the slip was lost."""
    try:
        at = _slips().decode(read_bytes(_slip(home, run_id)) or b"").at
    except (msgspec.DecodeError, UnicodeDecodeError):
        at = datetime.fromtimestamp((home.trash / run_id).stat().st_ctime, UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _erase(place: Path) -> None:
    from shutil import rmtree  # loads compressors, and recording passes by this door

    rmtree(place, ignore_errors=True)


def _unusable(home: Home, error: OSError) -> HomeUnusable:
    return HomeUnusable(f"cannot write to {home.path}: {error.strerror or error}")
