"""`providers.toml`: one table a provider. What makes no sense in it is said with its line."""

from __future__ import annotations

import re
import tomllib
from typing import Annotated, Any, Literal, NoReturn, TypeAlias, get_args

import msgspec

from ..conductor.provider import Venue
from ..errors import BadInput
from ..formats.chat import TokensField
from ..money.prices import Price, bad_toml, read_price
from .address import usable_url

Kind: TypeAlias = Literal["extractive", "openai", "ollama", "simulated"]
Amount: TypeAlias = int | float
Rate: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1)]
Milliseconds: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=86_400_000)]


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table of one provider. Prices are for a million tokens, in dollars or in sats.

    `api_key_env` names the variable of the environment that holds the key; the key itself stands in
    no file. `body` and `options` go to the server as they are.
    """

    kind: Kind
    model: str | None = None
    base_url: str | None = None
    api_key_env: str | None = None
    venue: Venue | None = None
    concurrency: Annotated[int, msgspec.Meta(ge=1, le=10_000)] | None = None
    max_context_chars: Annotated[int, msgspec.Meta(ge=1)] | None = None
    tokens_field: TokensField = "max_tokens"
    body: dict[str, Any] = {}
    options: dict[str, Any] = {}
    input_usd: Amount | None = None
    output_usd: Amount | None = None
    cached_usd: Amount | None = None
    input_sats: Amount | None = None
    output_sats: Amount | None = None
    cached_sats: Amount | None = None
    latency_ms: Milliseconds = 0
    p99_ms: Milliseconds | None = None
    failure_rate: Rate = 0
    timeout_rate: Rate = 0

    def price(self) -> Price | None:
        """The price in the table, if there is one."""
        amounts = {
            key: value for key, value in msgspec.structs.asdict(self).items() if value is not None
        }
        return read_price(amounts, "providers.toml")


KEYS = Entry.__struct_fields__


class ProvidersFile(msgspec.Struct, frozen=True):
    """What `providers.toml` says: the providers by name, and those used when none is asked for."""

    entries: dict[str, Entry] = {}
    default: tuple[str, ...] = ()


def read_providers(text: str, file: str = "providers.toml") -> ProvidersFile:
    """The providers in a text. Raises BadInput with `file`, line, reason and what is known."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise bad_toml(text, file, error) from error
    default = tables.pop("default", [])
    if not isinstance(default, list) or not all(isinstance(name, str) for name in default):
        _refuse(text, file, None, "default", 'expected a list of names, such as ["lab"]')
    return ProvidersFile(
        entries={name: _entry(text, file, name, table) for name, table in tables.items()},
        default=tuple(default),
    )


def _entry(text: str, file: str, name: str, table: Any) -> Entry:
    if not isinstance(table, dict):
        _refuse(text, file, None, name, f"expected a table [{name}] with the keys of a provider")
    try:
        entry = msgspec.convert(table, Entry, strict=True)
    except msgspec.ValidationError as error:
        _refuse_value(text, file, name, str(error))
    try:
        entry.price()
    except ValueError as error:
        key = next((key for key in KEYS if key in str(error) and key in table), None)
        _refuse(text, file, name, key, str(error))
    if entry.base_url is not None:
        try:
            usable_url(entry.base_url)
        except BadInput as error:
            _refuse(text, file, name, "base_url", str(error))
    if entry.kind in ("openai", "ollama") and not entry.model:
        _refuse(text, file, name, "kind", f"a provider of kind {entry.kind} needs a model")
    return entry


def _refuse_value(text: str, file: str, name: str, reason: str) -> NoReturn:
    """Turns what msgspec says of a table (``Expected `int` - at `$.model` ``) into our words."""
    unknown = re.search(r"unknown field `(.+)`", reason)
    if unknown:
        known = ", ".join(KEYS)
        _refuse(text, file, name, unknown[1], f"this key is not known; known are {known}")
    if "missing required field" in reason:
        _refuse(text, file, name, None, f"its kind is missing: one of {', '.join(get_args(Kind))}")
    place = re.search(r" - at `\$\.?([^.`\[]*)", reason)
    said = reason.partition(" - at ")[0].replace("`", "")
    if place and place[1] == "kind":
        said = f"expected one of {', '.join(get_args(Kind))}"
    _refuse(text, file, name, place[1] if place else None, said)


def _refuse(text: str, file: str, table: str | None, key: str | None, reason: str) -> NoReturn:
    where = f"[{table}] " if table else ""
    what = f"{key}: " if key else ""
    raise BadInput(f"{file} line {_line_of(text, table, key)}: {where}{what}{reason}")


def _line_of(text: str, table: str | None, key: str | None) -> int:
    """The line of a key in its table, else of the table's head, else the first."""
    head = 1
    inside = table is None
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[+\s*[\"']?([^\]\"']+?)[\"']?\s*\]", line)
        if header:
            inside = header[1].split(".")[0] == (table or key)
            head = number if header[1] == (table or key) else head
        elif inside and key and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[.=]", line):
            return number
    return head
