"""Spans of other programs become runs, over HTTP: the contract, without a framework."""

from .answering import MOST_BYTES, PATHS, TRACES, Answer, answer, too_large
from .receiver import Receiver, Unavailable
from .sending import NotTaken, endpoint, headers_of, send_spans

__all__ = [
    "MOST_BYTES",
    "PATHS",
    "TRACES",
    "Answer",
    "NotTaken",
    "Receiver",
    "Unavailable",
    "answer",
    "endpoint",
    "headers_of",
    "send_spans",
    "too_large",
]
