"""Records of other programs become runs: recognised, read, and landed in the home."""

from .landed_run import Landed
from .landing import Landing

__all__ = ["Landed", "Landing"]
