"""Times as a picture holds them: whole microseconds, so that every language gets the same."""

from __future__ import annotations

import math

FURTHEST_US = 2.0**52
"""Half of what a float counts exactly, so that a difference of two is exact as well."""


def microseconds(ms: float) -> float:
    """Milliseconds as whole microseconds; what lies too far away is as far as can be told."""
    return min(max(math.floor(min(max(ms, -1e15), 1e15) * 1000 + 0.5), -FURTHEST_US), FURTHEST_US)
