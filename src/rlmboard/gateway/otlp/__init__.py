"""Spans of other programs become runs, over HTTP: the contract, without a framework."""

from .answering import MOST_BYTES, PATHS, TRACES, Answer, answer, too_large
from .receiver import Receiver, Unavailable

__all__ = [
    "MOST_BYTES",
    "PATHS",
    "TRACES",
    "Answer",
    "Receiver",
    "Unavailable",
    "answer",
    "too_large",
]
