"""What git says of a place: never asks, never locks, never waits for long.

What a citation needs (top level, head commit) is read from git's own files in microseconds; what
only git can tell is asked of the `git` command. Where there is no repository or no git, the answer
is None.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from io import FileIO
from typing import IO, NamedTuple

from .places import StrPath, printable, real

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_ELSEWHERE = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_WORK_TREE",
)
"""Variables that would turn git to another repository than the one asked about (set in hooks)."""


class GitState(NamedTuple):
    """A repository at one moment. `dirty`: tracked files differ from the commit."""

    root: str
    commit: str | None
    branch: str | None
    dirty: bool | None


def top_level(path: StrPath) -> str | None:
    """The real path of the working tree that holds `path`, found by its `.git`."""
    folder = real(path)
    while not _holds_git(folder):
        if folder == os.sep:
            return None
        folder = folder.rpartition(os.sep)[0] or os.sep
    return folder


def git_state(path: StrPath, timeout_s: float = 5.0) -> GitState | None:
    """Commit, branch and dirt of the repository that holds `path`; as slow as `git status`."""
    root = top_level(path)
    if root is None:
        return None
    return GitState(root, head_commit(root), head_branch(root), _dirty(root, timeout_s))


def head_commit(path: StrPath) -> str | None:
    """The commit that is checked out where `path` lies; None before the first one."""
    folders = _git_folders(path)
    if folders is None:
        return None
    own, shared = folders
    if os.access(f"{shared}/reftable", os.F_OK):  # refs that only git can read
        return _commit(_said(own, "rev-parse", "--verify", "HEAD"))
    head = _read(f"{own}/HEAD")
    for _ in range(5):  # git too stops at five steps from name to name
        if not head.startswith("ref:"):
            return _commit(head)
        head = _ref(own, shared, head.removeprefix("ref:").strip())
    return None


def head_branch(path: StrPath) -> str | None:
    """The branch that is checked out where `path` lies; None when the head is detached."""
    folders = _git_folders(path)
    head = _read(f"{folders[0]}/HEAD") if folders else ""
    named = head.startswith("ref: refs/heads/")
    return printable(head.removeprefix("ref: refs/heads/")) if named else None


def blob(root: str, commit: str, path: str, timeout_s: float = 30.0) -> IO[bytes] | None:
    """A file as `commit` has it, opened; `path` is its name on disk below `root`. Any size."""
    import tempfile

    if not _COMMIT.fullmatch(commit):
        return None
    content = tempfile.TemporaryFile()  # noqa: SIM115  the caller closes it
    if _git(root, "cat-file", "blob", f"{commit}:{path}", into=content, timeout_s=timeout_s):
        content.seek(0)
        return content
    content.close()
    return None


def _holds_git(folder: str) -> bool:
    try:
        mode = os.stat(f"{folder}/.git").st_mode  # noqa: PTH116  a path object would take longer
    except OSError:
        return False
    return stat.S_ISREG(mode) or os.access(f"{folder}/.git/HEAD", os.F_OK)


def _git_folders(path: StrPath) -> tuple[str, str] | None:
    """The git folder of the working tree, and the one that its worktrees share."""
    root = top_level(path)
    if root is None:
        return None
    own = f"{root}/.git"
    pointer = _read(own)
    if pointer:
        own = _below(root, pointer.removeprefix("gitdir:").strip())
    return own, _below(own, _read(f"{own}/commondir"))


def _below(folder: str, path: str) -> str:
    return path if path.startswith(os.sep) else f"{folder}/{path}" if path else folder


def _ref(own: str, shared: str, name: str) -> str:
    return _read(f"{own}/{name}") or _read(f"{shared}/{name}") or _packed(shared, name)


def _packed(shared: str, name: str) -> str:
    for line in _read(f"{shared}/packed-refs").splitlines():
        commit, _, packed_name = line.partition(" ")
        if packed_name == name:
            return commit
    return ""


def _read(file: str) -> str:
    try:
        with FileIO(file) as content:
            return os.fsdecode(content.read()).strip()
    except (OSError, ValueError):
        return ""


def _commit(text: str) -> str | None:
    return text if _COMMIT.fullmatch(text) else None


def _dirty(root: str, timeout_s: float) -> bool | None:
    """By `git status`, without the hooks and programs that a repository may name for it."""
    with _scratch() as changes:
        asked = ("status", "--porcelain", "--untracked-files=no", "--ignore-submodules")
        if not _git(root, "-c", "core.fsmonitor=false", *asked, into=changes, timeout_s=timeout_s):
            return None
        return os.fstat(changes.fileno()).st_size > 0


def _said(folder: str, *words: str) -> str:
    with _scratch() as answer:
        if not _git(folder, *words, into=answer, timeout_s=5.0):
            return ""
        answer.seek(0)
        return answer.read(1000).decode(errors="replace").strip()


def _scratch() -> IO[bytes]:
    """A file for a short answer: `tempfile` alone would cost each recorded run 8 ms."""
    if sys.platform == "linux":
        return os.fdopen(os.memfd_create("git"), "w+b")
    import tempfile

    return tempfile.TemporaryFile()


def _git(folder: str, *words: str, into: IO[bytes], timeout_s: float) -> bool:
    """Whether git answered; its output goes to a file, so that no size of it can fill memory."""
    import subprocess

    try:
        done = subprocess.run(  # noqa: S603  no shell, fixed words
            ["git", *words],  # noqa: S607  the git that the user has
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=into,
            stderr=subprocess.DEVNULL,
            timeout=timeout_s,
            check=False,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def _environment() -> dict[str, str]:
    inherited = {key: value for key, value in os.environ.items() if key not in _ELSEWHERE}
    quiet = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"}
    return inherited | quiet
