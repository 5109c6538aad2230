"""Decoders, each whole before any thread decodes with it.

msgspec readies the fields of a structure when it first meets it, and shows it to other threads
before they are all there: one that decodes it meanwhile crashes the process. So decoders of
structures are made here, one at a time, and nothing is decoded by its bare type.
"""

from __future__ import annotations

import threading
from typing import TypeVar

import msgspec

T = TypeVar("T")
_making = threading.RLock()


def json_decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    """Of JSON, to this type."""
    with _making:
        return msgspec.json.Decoder(kind)


def msgpack_decoder(kind: type[T]) -> msgspec.msgpack.Decoder[T]:
    """Of msgpack, to this type."""
    with _making:
        return msgspec.msgpack.Decoder(kind)
