"""What a cell of rlms raised, from what its environment wrote."""

from __future__ import annotations

import re

from ...trace import Failure

_RAISED = re.compile(
    r"^([A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Iteration|Warning)): ?(.*)"
)


def raised(stderr: str | None) -> Failure | None:
    """The environments write what was raised as the last thing into `stderr`."""
    lines = (stderr or "").strip().splitlines()
    for number in range(len(lines) - 1, max(-1, len(lines) - 20), -1):
        if found := _RAISED.match(lines[number]):
            more = lines[number + 1 :]
            return Failure(type=found[1], message="\n".join([found[2], *more])[:4000])
    return None
