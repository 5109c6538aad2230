"""How a completion ended, in the words of a run."""

from __future__ import annotations

from typing import Any, NamedTuple

from ...run import Run
from ...trace import Failure, RunCancelled, RunDone, RunFailed, as_text

_LIMITS = {
    "BudgetExceededError": "budget",
    "TokenLimitExceededError": "tokens",
    "TimeoutExceededError": "timeout",
    "ErrorThresholdExceededError": "errors",
}


class End(NamedTuple):
    """`error` is absent where there is an answer; a cancelled one has neither."""

    answer: str | None
    reason: str
    error: Failure | None = None
    cancelled: bool = False


def answered(result: Any, reason: str) -> End:
    """With what `completion` gave back: its response, or a plain text at the deepest level."""
    response = getattr(result, "response", result)
    return End(None if response is None else as_text(response), reason)


def broken_off(error: BaseException) -> End:
    """By an exception: a limit that tripped, somebody who stopped it, or a fault."""
    name = type(error).__name__
    partial = getattr(error, "partial_answer", None)
    answer = None if partial is None else as_text(partial)
    if name == "CancellationError" or not isinstance(error, Exception):
        stopped = (
            "interrupted" if name in ("CancellationError", "KeyboardInterrupt") else "cancelled"
        )
        return End(answer, stopped, cancelled=True)
    failure = Failure(type=name, message=as_text(error)[:4000])
    return End(answer, _LIMITS.get(name, "errors"), failure)


def end_run(run: Run, end: End, turns: int) -> None:
    """Say it of a run that is this completion alone."""
    run.output = end.answer
    if end.cancelled:
        run.end(RunCancelled(end_reason=end.reason, output=end.answer))
    elif end.error is not None:
        run.end(RunFailed(error=end.error, end_reason=end.reason, output=end.answer))
    else:
        run.end(RunDone(output=end.answer or "", end_reason=end.reason, iterations=turns))
