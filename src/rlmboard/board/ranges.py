"""Parts of a body or a file, as `Range: bytes=a-b` asks for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Stream

from ..folder import open_own, own_size

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
BLOCK_BYTES = 1 << 18


class Part(NamedTuple):
    """From `start` up to before `end` of `whole` bytes; `partial`: a range was asked for."""

    start: int
    end: int
    whole: int
    partial: bool

    @property
    def status(self) -> int:
        return 206 if self.partial else 200

    @property
    def headers(self) -> dict[str, str]:
        told = {"Accept-Ranges": "bytes", "Content-Length": str(self.end - self.start)}
        if self.partial:
            told["Content-Range"] = f"bytes {self.start}-{self.end - 1}/{self.whole}"
        return told


def part_of(request: Request[Any, Any, Any], size: int) -> Part:
    """The part that a request asks for. One that lies outside is answered with 416."""
    asked = request.headers.get("range", "")
    found = _RANGE.fullmatch(asked.strip())
    if found is None or found[1] == found[2] == "":
        return Part(0, size, size, False)  # no range, or one of many parts: the whole
    if found[1]:
        start, end = int(found[1]), min(int(found[2] or size) + 1, size)
    else:
        start, end = max(size - int(found[2]), 0), size
    if start >= end:
        raise OutOfRange(size)
    return Part(start, end, size, True)


class OutOfRange(HTTPException):
    """The part that was asked for lies outside."""

    status_code = 416

    def __init__(self, size: int) -> None:
        detail = f"There are {size} bytes; ask for a range of them."
        super().__init__(detail=detail, headers={"Content-Range": f"bytes */{size}"})


def ranged(
    request: Request[Any, Any, Any], body: bytes, media_type: str, headers: dict[str, str]
) -> Response[bytes]:
    """A body that is in memory, or the part of it that was asked for."""
    part = part_of(request, len(body))
    return Response(
        body[part.start : part.end],
        status_code=part.status,
        media_type=media_type,
        headers={**headers, **part.headers},
    )


def ranged_file(
    request: Request[Any, Any, Any], path: Path, media_type: str, headers: dict[str, str]
) -> Stream:
    """A file of a run as long as it is now, or the part that was asked for. Raises OSError."""
    part = part_of(request, own_size(path))
    return Stream(
        lambda: _blocks(path, part),
        status_code=part.status,
        media_type=media_type,
        headers={**headers, **part.headers},
    )


def _blocks(path: Path, part: Part) -> Iterator[bytes]:
    with open_own(path) as file:
        file.seek(part.start)
        left = part.end - part.start
        while left and (block := file.read(min(left, BLOCK_BYTES))):
            left -= len(block)
            yield block
