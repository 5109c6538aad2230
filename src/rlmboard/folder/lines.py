"""Appending a line to a file that others append to as well: one write, never inside theirs."""

from __future__ import annotations

import errno
import os

from .descriptor import Descriptor

datasync = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync
APPEND = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC


def open_append(path: str | os.PathLike[str]) -> Descriptor:
    """A file that is only appended to. A last line that a kill left unfinished is ended first."""
    file = Descriptor(os.open(path, APPEND, 0o644))
    try:
        end_last_line(file.number)
    except OSError:
        pass  # a full disk: the first append says so, and is counted there
    return file


def end_last_line(file: int) -> None:
    size = os.fstat(file).st_size
    if size and os.pread(file, 1, size - 1) != b"\n":
        os.write(file, b"\n")


def append_line(file: int, line: bytes) -> None:
    """One line in one write. Raises OSError, also when only a part of it found room."""
    end_last_line(file)
    whole = line + b"\n"
    written = os.write(file, whole)
    if written != len(whole):
        raise OSError(errno.ENOSPC, f"only {written} of {len(whole)} bytes were written")
