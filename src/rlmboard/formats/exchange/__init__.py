"""Requests to language models and their answers, read as they pass: bytes in, values out. Pure."""

from .reading import StreamedAnswer, asks_for_more, read_answer, read_refusal, read_request
from .values import OLLAMA, Api, Asked, Said, StreamReader, Turn

__all__ = [
    "OLLAMA",
    "Api",
    "Asked",
    "Said",
    "StreamReader",
    "StreamedAnswer",
    "Turn",
    "asks_for_more",
    "read_answer",
    "read_refusal",
    "read_request",
]
