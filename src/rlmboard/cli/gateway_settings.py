"""How a gateway is to work: the command line above `gateway.toml` and `prices.toml` of the home."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from ..errors import BadInput
from ..folder import Home
from ..gateway import Limits, Settings, read_settings, upstream_of
from ..money.prices import PriceTable, read_prices

T = TypeVar("T")
_LIMITS = frozenset(Limits.__struct_fields__)
_NAMES = {"timeout": "timeout_s"}


def settings_of(home: Home, upstreams: Sequence[str], said: Mapping[str, Any]) -> Settings:
    """The settings in force. Raises BadInput for what makes no sense, in the file or in flags."""
    settings = _read(home.path / "gateway.toml", read_settings) or Settings()
    given = {
        _NAMES.get(name, name): value for name, value in said.items() if value not in (None, ())
    }
    limits = {name: value for name, value in given.items() if name in _LIMITS}
    others = {name: value for name, value in given.items() if name not in _LIMITS}
    if upstreams:
        others["upstreams"] = tuple(upstream_of(one) for one in upstreams)
    return msgspec.structs.replace(
        settings, limits=_checked(limits).above(settings.limits), **others
    )


def prices_of(home: Home) -> PriceTable | None:
    """The prices of the home; None where it has none. Raises BadInput."""
    return _read(home.path / "prices.toml", read_prices)


def _checked(limits: dict[str, Any]) -> Limits:
    try:
        return msgspec.convert(limits, Limits)
    except msgspec.ValidationError as error:
        said, _, place = str(error).partition(" - at `$.")
        flag = place.strip("`").replace("_", "-")
        raise BadInput(f"--{flag}: {said.replace('`', '')}") from error


def _read(path: Path, read: Callable[[str, str], T]) -> T | None:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from error
    return read(text, str(path))
