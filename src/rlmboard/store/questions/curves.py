"""How metrics went, in a few points: small enough for the rows of a table."""

from __future__ import annotations

from ...trace.summary import MetricValue
from ..index import Index
from ..run_rows import GET_DETAILS, decode_details
from .values import MetricCurve, RunCurves


def curves_of(index: Index, run_id: str, run_no: int) -> RunCurves:
    """The metrics of a run of which more than one value was logged."""
    found = index.rows(GET_DETAILS, (run_no,))
    metrics = decode_details(*found[0]).state.metrics if found else {}
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
