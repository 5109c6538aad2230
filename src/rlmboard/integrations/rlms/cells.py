"""What a cell left behind: whether it raised, and the names in the REPL."""

from __future__ import annotations

import re
from typing import Any

from ...trace import Failure, as_text

MOST_VARIABLES = 60
_RAISED = re.compile(
    r"^([A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Iteration|Warning)): ?(.*)"
)


def raised(stderr: Any) -> Failure | None:
    """What a cell raised: the environments write it as the last thing into `stderr`."""
    if not isinstance(stderr, str) or not stderr:
        return None
    lines = stderr.strip().splitlines()
    for number in range(len(lines) - 1, max(-1, len(lines) - 20), -1):
        if found := _RAISED.match(lines[number]):
            more = lines[number + 1 :]
            return Failure(type=found[1], message="\n".join([found[2], *more])[:4000])
    return None


def variables(names: Any) -> dict[str, str] | None:
    """Names with a short description each; never their values, which may be the whole input."""
    if not isinstance(names, dict):
        return None
    shown = [name for name in names if isinstance(name, str) and not name.startswith("_")]
    described = {name: _described(names[name]) for name in shown[:MOST_VARIABLES]}
    if len(shown) > MOST_VARIABLES:
        described["..."] = f"{len(shown) - MOST_VARIABLES} more"
    return described or None


def _described(value: Any) -> str:
    kind = type(value)
    if kind in (bool, int, float, type(None)):
        return as_text(value)[:40]
    if kind is str:
        return f"str, {len(value)} characters"
    if kind in (list, dict, tuple, set, frozenset, bytes):
        return f"{kind.__name__} of {len(value)}"
    return kind.__name__
