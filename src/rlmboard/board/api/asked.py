"""Parameters that several routes share, and names that stand in an address."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import unquote

from litestar import Request
from litestar.params import QueryParameter

from ...errors import BadInput
from ..live import MOST_SEQ

Limit = Annotated[int, QueryParameter(ge=1, le=1_000)]
Seq = Annotated[int, QueryParameter(ge=0, le=MOST_SEQ)]
MaybeSeq = Annotated[int | None, QueryParameter(ge=0, le=MOST_SEQ)]
Words = Annotated[str, QueryParameter(min_length=1, max_length=1_000)]
Several = Annotated[list[str] | None, QueryParameter(max_items=1_000)]

FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}
TEXT = "text/plain"


def name_after(request: Request[Any, Any, Any], before: str) -> str:
    """What stands in the address after `before`, slashes and dots included, as it was meant."""
    raw = request.scope["raw_path"].decode("latin-1").partition("?")[0]
    name = unquote(raw.partition(before)[2])
    if not name or len(name) > 300:
        raise BadInput("a name has 1 to 300 characters")
    return name
