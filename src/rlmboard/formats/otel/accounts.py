"""Tokens and money of a span. What does not add up is unknown, and nothing is reckoned here."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from ...trace import CostSource, Usage
from .attributes import count, first_count
from .span import Attributes

_INPUT = (
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.prompt_tokens",
    "llm.token_count.prompt",
    "llm.usage.prompt_tokens",
    "ai.usage.promptTokens",
    "ai.usage.inputTokens",
    "gen_ai.aggregated_usage.input_tokens",
)
_OUTPUT = (
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.completion_tokens",
    "llm.token_count.completion",
    "llm.usage.completion_tokens",
    "ai.usage.completionTokens",
    "ai.usage.outputTokens",
    "gen_ai.aggregated_usage.output_tokens",
)
_CACHED = (
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "gen_ai.usage.details.cache_read_tokens",
    "llm.token_count.prompt_details.cache_read",
    "ai.usage.cachedInputTokens",
)
_REASONING = (
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.details.reasoning_tokens",
    "llm.token_count.completion_details.reasoning",
    "ai.usage.reasoningTokens",
)
_COSTS: tuple[tuple[str, CostSource], ...] = (
    ("gen_ai.usage.cost", "provider"),
    ("llm.cost.total", "price_table"),
    ("operation.cost", "price_table"),
)
"""Dollars. Those of instrumentations come from tables of theirs."""
_NANOS = 1_000_000_000
_MOST_DOLLARS = 1_000_000


def usage_of(said: Attributes) -> Usage | None:
    """Exact counts as they were reported; `cached` is a part of `input`, never added to it."""
    read, written = first_count(said, _INPUT), first_count(said, _OUTPUT)
    if read is None and written is None:
        return None
    return Usage(
        input=read,
        output=written,
        cached=_part_of(first_count(said, _CACHED), read),
        reasoning=_part_of(first_count(said, _REASONING), written),
    )


def _part_of(part: int | None, whole: int | None) -> int | None:
    return part if part is None or whole is None or part <= whole else None


def cost_of(said: Attributes) -> dict[str, Any]:
    """`cost_msat`, `cost_usd_nanos` and `cost_source`, as far as somebody reported them."""
    msat, nanos = count(said.get("rlm.cost.msat")), count(said.get("rlm.cost.usd_nanos"))
    if msat is not None or nanos is not None:
        source = said.get("rlm.cost.source")
        known = source if source in ("provider", "price_table", "ledger") else "provider"
        return {"cost_msat": msat, "cost_usd_nanos": nanos, "cost_source": known}
    for name, source in _COSTS:
        nanos = _nanos(said.get(name))
        if nanos is not None:
            return {"cost_usd_nanos": nanos, "cost_source": source}
    return {"cost_source": "none"}


def _nanos(dollars: Any) -> int | None:
    if isinstance(dollars, bool) or not isinstance(dollars, int | float | str):
        return None
    try:
        exact = Decimal(str(dollars)[:40])
    except InvalidOperation:
        return None
    if not exact.is_finite() or not 0 <= exact <= _MOST_DOLLARS:
        return None
    return int((exact * _NANOS).to_integral_value())
