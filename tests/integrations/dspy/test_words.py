"""What dspy's objects say, without dspy."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from rlmboard.formats.chat import only_tokens, written
from rlmboard.integrations.dspy.words import Answer, answer_of


def answer(usage: dict[str, Any], **more: Any) -> Answer:
    raw = SimpleNamespace(provider_data={"usage": usage, **more}, finish_reason="stop")
    return answer_of(SimpleNamespace(outputs=["yes"], usage=None, raw=raw, response_model="m"))


def test_a_call_by_a_key_of_ones_own_costs_what_the_key_is_charged_as_well() -> None:
    own = {"cost": 0.95, "cost_details": {"upstream_inference_cost": 19}}
    assert answer({**own, "is_byok": True}).cost_usd == Decimal("19.95")
    assert answer({**own, "is_byok": False}).cost_usd == Decimal("0.95")


def test_what_can_be_no_cost_is_none() -> None:
    for cost in (None, True, "much", -1, float("nan"), float("inf")):
        assert answer({"cost": cost}).cost_usd is None


def test_the_stated_usage_and_tier_are_there_for_a_table_of_prices() -> None:
    said = answer(
        {"prompt_tokens": 9, "completion_tokens": 1, "cache_creation_input_tokens": 4},
        service_tier="flex",
    )
    assert (written(said.stated), only_tokens(said.stated, said.tier)) == ((4, 0), False)
    assert only_tokens(answer({"prompt_tokens": 9}).stated)
