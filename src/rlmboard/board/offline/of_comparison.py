"""What the page of a comparison asks, answered beforehand."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence

import msgspec

from ...store import RunRow
from ..api.many import experiment_items
from ..comparing import compare
from ..pictures import Pictures
from ..reading import Reading
from .answers import Answer, question
from .of_run import answers_in_short, answers_of_all

MOST_GROUPS = 40
"""More than these are no groups, and the page offers none."""
_encode = msgspec.json.Encoder().encode


def answers_of_comparison(reading: Reading, rows: Sequence[RunRow]) -> Iterator[Answer]:
    """The table of these runs, in groups by what differs, and each run without its texts."""
    table = compare(rows, len(rows))
    yield Answer("compare", _encode(table))
    for column in table.columns:
        if column.from_ != "metric" and 1 < column.distinct <= MOST_GROUPS:
            groups = compare(rows, len(rows), column.key).groups
            yield Answer(question("compare/groups", group=column.key), _encode(groups))
    yield from _experiments(reading, rows)
    curves = reading.questions.curves([row.run_id for row in rows])
    yield Answer("curves", _encode(curves))
    pictures = Pictures()
    for row in rows:
        run = reading.run(row.run_id)
        picture = gzip.decompress(pictures.at(run.folder))
        yield from answers_in_short(reading, run, picture)
    yield from answers_of_all(reading, rows)


def _experiments(reading: Reading, rows: Sequence[RunRow]) -> Iterator[Answer]:
    """Those that the runs belong to."""
    names = {row.experiment for row in rows} - {None}
    items = [item for item in experiment_items(reading) if item.name in names]
    yield Answer("experiments", _encode(items))
    for item in items:
        yield Answer(f"experiments/{item.name}", _encode(item))
