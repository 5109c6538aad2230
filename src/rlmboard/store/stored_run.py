"""One run, read back: its rows from the index, its events straight from its folder."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from ..folder import Cursor, Label, RunFolder, RunRecord, batches, read_trace
from ..trace import Artifact, Metric, Score, Stamped, TraceLine, json_decoder, msgpack_decoder
from ..trace.summary import AttemptRow, SubQuery, SubQueryRow, attempt_rows, sub_query_row
from . import listing
from .catch_up import CatchUp
from .rows import Point, RunRow

_decode_artifact = json_decoder(Artifact).decode
_decode_score = json_decoder(Score).decode
_decode_query = msgpack_decoder(SubQuery).decode


class StoredRun:
    """A run. `row` is as it was when it was asked for; everything else is read when called."""

    def __init__(self, catch_up: CatchUp, folder: RunFolder, row: RunRow) -> None:
        self.folder = folder
        self.row = row
        self._catch_up = catch_up

    def __repr__(self) -> str:
        return f"StoredRun({self.id!r}, {self.row.status})"

    @property
    def id(self) -> str:
        return self.row.run_id

    def events(self, after: int = 0, limit: int | None = None) -> Iterator[TraceLine]:
        """The lines of the trace after line `after`, holes and foreign events among them."""
        index = self._catch_up.index
        cursor = index.asked(lambda: listing.cursor(index, self.id, after))
        return islice(lines_after(self.folder, after, cursor), limit)

    def sub_queries(self) -> list[SubQueryRow]:
        """The sub-queries, in the order in which they were first heard of."""
        return [sub_query_row(query) for query in self._queries()]

    def attempts(self) -> list[AttemptRow]:
        """The attempts of all sub-queries."""
        return [row for query in self._queries() for row in attempt_rows(query)]

    def metrics(self) -> dict[str, list[Point]]:
        """Every logged value, by metric, in the order of logging; read from the trace."""
        series: dict[str, list[Point]] = {}
        if not self.row.metrics:
            return series
        for line in read_trace(self.folder.trace):
            if isinstance(line, Stamped) and isinstance(line.event, Metric):
                said = line.event
                if not said.summary:
                    point = Point(said.step, said.value, line.timestamp_ms)
                    series.setdefault(said.name, []).append(point)
        return series

    def scores(self) -> list[Score]:
        """The last judgement of each scorer on each thing."""
        return [_decode_score(said) for said in self._marked("score")]

    def artifacts(self) -> list[Artifact]:
        """The files that were kept, by name."""
        return [_decode_artifact(said) for said in self._marked("artifact")]

    def labels(self) -> list[Label]:
        """All that people said of the run, in the order in which they did."""
        return self.folder.label_history()

    def record(self) -> RunRecord | None:
        """How the run was started; None where that cannot be read."""
        return self.folder.record()

    def output(self) -> str | None:
        """The final output whole; its preview where the file is missing."""
        whole = self.folder.read_output()
        return whole if whole is not None else self.row.summary.output_preview

    def payload(self, sha256: str) -> str | None:
        """A text that an event names by its hash; None when it was removed or never kept."""
        return self.folder.payload(sha256)

    def to_dict(self) -> dict[str, Any]:
        """The design document's `Run` with the whole output, as plain JSON values."""
        return self.row.to_dict() | {"output": self.output()}

    def _queries(self) -> Iterator[SubQuery]:
        states = self._catch_up.ask(lambda index: listing.query_states(index, self.id))
        return map(_decode_query, states)

    def _marked(self, kind: str) -> list[str]:
        return self._catch_up.ask(lambda index: listing.marked(index, self.id, kind))


def lines_after(folder: RunFolder, after: int, cursor: Cursor) -> Iterator[TraceLine]:
    """The lines after `after`, read from a cursor at or before it."""
    for lines, _ in batches(folder.trace, cursor, size=2_000):
        for line in lines:
            if line.seq > after:
                yield line
