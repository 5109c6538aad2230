"""Files of a run folder, which may come from anywhere: none leads to a file elsewhere."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""Follows no link and waits for no pipe."""


INNER = ("artifacts", "files")
"""Folders within the folder of a run."""


def open_own(path: Path) -> BinaryIO:
    """A regular file that lies there itself, opened to be read. Raises OSError."""
    _refuse_if_led_elsewhere(path)
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
    _refuse_if_led_elsewhere(path)
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return status.st_size


def own_names(folder: Path) -> list[str]:
    """The regular files that lie in this folder itself; none where it cannot be read."""
    try:
        _refuse_if_led_elsewhere(folder / "any")
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
    except OSError:
        return []


def _refuse_if_led_elsewhere(path: Path) -> None:
    """Raises OSError where a folder between the run's own and the file is a link."""
    folder = path.parent
    while folder.name in INNER:
        if folder.is_symlink():
            raise OSError(errno.ELOOP, "a link stands in its place", str(folder))
        folder = folder.parent
