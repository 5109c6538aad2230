"""Records of other programs become runs: recognised, read, and landed in the home."""

from .aside import sweep
from .following import Follower
from .importing import Imported, import_source
from .landed_run import Landed
from .landing import Landing
from .recognising import Found, find, understood

__all__ = [
    "Follower",
    "Found",
    "Imported",
    "Landed",
    "Landing",
    "find",
    "import_source",
    "sweep",
    "understood",
]
