"""A file kept open inside somebody else's program, which may close what it does not know."""

from __future__ import annotations

import fcntl
import os

FAR = 200
"""Programs get the lowest free numbers for their files; ours lie beyond most of them."""


class Descriptor:
    """A descriptor, and the proof that its number still means the file that we opened.

    A daemon closes every number, and its next file gets one of them. Where we look first, we never
    write to, sync or close a file of somebody else; where that would cost too much, the number lies
    so far out that it is not given again soon, and a write to it fails.
    """

    def __init__(self, file: int) -> None:
        self.number = _far_out(file)
        status = os.fstat(self.number)
        self._identity = (status.st_dev, status.st_ino)

    def is_ours(self) -> bool:
        if self.number < 0:
            return False
        try:
            status = os.fstat(self.number)
        except OSError:
            return False
        return (status.st_dev, status.st_ino) == self._identity

    def close(self) -> None:
        """Never raises; once is enough."""
        if self.is_ours():
            os.close(self.number)
        self.number = -1


def _far_out(file: int) -> int:
    try:
        far = fcntl.fcntl(file, fcntl.F_DUPFD_CLOEXEC, FAR)
    except OSError:
        return file  # this process may not open so many
    os.close(file)
    return far
