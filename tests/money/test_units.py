"""Amounts as whole numbers of small units."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.money.units import msat, usd_nanos

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
SMALL = st.integers(-(10**12), 10**12).map(lambda thousandths: thousandths / 1000)


@given(FLOATS | SMALL | st.floats(-2000, 2000))
def test_a_float_is_the_amount_that_it_is_written_as(amount: float) -> None:
    for scaled, scale in ((msat, 1_000), (usd_nanos, 1_000_000_000)):
        exact = Decimal(str(amount)) * scale
        assert scaled(amount) == int(exact.to_integral_value(ROUND_HALF_EVEN))


@pytest.mark.parametrize(
    ("sats", "thousandths"),
    [(0.0005, 0), (0.0015, 2), (0.0025, 2), (2.675, 2675), (1.005, 1005), (-0.0015, -2)],
)
def test_halves_go_to_the_even_neighbour(sats: float, thousandths: int) -> None:
    assert msat(sats) == msat(str(sats)) == msat(Decimal(str(sats))) == thousandths


@pytest.mark.parametrize("nonsense", [float("nan"), float("inf"), "much", ""])
def test_what_is_no_finite_number_is_no_amount(nonsense: float | str) -> None:
    with pytest.raises(ValueError, match="is no amount of money"):
        usd_nanos(nonsense)
