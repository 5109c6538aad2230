"""All of a home in one zip, but the index: that is a cache and is made again."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from ..errors import BadInput, HomeUnusable
from .home import Home
from .own_files import open_own

if TYPE_CHECKING:
    from zipfile import ZipFile

COPY_BYTES = 1 << 20
FIRST_DATE = (1980, 1, 1, 0, 0, 0)
"""A zip knows no earlier one."""
Told = Callable[[int, int], None]


class Backup(msgspec.Struct, frozen=True):
    """What was put into the zip; `skipped` could not be read or had gone."""

    files: int
    bytes: int
    skipped: tuple[str, ...]


def backup(home: Home, out: Path, told: Told = lambda done, total: None) -> Backup:
    """Write the zip. `told` hears of bytes done and in all.

    The zip is there when it is whole, not before. Raises BadInput when it exists already or the
    home does not, HomeUnusable when it cannot be written.
    """
    from zipfile import ZIP_DEFLATED, ZipFile  # costs 10 ms, and recording passes by this door

    if not home.path.is_dir():
        raise BadInput(f"there is no home at {home.path}: nothing to back up")
    if out.exists():
        raise BadInput(f"{out} exists already; choose another name or remove it first")
    beside = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with ZipFile(beside, "x", ZIP_DEFLATED, compresslevel=1) as into:
            made = _copy_all(home, into, (_real(out), _real(beside)), told)
        _put_in_place(beside, out)
    except OSError as error:
        raise HomeUnusable(f"cannot write {out}: {error.strerror or error}") from error
    finally:
        beside.unlink(missing_ok=True)
    return made


def _copy_all(home: Home, into: ZipFile, leave_out: tuple[Path, ...], told: Told) -> Backup:
    top = home.path.resolve()  # the home may be a link, and what lies in it is not
    files = [path for path in _files(top, home.db.name) if path not in leave_out]
    total = sum(_size(path) for path in files)
    skipped: list[str] = []
    done = 0
    told(0, total)
    for path in files:
        name = path.relative_to(top).as_posix()
        try:
            content = open_own(path)
        except OSError:
            skipped.append(name)  # it has gone meanwhile, or is no file of the home's own
            continue
        with content:
            done += _copy(content, into, name)
        told(done, total)
    return Backup(len(files) - len(skipped), done, tuple(skipped))


def _copy(content: BinaryIO, into: ZipFile, name: str) -> int:
    """As much as there was when the file was opened: one that grows does not grow for ever."""
    from zipfile import ZIP_DEFLATED, ZipInfo

    seen = os.fstat(content.fileno())
    entry = ZipInfo(name, max(time.localtime(seen.st_mtime)[:6], FIRST_DATE))
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = (seen.st_mode & 0xFFFF) << 16
    left = seen.st_size
    with into.open(entry, "w", force_zip64=left > 1 << 30) as target:
        while left and (block := content.read(min(left, COPY_BYTES))):
            target.write(block)
            left -= len(block)
    return seen.st_size - left


def _files(top: Path, index: str) -> Iterator[Path]:
    """Every file of the home; of the index and what SQLite keeps beside it none."""
    for folder, folders, names in os.walk(top):
        folders.sort()
        here = Path(folder)
        for name in sorted(names):
            path = here / name
            if not (here == top and name.startswith(index)) and path.is_file():
                yield path


def _real(path: Path) -> Path:
    return path.parent.resolve() / path.name


def _put_in_place(beside: Path, out: Path) -> None:
    """Never over a file that came meanwhile."""
    try:
        out.hardlink_to(beside)
    except FileExistsError:
        raise
    except OSError:
        beside.rename(out)  # a disk without hard links


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
