"""Names for sub-queries that their asker did not name: never the same in two processes of a run."""

from __future__ import annotations

import itertools
import os


class QueryIds:
    """`q-1`, `q-2`, ... for the process that began the run; any other puts in its own token."""

    def __init__(self, plain: bool) -> None:
        self._pid = os.getpid() if plain else None
        self._prefix = "q-"
        self._numbers = itertools.count(1)

    def next(self) -> str:
        if self._pid != os.getpid():  # joined, resumed, or forked since
            self._pid = os.getpid()
            self._prefix = f"q-{os.urandom(3).hex()}-"
            self._numbers = itertools.count(1)
        return f"{self._prefix}{next(self._numbers)}"
