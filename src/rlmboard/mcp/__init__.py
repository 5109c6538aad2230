"""An agent reads runs over the Model Context Protocol: it looks, and can change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .answers import Answers

if TYPE_CHECKING:
    from .serving import server

__all__ = ["Answers", "server"]


def __getattr__(name: str) -> Any:
    """The server needs the SDK, which is loaded when it is asked for."""
    if name == "server":
        from .serving import server

        return server
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
