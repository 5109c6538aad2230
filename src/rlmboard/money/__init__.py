"""Prices and budget: money is counted here, and never spent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .budget import Amounts, Budget, Refusal, Settled, Settlement

__all__ = ["Amounts", "Budget", "Refusal", "Settled", "Settlement"]


def __getattr__(name: str) -> Any:
    """The budget loads when it is asked for: recording needs the units alone, and at once."""
    from importlib import import_module

    if name in __all__:
        return getattr(import_module(".budget", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
