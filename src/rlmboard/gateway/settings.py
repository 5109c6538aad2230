"""How a gateway is to work: `gateway.toml` of the home, and what the command line says above it."""

from __future__ import annotations

import re
import tomllib
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from ..errors import BadInput
from ..money.prices import bad_toml
from ..money.units import msat, usd_nanos
from .upstream import Upstream, upstream_of

Amount: TypeAlias = Annotated[float, msgspec.Meta(ge=0)]
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=1)]
Seconds: TypeAlias = Annotated[float, msgspec.Meta(gt=0, le=86_400)]
MEBIBYTE = 1 << 20


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one run may do; absent is no limit. `models` are patterns such as `gpt-4.1-*`."""

    budget_sats: Amount | None = None
    budget_usd: Amount | None = None
    requests_per_minute: Count | None = None
    concurrency: Count | None = None
    models: tuple[str, ...] = ()

    @property
    def msat(self) -> int | None:
        return None if self.budget_sats is None else msat(self.budget_sats)

    @property
    def usd_nanos(self) -> int | None:
        return None if self.budget_usd is None else usd_nanos(self.budget_usd)

    @property
    def is_budget(self) -> bool:
        """Whether they bound what may be spent."""
        return self.budget_sats is not None or self.budget_usd is not None

    def above(self, general: Limits) -> Limits:
        """These, and what the general ones say where these say nothing."""
        said = {
            name: value
            for name in self.__struct_fields__
            if (value := getattr(self, name)) not in (None, ())
        }
        return msgspec.structs.replace(general, **said)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """`limits` hold for each run; `runs` says more of single ones, by a pattern of their ids.

    `assumed_max_tokens` is reserved for an answer that its request does not bound.
    """

    upstreams: tuple[Upstream, ...] = ()
    limits: Limits = Limits()
    runs: dict[str, Limits] = {}
    payloads: Literal["full", "preview", "none"] = "full"
    timeout_s: Seconds = 600.0
    idle_s: Seconds = 120.0
    body_limit_bytes: Count = 64 * MEBIBYTE
    allow_unknown_cost: bool = False
    assumed_max_tokens: Count = 16_384

    def limits_of(self, run_id: str) -> Limits:
        """The limits of one run: of the first pattern that fits, above the general ones."""
        for pattern, limits in self.runs.items():
            if fnmatchcase(run_id, pattern):
                return limits.above(self.limits)
        return self.limits


class _UpstreamTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    url: str
    models: tuple[str, ...] = ()


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    upstreams: dict[str, _UpstreamTable] = {}
    limits: Limits = Limits()
    runs: dict[str, Limits] = {}
    payloads: Literal["full", "preview", "none"] = "full"
    timeout_s: Seconds = 600.0
    idle_s: Seconds = 120.0
    body_limit_bytes: Count = 64 * MEBIBYTE
    allow_unknown_cost: bool = False
    assumed_max_tokens: Count = 16_384


_TABLES: dict[str, type[msgspec.Struct]] = {
    "limits": Limits,
    "runs": Limits,
    "upstreams": _UpstreamTable,
}


def read_settings(text: str, file: str = "gateway.toml") -> Settings:
    """The settings in a text. Raises BadInput that names `file`, the key and what is expected."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise bad_toml(text, file, error) from error
    try:
        said = msgspec.convert(tables, _File, strict=True)
        made = [upstream_of(one.url, one.models, name) for name, one in said.upstreams.items()]
    except msgspec.ValidationError as error:
        raise BadInput(f"{file}: {_in_words(str(error))}") from error
    except BadInput as error:
        raise BadInput(f"{file}: upstreams: {error}") from error
    fields: dict[str, Any] = {
        name: getattr(said, name) for name in _File.__struct_fields__ if name != "upstreams"
    }
    return Settings(upstreams=tuple(made), **fields)


def _in_words(reason: str) -> str:
    """What msgspec says (``Expected `int` - at `$.limits.concurrency` ``), with the place first."""
    said, _, place = reason.partition(" - at ")
    place = place.strip("`").removeprefix("$").lstrip(".")
    said = re.sub(r"^Object contains ", "", said).replace("`", "")
    if said.startswith("unknown field"):
        table = next((table for name, table in _TABLES.items() if place.startswith(name)), _File)
        said = f"{said}; known are {', '.join(table.__struct_fields__)}"
    return f"{place}: {said}" if place else said
