"""Headers on their way through: what belongs to one connection stays behind, all else passes."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping

from multidict import CIMultiDict

_HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
_OF_THIS_REQUEST = frozenset({b"host", b"content-length", b"expect", b"accept-encoding"})
_READABLE = ("gzip", "deflate")
SKIPPED = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
"""What the client library would add by itself."""
GZIP_OR_ZLIB = 47

Raw = Iterable[tuple[bytes, bytes]]


def to_upstream(raw: Raw, connection: str, accepted: str) -> CIMultiDict[str]:
    """The headers of a request as its upstream gets them."""
    named = _named(connection)
    passing: CIMultiDict[str] = CIMultiDict()
    for name, value in raw:
        low = name.lower()
        if low in _HOP_BY_HOP or low in _OF_THIS_REQUEST or low in named:
            continue
        if low.startswith(b"x-rlmboard-"):
            continue
        passing.add(_text(name), _text(value))
    passing["Accept-Encoding"] = readable(accepted)
    return passing


def to_client(raw: Raw, connection: str, is_whole: bool) -> CIMultiDict[str]:
    """The headers of an answer as its client gets them. `is_whole`: the body is at hand."""
    named = _named(connection)
    passing: CIMultiDict[str] = CIMultiDict()
    for name, value in raw:
        low = name.lower()
        if low in _HOP_BY_HOP or low in named or (is_whole and low == b"content-length"):
            continue
        passing.add(_text(name), _text(value))
    return passing


def readable(accepted: str) -> str:
    """Of the codings that a client accepts those that can be read on the way, else none."""
    wanted = {one.partition(";")[0].strip().lower() for one in accepted.split(",")}
    return ", ".join(one for one in _READABLE if one in wanted) or "identity"


class Unpacking:
    """Undoes the coding of a body piece by piece; `problem` says why it could not go on."""

    def __init__(self, headers: Mapping[str, str], limit_bytes: int) -> None:
        coding = headers.get("Content-Encoding", "identity").strip().lower()
        self.problem: str | None = None
        self._left = limit_bytes
        self._unpacker = zlib.decompressobj(GZIP_OR_ZLIB) if coding != "identity" else None
        if coding not in ("identity", "", "gzip", "x-gzip", "deflate"):
            self.problem = f"its content encoding is {coding}"

    def unpack(self, piece: bytes) -> bytes:
        """What this piece says. Never raises, and never more than the limit in all."""
        if self.problem is not None:
            return b""
        try:
            plain = piece
            if self._unpacker is not None:
                plain = self._unpacker.decompress(piece, self._left + 1)
        except zlib.error as error:
            self.problem = f"it is damaged: {error}"
            return b""
        self._left -= len(plain)
        if self._left < 0:
            self.problem = "it is too long"
            return b""
        return plain


def _named(connection: str) -> frozenset[bytes]:
    """Headers that the connection itself says are its own."""
    return frozenset(one.strip().lower().encode() for one in connection.split(",") if one.strip())


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
