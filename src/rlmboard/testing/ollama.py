"""A reply in Ollama's own words: chat, generate and embed, whole or a line of JSON at a time."""

from __future__ import annotations

from typing import Any

import msgspec

from .book import Served
from .reply import Reply
from .vectors import vector

CREATED_AT = "2023-11-14T22:13:20Z"
_encode = msgspec.json.encode


def whole(served: Served) -> dict[str, Any]:
    """One answer."""
    if served.protocol == "ollama_embed":
        asked = served.body.get("input", served.body.get("prompt"))
        texts = asked if isinstance(asked, list) else [asked]
        vectors = [vector(text) for text in texts]
        if "input" not in served.body:
            return {"embedding": vectors[0]}  # as it was, and without counts
        counts = _counts(served.reply, made=False)
        return {"model": str(served.model), "embeddings": vectors, **counts}
    return {**_piece(served, served.reply.text, _tools(served.reply)), **_end(served.reply)}


def lines(served: Served) -> list[bytes]:
    """A streamed answer, piece by piece; the last line has the counts."""
    reply = served.reply
    said = [_piece(served, piece, []) for piece in reply.pieces]
    said += [_piece(served, "", [tool]) for tool in _tools(reply)]
    said.append({**_piece(served, "", []), **_end(reply)})
    return [_encode(one) + b"\n" for one in said]


def listed(names: tuple[str, ...]) -> bytes:
    """The models on this machine."""
    return _encode({"models": [{"name": name, "model": name, "size": 1} for name in names]})


def _piece(served: Served, text: str, tools: list[dict[str, Any]]) -> dict[str, Any]:
    said = {"model": str(served.model), "created_at": CREATED_AT, "done": False}
    if served.protocol == "ollama_generate":
        return {**said, "response": text}
    message: dict[str, Any] = {"role": "assistant", "content": text}
    return {**said, "message": {**message, "tool_calls": tools} if tools else message}


def _end(reply: Reply) -> dict[str, Any]:
    return {"done": True, "done_reason": reply.finish_reason, **_counts(reply)}


def _counts(reply: Reply, made: bool = True) -> dict[str, Any]:
    """Ollama tells no cost, and nothing of caches or thoughts."""
    if reply.usage is None:
        return {}
    counts = {"prompt_eval_count": reply.usage.get("prompt_tokens")}
    return {**counts, "eval_count": reply.usage.get("completion_tokens")} if made else counts


def _tools(reply: Reply) -> list[dict[str, Any]]:
    """Arguments are an object here, not a text."""
    return [
        {"function": {"name": one["name"], "arguments": msgspec.json.decode(one["arguments"])}}
        for one in reply.tool_calls
    ]
