"""The run that code is inside of."""

from __future__ import annotations

from .current import open_runs, run_here
from .run import Run


def current_run() -> Run | None:
    """The run that this code is inside of.

    A thread inherits no context; there it is the one run that is open, if there is just one.
    """
    run: Run | None = run_here.get()
    if run is not None and not run.ended:
        return run
    runs: list[Run] = list(open_runs)
    return runs[0] if len(runs) == 1 else None
