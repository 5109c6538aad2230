"""Times as a picture holds them: whole microseconds, so that every language gets the same."""

from __future__ import annotations

import math

FURTHEST_US = 2.0**52
"""Half of what a float counts exactly, so that a difference of two is exact as well."""
_NEAR_MS = FURTHEST_US / 1000


def microseconds(ms: float) -> float:
    """Milliseconds as whole microseconds; what lies too far away is as far as can be told."""
    if -_NEAR_MS < ms < _NEAR_MS:
        return math.floor(ms * 1000 + 0.5)
    return FURTHEST_US if ms > 0 else -FURTHEST_US
