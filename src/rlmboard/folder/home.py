"""The home folder: all runs of one person, and what readers keep beside them."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ..errors import BadInput, HomeUnusable
from .run_folder import RunFolder

DEFAULT = "~/.openagents/rlm"
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


def valid_run_id(run_id: str) -> str:
    """The id itself. Raises BadInput when it could not be the name of a folder."""
    if not _RUN_ID.fullmatch(run_id):
        raise BadInput(
            f"'{run_id}' cannot be a run id: use letters, digits, '.', '_' and '-', "
            "at most 128, beginning with a letter or digit"
        )
    return run_id


class Home:
    """`$RLMBOARD_HOME`, else `~/.openagents/rlm`; always absolute. Looking makes nothing."""

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        chosen = path or os.environ.get("RLMBOARD_HOME") or DEFAULT
        self.path = Path(os.path.abspath(os.path.expanduser(chosen)))  # noqa: PTH100, PTH111
        self.runs = self.path / "runs"
        self.live = self.path / "live"
        self.experiments = self.path / "experiments"
        self.views = self.path / "views"
        self.trash = self.path / "trash"
        self.rate = self.path / "rate.json"
        self.db = self.path / "rlm.db"

    def __repr__(self) -> str:
        return f"Home({str(self.path)!r})"

    def make(self) -> None:
        """The folders that a new run needs, readable by their owner alone. Raises HomeUnusable."""
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.runs.mkdir(exist_ok=True)
            self.live.mkdir(exist_ok=True)
        except OSError as error:
            raise HomeUnusable(
                f"cannot write to {self.path}: {error.strerror or error}; "
                "set RLMBOARD_HOME to a folder of yours"
            ) from error

    def run(self, run_id: str) -> RunFolder:
        """The folder of a run, whether it exists or not."""
        return RunFolder(self.runs / valid_run_id(run_id))

    def run_ids(self) -> list[str]:
        """Every run that has a folder, the oldest first."""
        return sorted(_names(self.runs, folders=True))

    def live_ids(self) -> list[str]:
        """Runs that have not ended, or have but are not indexed yet."""
        return sorted(_names(self.live))

    def mark(self, run_id: str) -> None:
        """Ask readers to look at this run again."""
        marker = self.live / run_id
        try:
            marker.touch()
        except FileNotFoundError:
            self.live.mkdir(parents=True, exist_ok=True)
            marker.touch()

    def unmark(self, run_id: str) -> None:
        (self.live / run_id).unlink(missing_ok=True)


def _names(folder: Path, folders: bool = False) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [
                entry.name
                for entry in entries
                if _RUN_ID.fullmatch(entry.name) and (not folders or entry.is_dir())
            ]
    except OSError:
        return []
