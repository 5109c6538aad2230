"""Where new runs are built until they are whole: a folder of one import, that nobody else looks at.

It lies beside the runs, so that one rename puts a run into place, and its import holds its lock for
as long as it lives, so that nobody takes it for left behind.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from ...folder import Home, Owner, Pulse, RunFolder, boot_id, host, take

PREFIX = ".importing-"


class Aside:
    """Made when the first run is built in it. Raises OSError."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._folder: Path | None = None
        self._owner: Owner | None = None

    def place(self, run_id: str) -> RunFolder:
        """A new folder for a run."""
        if self._folder is None or not self._folder.is_dir():
            self.clear()
            self._folder = self._make()
        if self._owner is not None:
            self._owner.beat()
        place = self._folder / run_id
        place.mkdir()
        return RunFolder(place)

    def _make(self) -> Path:
        self._home.make()
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=self._home.runs))
        pulse = Pulse(pid=os.getpid(), boot_id=boot_id(), host=host())
        self._owner = take(RunFolder(folder).heartbeat, pulse)
        return folder

    def clear(self) -> None:
        """What is left in it goes."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
        if self._owner is not None:
            self._owner.release()
            self._owner = None


def sweep(home: Home) -> None:
    """Take away what imports left behind that were killed."""
    for path in home.runs.glob(f"{PREFIX}*"):
        if path.is_dir() and RunFolder(path).liveness() in ("free", "stale"):
            shutil.rmtree(path, ignore_errors=True)
