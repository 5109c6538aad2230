"""Other programs become runs, over a wire: requests pass, are recorded, and kept within limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .proxy import Mounted
    from .serving import Gateway, serve
    from .settings import Limits, Settings, read_settings
    from .spans import span_mounts
    from .upstream import Upstream, upstream_of

__all__ = [
    "Gateway",
    "Limits",
    "Mounted",
    "Settings",
    "Upstream",
    "read_settings",
    "serve",
    "span_mounts",
    "upstream_of",
]


def __getattr__(name: str) -> Any:
    """What passes requests on loads when it is asked for: spans are taken without it."""
    from importlib import import_module

    for module in ("settings", "serving", "proxy", "upstream", "spans"):
        if name in __all__ and hasattr(found := import_module(f".{module}", __name__), name):
            return getattr(found, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
