"""What a server wrote into its cache, as it stands among the attributes of an answer in a trace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .loose import count


def as_attributes(minutes: int, hour: int) -> dict[str, Any]:
    """Tokens of the input that went into a cache: in all, and for an hour; none is left out."""
    said = {"cache_creation_tokens": minutes + hour, "cache_creation_1h_tokens": hour}
    return {name: tokens for name, tokens in said.items() if tokens}


def from_attributes(attributes: Mapping[str, Any] | None) -> tuple[int, int]:
    """The same again: tokens for minutes, and for an hour. Total."""
    said = attributes or {}
    whole = count(said.get("cache_creation_tokens")) or 0
    hour = count(said.get("cache_creation_1h_tokens")) or 0
    return max(0, whole - hour), hour
