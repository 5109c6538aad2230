"""Logs of `rlms` (alexzhang13/rlm): what its `RLMLogger` writes, one JSON object a line.

One `metadata` line for each RLM, then an `iteration` line after each turn of the root. Such a log
does not say what the root's own calls used, nor which calls failed, nor why a completion without an
answer ended; nor when the calls within a cell began. What it does not say is left out here, and
times that follow only from the order are marked inferred.
"""

from __future__ import annotations

from .reader import RlmLogReader, recognises
from .stderr import raised

__all__ = ["RlmLogReader", "raised", "recognises"]
