"""Where and how a run was started: what is free to ask at once, what takes time beside the run.

Environment variables are not captured: they are where secrets live.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

from ..folder import host
from ..formats.secrets import HIDDEN, SECRET_NAME, SECRET_VALUE
from ..sources.git import git_state, head_branch, head_commit, top_level
from ..trace import Environment


def masked_argv(argv: Sequence[str]) -> tuple[str, ...]:
    """The arguments, without the values of options that look secret or values that do."""
    shown: list[str] = []
    hide_next = False
    for argument in argv:
        name, equals, _ = argument.partition("=")
        is_option = argument.startswith("-")
        if hide_next and not is_option:
            shown.append(HIDDEN)
        elif equals and SECRET_NAME.search(name):
            shown.append(f"{name}={HIDDEN}")
        else:
            shown.append(SECRET_VALUE.sub(HIDDEN, argument))
        hide_next = is_option and not equals and bool(SECRET_NAME.search(name))
    return tuple(shown)


def git_at_once(cwd: str) -> dict[str, Any] | None:
    """Commit, branch and root, read from git's own files in microseconds."""
    root = top_level(cwd)
    if root is None:
        return None
    return _known(sha=head_commit(root), branch=head_branch(root), root=root)


def environment(cwd: str) -> Environment:
    """All of it; takes as long as `git status` does."""
    import platform

    state = git_state(cwd)
    git = state and _known(
        sha=state.commit, branch=state.branch, dirty=state.dirty, root=state.root
    )
    return Environment(
        git=git or None,
        packages=packages(),
        python=platform.python_version(),
        host={"name": host(), "platform": platform.platform(), "cpus": os.cpu_count()},
    )


def packages() -> dict[str, str]:
    """Installed distributions and their versions, by the names of their folders."""
    found: dict[str, str] = {}
    for folder in reversed(sys.path):
        for name in _listed(folder):
            stem, dot, kind = name.rpartition(".")
            if dot and kind in ("dist-info", "egg-info"):
                distribution, _, version = stem.partition("-")
                found[distribution.replace("_", "-").lower()] = version.partition("-")[0]
    return dict(sorted(found.items()))


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208  a Path for each of thousands is slow
    except (OSError, ValueError):
        return []


def _known(**facts: Any) -> dict[str, Any]:
    return {name: fact for name, fact in facts.items() if fact is not None}
