"""Scores of an evaluation, given to the runs whose answers they judge."""

from __future__ import annotations

import threading
from typing import Any

from ...run import Run


class Evaluations:
    """Remembers which run gave which answer while an evaluation is under way."""

    def __init__(self) -> None:
        self._metrics: dict[str, str] = {}
        self._answers: dict[int, tuple[Any, Run]] = {}
        self._changing = threading.Lock()

    def begin(self, call_id: str, metric: str) -> None:
        self._metrics[call_id] = metric

    def answered(self, run: Run, answer: Any) -> None:
        """An answer is known again by its identity, so it is kept until its score is told."""
        if self._metrics and answer is not None:
            with self._changing:
                self._answers[id(answer)] = (answer, run)

    def end(self, call_id: str, outcome: Any) -> None:
        metric = self._metrics.pop(call_id, "score")
        for _, answer, score in getattr(outcome, "results", None) or ():
            _, run = self._answers.pop(id(answer), (None, None))
            if run is not None and isinstance(score, int | float):
                run.score(metric, float(score), scorer=metric)
        if not self._metrics:
            self._answers.clear()
