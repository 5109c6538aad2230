"""The reading side: an index over all runs that catches up with the disk, and the door to it."""

from .catch_up import Progress
from .filter import Shares
from .rows import ExperimentRow, Hit, Point, ProviderRow, RunRow, RunStatus, to_dicts
from .store import Store
from .stored_run import StoredRun

__all__ = [
    "ExperimentRow",
    "Hit",
    "Point",
    "Progress",
    "ProviderRow",
    "RunRow",
    "RunStatus",
    "Shares",
    "Store",
    "StoredRun",
    "to_dicts",
]
