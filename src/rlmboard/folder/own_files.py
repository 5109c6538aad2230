"""Files of a run folder, which may come from anywhere: none leads to a file elsewhere."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""Follows no link and waits for no pipe."""


def open_own(path: Path) -> BinaryIO:
    """A regular file that lies there itself, opened to be read. Raises OSError."""
    descriptor = os.open(path, READ)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return os.fdopen(descriptor, "rb")


def read_own(path: Path) -> bytes:
    """All of a regular file that lies there itself. Raises OSError."""
    with open_own(path) as file:
        return file.read()


def own_size(path: Path) -> int:
    """Bytes of a regular file that lies there itself. Raises OSError."""
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return status.st_size
