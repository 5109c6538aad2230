"""Prices of tokens, and integer arithmetic on them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.errors import BadInput
from rlmboard.money.prices import (
    Cost,
    Price,
    Written,
    bound,
    cost,
    packaged_prices,
    read_prices,
)
from rlmboard.trace import Usage

AMOUNTS = st.integers(0, 10**13)
TOKENS = st.integers(0, 10**7)
PRICES = st.builds(
    Price,
    unit=st.sampled_from(["msat", "usd_nanos"]),
    input=AMOUNTS,
    output=AMOUNTS,
    cached=st.none() | AMOUNTS,
    cache_write=st.none() | AMOUNTS,
    cache_write_1h=st.none() | AMOUNTS,
    version=st.just("v"),
)


def usd(input_usd: float, output_usd: float, cached_usd: float | None = None) -> Price:
    nanos = [
        None if usd is None else round(usd * 1e9) for usd in (input_usd, output_usd, cached_usd)
    ]
    return Price(unit="usd_nanos", input=nanos[0], output=nanos[1], cached=nanos[2], version="v")  # type: ignore[arg-type]


def test_the_packaged_table_is_dated_and_knows_what_it_knows() -> None:
    prices = packaged_prices()
    assert prices.packaged and prices.version == "built-in 2025-04-14"
    price = prices.price("gpt-4o-mini")
    assert price is not None
    assert cost(Usage(input=1_000_000, output=1_000_000), price) == Cost(usd_nanos=750_000_000)
    assert prices.price("gpt-unheard-of") is None


def test_cached_tokens_cost_their_own_price_and_are_part_of_the_input() -> None:
    price = usd(2.0, 8.0, 0.5)
    assert cost(Usage(input=1_000, output=0, cached=400), price).usd_nanos == 1_400_000
    assert cost(Usage(input=1_000, output=0, cached=400), usd(2.0, 8.0)).usd_nanos == 2_000_000


def test_a_part_of_the_smallest_unit_is_rounded_up() -> None:
    price = Price(unit="msat", input=1, output=0, version="v")
    assert cost(Usage(input=1, output=0), price) == Cost(msat=1)


@pytest.mark.parametrize("usage", [None, Usage(input=5), Usage(output=5)])
def test_unknown_tokens_make_an_unknown_cost_unless_all_is_free(usage: Usage | None) -> None:
    assert cost(usage, usd(1, 1)) == Cost(None, None)
    assert cost(usage, usd(0, 0)) == Cost(0, 0)


def test_without_a_price_cost_and_bound_are_unknown() -> None:
    assert cost(Usage(input=1, output=1), None) == bound(10, 10, None) == Cost(None, None)


def test_what_is_free_is_free_in_every_unit() -> None:
    assert bound(1_000, 1_000, usd(0, 0)) == Cost(0, 0)


TABLE = """
version = "v"
[models.m]
input_usd = 3
output_usd = 15
cached_usd = 0.3
cache_write_usd = 3.75
"""


def test_what_went_into_a_cache_has_its_own_price_and_is_part_of_the_input() -> None:
    usage = Usage(input=1_000, output=0, cached=400)
    paid = cost(usage, read_prices(TABLE).price("m"), Written(500))
    assert paid.usd_nanos == 100 * 3_000 + 400 * 300 + 500 * 3_750


def test_what_went_into_a_cache_costs_an_unknown_amount_without_its_price() -> None:
    usage = Usage(input=1_000, output=0)
    assert cost(usage, usd(3, 15), Written(1)) == Cost()
    assert cost(usage, read_prices(TABLE).price("m"), Written(0, 1)) == Cost()
    dear = read_prices(f"{TABLE}cache_write_1h_usd = 6").price("m")
    assert cost(usage, dear, Written(0, 1_000)) == Cost(usd_nanos=6_000_000)


def test_more_in_a_cache_than_was_read_is_unknown() -> None:
    assert cost(Usage(input=5, output=0), read_prices(TABLE).price("m"), Written(6)) == Cost()


@given(price=PRICES, prompt_bytes=TOKENS, max_tokens=TOKENS, data=st.data())
def test_no_answer_costs_more_than_its_bound(price, prompt_bytes, max_tokens, data) -> None:
    input_tokens = data.draw(st.integers(0, prompt_bytes))
    usage = Usage(
        input=input_tokens,
        output=data.draw(st.integers(0, max_tokens)),
        cached=data.draw(st.none() | st.integers(0, input_tokens)),
    )
    left = input_tokens - (usage.cached or 0)
    minutes = data.draw(st.integers(0, left))
    written = Written(minutes, data.draw(st.integers(0, left - minutes)))
    actual, most = cost(usage, price, written), bound(prompt_bytes, max_tokens, price)
    assert (actual.msat or 0) <= (most.msat or 0)
    assert (actual.usd_nanos or 0) <= (most.usd_nanos or 0)


def test_a_table_of_ones_own_may_be_in_sats() -> None:
    table = read_prices('version = "mine"\n[models."a/b"]\ninput_sats = 1.5\noutput_sats = 3\n')
    price = table.price("a/b")
    assert price == Price(unit="msat", input=1_500, output=3_000, version="mine")
    assert not table.packaged


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version = ", r"prices.toml line 1: Invalid value"),
        ('version = "x"\nversion = "y"\n', r"prices.toml line 2: Cannot overwrite a value"),
        ("", "no version"),
        ("version = 3", "no version"),
        ('version = "x"\nmodels = 3', "models must be tables"),
        ('version = "x"\n[models]\na = 3', "models.a: a model is a table"),
        ('version = "x"\n[models.a]', "models.a: it has no price"),
        ('version = "x"\n[models.a]\ninput_usd = 1', "needs both input_usd and output_usd"),
        ('version = "x"\n[models.a]\ninput_usd = -1\noutput_usd = 1', "must not be negative"),
        ('version = "x"\n[models.a]\ninput_usd = true\noutput_usd = 1', "must be a number"),
        ('version = "x"\n[models.a]\ninput_usd = inf\noutput_usd = 1', "no amount of money"),
        ('version = "x"\n[models.a]\ninput_usd = 1\noutput_sats = 1', "not in both"),
        ('version = "x"\n[models.a]\nprice = 1', "price is not known; known are input_usd"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused_with_the_place(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read_prices(text)


def test_what_is_charged_beside_tokens_makes_a_cost_in_dollars_unknown() -> None:
    usage = Usage(input=10, output=1)
    dollars = Price(unit="usd_nanos", input=10**9, output=10**9, version="v")
    sats = Price(unit="msat", input=10**6, output=10**6, version="v")
    free = Price(unit="usd_nanos", input=0, output=0, version="v")
    assert cost(usage, dollars, only_tokens=False) == Cost()
    assert cost(usage, sats, only_tokens=False) == cost(usage, sats)
    assert cost(usage, free, only_tokens=False) == cost(usage, free)
