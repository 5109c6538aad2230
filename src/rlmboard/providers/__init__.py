"""Who answers: built in, over HTTP, or simulated. Each keeps the contract `conductor.Provider`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .entry import Entry, ProvidersFile, read_providers
from .extractive import PREFACE, ExtractiveProvider
from .fake import FakeProvider, simulated_swarm
from .latency import Constant, Latency, LongTail, Normal
from .pool import BUILT_IN, PoolMaker

if TYPE_CHECKING:
    from .ollama import OllamaProvider
    from .openai import OpenAiProvider

__all__ = [
    "BUILT_IN",
    "PREFACE",
    "Constant",
    "Entry",
    "ExtractiveProvider",
    "FakeProvider",
    "Latency",
    "LongTail",
    "Normal",
    "OllamaProvider",
    "OpenAiProvider",
    "PoolMaker",
    "ProvidersFile",
    "read_providers",
    "simulated_swarm",
]


def __getattr__(name: str) -> Any:
    """Loads what speaks HTTP when it is first asked for: aiohttp takes longer than all the rest."""
    if name in ("OllamaProvider", "OpenAiProvider"):
        file = name.removesuffix("Provider").lower()
        return getattr(importlib.import_module(f".{file}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
