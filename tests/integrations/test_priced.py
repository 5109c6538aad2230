"""Which prices hold for whom."""

from __future__ import annotations

import pytest

from rlmboard.integrations.priced import OPENAI_HOST, price_at
from rlmboard.money.prices import packaged_prices, read_prices

OWN = read_prices('version = "mine"\n[models.gpt-4o]\ninput_usd = 1\noutput_usd = 2\n')


@pytest.mark.parametrize("host", [None, "127.0.0.1", "openrouter.ai", "x.openai.azure.com"])
def test_the_packaged_table_knows_nobodys_prices_but_openais(host: str | None) -> None:
    assert price_at(packaged_prices(), OPENAI_HOST, "gpt-4o") is not None
    assert price_at(packaged_prices(), host, "gpt-4o") is None


@pytest.mark.parametrize("host", [None, "127.0.0.1", OPENAI_HOST])
def test_a_table_of_ones_own_holds_everywhere(host: str | None) -> None:
    price = price_at(OWN, host, "gpt-4o")
    assert price is not None
    assert price.version == "mine"
    assert price_at(OWN, host, "another") is None
    assert price_at(OWN, host, None) is None
