"""What is read and cited: git, and SpanRefs made, read and checked.

`sources.documents` is entered by its own name: it needs pathspec, and recording must not load it.
"""

from .check import Check, CheckState, Where, check, check_all
from .cite import cite, cite_in, span_id
from .fragment import Fragment, Passage
from .git import GitState, git_state, head_branch, head_commit, top_level
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
