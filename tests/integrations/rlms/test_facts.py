"""What a response says of itself, of an SDK that hands its numbers on as it got them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from rlmboard.integrations.rlms.facts import facts_of


@pytest.mark.parametrize(
    ("stated", "nanos"),
    [
        ({"cost": 0.00021}, 210_000),
        (
            {"cost": 0.01, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.2}},
            210_000_000,
        ),
        ({"cost": 0, "cost_details": {"upstream_inference_cost": 0.2}}, 200_000_000),
        ({"cost": float("nan")}, None),
        ({}, None),
    ],
)
def test_a_cost_is_all_that_was_charged_for_the_call(stated: Any, nanos: int | None) -> None:
    assert facts_of(SimpleNamespace(usage=stated)).cost_usd_nanos == nanos
