"""The exchange rate that a person recorded. Without one nothing is converted."""

from __future__ import annotations

import functools
from datetime import date

import msgspec

from ..folder import Home
from ..trace import json_decoder
from .shapes import Rate


@functools.cache
def _rates() -> msgspec.json.Decoder[Rate]:
    return json_decoder(Rate)


def rate(home: Home) -> Rate | None:
    """The rate that is recorded; None for none, or a file that says nothing which can be used."""
    try:
        found = _rates().decode(home.rate.read_bytes())
        date.fromisoformat(found.on)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, ValueError):
        return None
    return found
