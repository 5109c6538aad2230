"""What to do next: state, what happened and the time in; actions out. No clock, no I/O."""

from .actions import Abort, Action, Ask, Check, Divide, Finish, Rank, WakeAt
from .happenings import (
    Answered,
    Cancelled,
    Checked,
    Divided,
    Failed,
    Happened,
    Ranked,
    Started,
    Ticked,
)
from .plan import Plan

__all__ = [
    "Abort",
    "Action",
    "Answered",
    "Ask",
    "Cancelled",
    "Check",
    "Checked",
    "Divide",
    "Divided",
    "Failed",
    "Finish",
    "Happened",
    "Plan",
    "Rank",
    "Ranked",
    "Started",
    "Ticked",
    "WakeAt",
]
