"""A few values of a metric stand for all of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rlmboard.trace import Metric, Stamped
from rlmboard.trace.summary import Curve, Fold, RunState
from rlmboard.trace.summary.state import MOST_POINTS

VALUES = st.lists(st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)))


@given(st.integers(0, 5_000))
def test_points_lie_equally_far_from_each_other_and_stay_few(count: int) -> None:
    curve = Curve()
    for value in range(count):
        curve.take(value)
    assert curve.points == list(range(0, count, curve.every))
    assert curve.count == count
    assert len(curve.points) <= MOST_POINTS
    assert count <= MOST_POINTS or len(curve.points) >= MOST_POINTS // 2


@given(VALUES)
def test_nothing_is_lost_of_a_short_curve(values: list[float | None]) -> None:
    curve = Curve()
    for value in values[:MOST_POINTS]:
        curve.take(value)
    assert curve.points == values[:MOST_POINTS]


def test_a_summary_is_no_point_and_ends_no_curve() -> None:
    told = [
        Metric(name="f1", value=0.1),
        Metric(name="f1", value=0.9, summary=True),
        Metric(name="f1", value=0.3),
    ]
    fold = Fold(RunState())
    fold.take(Stamped(n + 1, "run", float(n), event, 0, 1) for n, event in enumerate(told))
    value = fold.state.metrics["f1"]
    assert (value.value, value.last) == (0.9, 0.3)
    assert (value.curve.count, value.curve.points) == (2, [0.1, 0.3])
