"""What is read and cited: git, and SpanRefs made, read and checked.

`sources.documents` is entered by its own name: it needs pathspec, and recording must not load it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .git import GitState, git_state, head_branch, head_commit, top_level

if TYPE_CHECKING:
    from .checking import Check, CheckState, Where, check, check_all
    from .citing import cite, cite_in, span_id
    from .fragment import Fragment, Passage
    from .reading import read_span

__all__ = [
    "Check",
    "CheckState",
    "Fragment",
    "GitState",
    "Passage",
    "Where",
    "check",
    "check_all",
    "cite",
    "cite_in",
    "git_state",
    "head_branch",
    "head_commit",
    "read_span",
    "span_id",
    "top_level",
]


def __getattr__(name: str) -> Any:
    """What is more than git loads when it is asked for: recording needs git alone, and at once."""
    from importlib import import_module

    for module in ("fragment", "citing", "reading", "checking"):
        if name in __all__ and hasattr(found := import_module(f".{module}", __name__), name):
            return getattr(found, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
