"""The run that dspy's calls are recorded to, and the nodes of its tree that they hang on."""

from __future__ import annotations

from itertools import count
from typing import Any

from ...run import Run
from ...trace import CellEnd, CellStart, IterationEnd, IterationStart, TraceEvent
from ..priced import prices_of

ROOT = "root"


class Recording:
    """A run and the names that are given in it. `owned`: it was begun here, and is ended here."""

    def __init__(self, run: Run, owned: bool) -> None:
        self.run = run
        self.owned = owned
        self.prices = prices_of(run.home)
        self._numbers = count(1)

    def emit(self, event: TraceEvent) -> None:
        self.run.emit(event)

    def name(self, kind: str) -> str:
        """A name that nothing else in this run has: `cell-3`. Safe between threads."""
        return f"{kind}-{next(self._numbers)}"

    def missed(self, error: Exception) -> None:
        """What goes wrong with recording is counted as a loss of the run; the program goes on."""
        self.run.missed(error)

    def finish(self, output: str | None, error: BaseException | None, end_reason: str) -> None:
        """The run is over, if it was begun here."""
        if not self.owned:
            return
        self.run.output = output
        if error is None:
            self.run.finish(end_reason=end_reason)
        kind = None if error is None else type(error)
        self.run.__exit__(kind, error, None if error is None else error.__traceback__)


class Node:
    """A module that code and questions hang on: the root, an RLM, or a step of the program.

    A turn ends when the next one begins. Where an interpreter says nothing of the code it runs,
    the code of the turn is held back until something shows that it runs, and its cell is inferred.
    """

    def __init__(self, recording: Recording, node_id: str, depth: int, is_rlm: bool) -> None:
        self.recording = recording
        self.node_id = node_id
        self.depth = depth
        self.is_rlm = is_rlm
        self.turn = 0
        self.exhausted = False
        self.hangs_on = None if node_id == ROOT else node_id
        """What a child names as its parent: nothing is the root."""
        self.inferred_cell: str | None = None
        self._open_turn: IterationStart | None = None
        self._unseen_code: str | None = None

    @property
    def is_setting_up(self) -> bool:
        """Before its first turn an RLM prepares its interpreter; that code is dspy's own."""
        return self.is_rlm and self.turn == 0

    def begin_turn(self, n: int, max_n: int | None, last_output: str = "") -> None:
        self.end_turn(last_output)
        self.turn = n
        self._open_turn = IterationStart(n=n, node_id=self.node_id, max_n=max_n)
        self.recording.emit(self._open_turn)

    def end_turn(self, last_output: str = "") -> None:
        """What was open in the turn ends with it."""
        self.show_code(last_output)
        if self.inferred_cell is not None:
            self.recording.emit(
                CellEnd(cell_id=self.inferred_cell, stdout_preview=last_output, inferred=True)
            )
            self.inferred_cell = None
        if self._open_turn is not None:
            turn, self._open_turn = self._open_turn, None
            self.recording.emit(IterationEnd(n=turn.n, node_id=turn.node_id, max_n=turn.max_n))

    def will_run(self, code: str) -> None:
        """The model has written this; an interpreter that tells will say when it runs."""
        self._unseen_code = code

    def runs(self) -> None:
        """An interpreter told that it runs code: nothing needs to be inferred."""
        self._unseen_code = None

    def show_code(self, why: str = "") -> None:
        """Something happens that only the code can have caused, or the turn is over."""
        code, self._unseen_code = self._unseen_code, None
        if code is None:
            return
        self.inferred_cell = self.recording.name("cell")
        self.recording.emit(
            CellStart(
                cell_id=self.inferred_cell, node_id=self.node_id, code_preview=code, inferred=True
            )
        )


class Asked:
    """The prompts of one batch, handed out as they are asked, in whatever order."""

    def __init__(self, batch_id: str, prompts: list[Any]) -> None:
        self.batch_id = batch_id
        self._size = len(prompts)
        self._places: dict[str, list[int]] = {}
        for place, prompt in reversed(list(enumerate(prompts))):
            self._places.setdefault(str(prompt), []).append(place)

    def place_of(self, prompt: Any) -> tuple[str, int, int] | None:
        """(id, index, size) for this prompt; of equal ones each gets a place of its own."""
        try:
            return self.batch_id, self._places[str(prompt)].pop(), self._size
        except (KeyError, IndexError):
            return None
