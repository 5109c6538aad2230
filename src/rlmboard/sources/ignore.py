"""What git is told to leave out, folder by folder: `.gitignore` and `.git/info/exclude`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pathspec import GitIgnoreSpec

from .places import relative


class Ignored:
    """The patterns that hold in one folder: its own, then those of the folders above."""

    def __init__(self, folder: str, above: Ignored | None, names: tuple[str, ...]) -> None:
        self.folder = folder
        self.above = above
        self._specs = [spec for name in names if (spec := _spec(Path(folder, name)))]

    @classmethod
    def below(cls, root: str | None, folder: str) -> Ignored:
        """What holds in `folder`, by all folders from `root` down to it."""
        if root is None or root == folder:
            return cls(folder, None, (".gitignore", ".git/info/exclude"))
        return cls.below(root, str(Path(folder).parent)).within(folder)

    def within(self, folder: str) -> Ignored:
        """What holds in a folder below this one; this very object where nothing is added."""
        inner = Ignored(folder, self, (".gitignore",))
        return inner if inner._specs else self

    def hides(self, file: str, is_folder: bool) -> bool:
        """Whether a file or folder is left out: the deepest pattern that speaks of it decides."""
        for level in self._levels():
            name = relative(file, level.folder) + ("/" if is_folder else "")
            for spec in level._specs:
                verdict = spec.check_file(name).include
                if verdict is not None:
                    return verdict
        return False

    def _levels(self) -> Iterator[Ignored]:
        level: Ignored | None = self
        while level is not None:
            yield level
            level = level.above


def _spec(file: Path) -> GitIgnoreSpec | None:
    try:
        lines = file.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:  # one pattern that makes no sense does not undo the others
        return GitIgnoreSpec.from_lines(line for line in lines if _makes_sense(line))


def _makes_sense(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
