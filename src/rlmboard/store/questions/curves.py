"""How metrics went, in a few points: small enough for the rows of a table."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ...errors import UnknownRun
from ...trace.summary import MetricValue
from .. import tables as t
from ..filter import Term
from ..index import Index
from ..queries import where
from ..run_rows import decode_state
from .values import MetricCurve, RunCurves


def curves_of(index: Index, run_ids: Sequence[str], terms: Sequence[Term]) -> list[RunCurves]:
    """Of each run the metrics of which more than one value was logged. Raises UnknownRun."""
    of_run = t.run_details.c.run_no == t.runs.c.run_no
    asked = t.runs.c.run_id.in_(run_ids)
    statement = (
        select(t.runs.c.run_id, t.run_details.c.state)
        .join(t.run_details, of_run)
        .where(asked, where(terms))
    )
    states: dict[str, bytes] = dict(index.select(statement))
    for run_id in run_ids:
        if run_id not in states:
            raise UnknownRun(f"no run is called '{run_id}'")
    return [_of_run(run_id, states[run_id]) for run_id in run_ids]


def _of_run(run_id: str, state: bytes) -> RunCurves:
    metrics = decode_state(state).metrics
    curved = {name: _curve(value) for name, value in metrics.items() if value.curve.count > 1}
    return RunCurves(run_id=run_id, metrics=curved)


def _curve(value: MetricValue) -> MetricCurve:
    """Its points, and the last value where it is none of them."""
    curve = value.curve
    points = [_short(point) for point in curve.points]
    if (curve.count - 1) % curve.every:
        points.append(_short(value.last))
    return MetricCurve(count=curve.count, points=points)


def _short(point: float | None) -> float | None:
    """As exact as a line of a few pixels can be."""
    return None if point is None else float(f"{point:.4g}")
