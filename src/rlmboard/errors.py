"""What can go wrong that a user can mend.

    RlmboardError
    ├── BadInput          what was asked makes no sense: a flag, a file, a filter   (exit code 2)
    │   ├── BadFilter     a filter does not parse; knows the position
    │   └── UnknownRun    no run, or more than one, has this id
    ├── HomeUnusable      the home folder cannot be read or written                 (exit code 2)
    ├── RunTaken          another process owns this run, or it exists already       (exit code 2)
    └── RecordingFailed   an event was lost, and `strict=True` asked to hear of it

Each message says what was wrong, where, and what to do next, in a line or two. The command line
prints it without a traceback. Recording raises none of these unless `strict=True`.
"""

from __future__ import annotations


class RlmboardError(Exception):
    """Base of all errors that rlmboard raises on purpose."""


class BadInput(RlmboardError):
    """What was asked for makes no sense as it stands."""


class BadFilter(BadInput):
    """A filter does not parse. `position`: the character, from 0, where it made no more sense."""

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.position = position


class UnknownRun(BadInput):
    """No run has this id, or more than one begins with it."""


class HomeUnusable(RlmboardError):
    """The home folder cannot be used."""


class RunTaken(RlmboardError):
    """The run has an owner already, or exists where a new one was asked for."""


class RecordingFailed(RlmboardError):
    """Something could not be recorded. Raised only by a run that was begun with `strict=True`."""
