"""What tokens cost: a versioned table of prices, and integer arithmetic that rounds up.

A price is in dollars or in sats, never both, and nothing is converted. A model that is not in the
table has no price: its cost is unknown, which is not zero.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple, TypeAlias

import msgspec

from ..errors import BadInput
from ..trace import Usage
from .units import msat, usd_nanos

Unit: TypeAlias = Literal["usd_nanos", "msat"]

PER_TOKENS = 1_000_000
FRAME_TOKENS = 256
"""More than any server's own words around a prompt: roles, separators, its template."""

_PARTS = ("input", "output", "cached", "cache_write", "cache_write_1h")
_KEYS: dict[Unit, tuple[str, ...]] = {
    "usd_nanos": tuple(f"{part}_usd" for part in _PARTS),
    "msat": tuple(f"{part}_sats" for part in _PARTS),
}
KEYS = tuple(key for keys in _KEYS.values() for key in keys)
"""What may stand in the table of a model: amounts for a million tokens."""


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """What a million tokens cost, in `unit`; `cached` input as much as other input if unsaid.

    `cache_write`, `cache_write_1h`: input that a server wrote into its cache, for five minutes and
    for an hour; what it costs is unknown if unsaid.
    """

    unit: Unit
    input: int
    output: int
    cached: int | None = None
    cache_write: int | None = None
    cache_write_1h: int | None = None
    version: str

    @property
    def is_free(self) -> bool:
        dear = (self.input, self.output, self.cached, self.cache_write, self.cache_write_1h)
        return not any(dear)


class Written(NamedTuple):
    """Tokens of the input that went into a cache of the server's, for so long."""

    minutes: int = 0
    hour: int = 0


class Cost(NamedTuple):
    """An amount in the one unit of its price, the other not known; what is free is so in both."""

    usd_nanos: int | None = None
    msat: int | None = None


NOTHING = Cost(0, 0)
NOT_WRITTEN = Written()


class PriceTable:
    """Prices by model. `packaged` tells the table that comes with rlmboard from one's own."""

    def __init__(self, version: str, prices: Mapping[str, Price], packaged: bool = False) -> None:
        self.version = version
        self.packaged = packaged
        self._prices = dict(prices)

    def price(self, model: str) -> Price | None:
        """The price of exactly this model."""
        return self._prices.get(model)


@cache
def packaged_prices() -> PriceTable:
    """The table that comes with rlmboard: small, and as old as its version says."""
    text = files(__package__).joinpath("prices.toml").read_text(encoding="utf-8")
    table = read_prices(text, "the packaged prices.toml")
    return PriceTable(table.version, table._prices, packaged=True)


def read_prices(text: str, file: str = "prices.toml") -> PriceTable:
    """A table from its text. Raises BadInput that names `file`, the place and what is expected."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise bad_toml(text, file, error) from error
    version = table.get("version")
    if not isinstance(version, str) or not version:
        raise BadInput(f'{file}: no version; begin it with version = "…", such as its date')
    models = table.get("models", {})
    if not isinstance(models, dict):
        raise BadInput(f"{file}: models must be tables such as [models.NAME]")
    prices = {model: _listed(model, entry, version, file) for model, entry in models.items()}
    return PriceTable(version, prices)


def read_price(entry: Mapping[str, Any], version: str) -> Price | None:
    """The price in a table of amounts; None without one, ValueError for nonsense."""
    units = [unit for unit, keys in _KEYS.items() if any(key in entry for key in keys)]
    if not units:
        return None
    if len(units) > 1:
        raise ValueError("a price is in usd or in sats, not in both")
    unit = units[0]
    input_key, output_key, *_ = keys = _KEYS[unit]
    if input_key not in entry or output_key not in entry:
        raise ValueError(f"a price needs both {input_key} and {output_key}")
    amounts: dict[str, Any] = {
        part: _amount(entry, key, unit)
        for part, key in zip(_PARTS, keys, strict=True)
        if key in entry
    }
    return Price(unit=unit, version=version, **amounts)


def cost(
    usage: Usage | None,
    price: Price | None,
    written: Written = NOT_WRITTEN,
    only_tokens: bool = True,
) -> Cost:
    """What an answer cost, rounded up; unknown where its tokens or its price are.

    `written`: those of its input tokens that went into a cache. Without `only_tokens` a server
    charged dollars for something else than tokens at the usual price; sats are charged by this one.
    """
    if price is None:
        return Cost()
    if price.is_free:
        return NOTHING
    if not only_tokens and price.unit != "msat":
        return Cost()
    if usage is None or usage.input is None or usage.output is None:
        return Cost()
    cached = min(usage.cached or 0, usage.input)
    cached_price = price.input if price.cached is None else price.cached
    fresh = usage.input - cached - written.minutes - written.hour
    kept = _of_written(written, price)
    if kept is None or fresh < 0:
        return Cost()
    read = fresh * price.input + cached * cached_price + kept
    return _in(price.unit, _rounded_up(read + usage.output * price.output))


def _of_written(written: Written, price: Price) -> int | None:
    """What went into caches, times its price; None where it has none."""
    parts = ((written.minutes, price.cache_write), (written.hour, price.cache_write_1h))
    if any(tokens and of_each is None for tokens, of_each in parts):
        return None
    return sum(tokens * (of_each or 0) for tokens, of_each in parts)


def bound(prompt_bytes: int, max_tokens: int, price: Price | None) -> Cost:
    """The most that an answer can cost: no token is less than a byte, and `max_tokens` is sent."""
    if price is None:
        return Cost()
    if price.is_free:
        return NOTHING
    most = prompt_bytes + FRAME_TOKENS
    kept = (price.cached, price.cache_write, price.cache_write_1h)
    dearest = max(price.input, *(amount or 0 for amount in kept))
    return _in(price.unit, _rounded_up(most * dearest + max_tokens * price.output))


def bad_toml(text: str, file: str, error: tomllib.TOMLDecodeError) -> BadInput:
    """What is wrong with the form of a toml file, with its line."""
    reason, _, place = str(error).partition(" (at ")
    line = re.search(r"line (\d+)", place)
    number = int(line[1]) if line else len(text.splitlines())
    return BadInput(f"{file} line {number}: {reason}")


def _rounded_up(times_a_million: int) -> int:
    return -(-times_a_million // PER_TOKENS)


def _in(unit: Unit, amount: int) -> Cost:
    return Cost(usd_nanos=amount) if unit == "usd_nanos" else Cost(msat=amount)


def _listed(model: str, entry: Any, version: str, file: str) -> Price:
    try:
        if not isinstance(entry, dict):
            raise ValueError("a model is a table of amounts for a million tokens")
        unknown = sorted(set(entry) - set(KEYS))
        if unknown:
            raise ValueError(f"{unknown[0]} is not known; known are {', '.join(KEYS)}")
        price = read_price(entry, version)
    except ValueError as error:
        raise BadInput(f"{file}: models.{model}: {error}") from error
    if price is None:
        raise BadInput(f"{file}: models.{model}: it has no price; known are {', '.join(KEYS)}")
    return price


def _amount(entry: Mapping[str, Any], key: str, unit: Unit) -> int:
    amount = entry[key]
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        raise ValueError(f"{key} must be a number, not {amount!r}")
    scaled = usd_nanos(amount) if unit == "usd_nanos" else msat(amount)
    if scaled < 0:
        raise ValueError(f"{key} must not be negative")
    return scaled
