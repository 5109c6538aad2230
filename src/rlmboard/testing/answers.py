"""A reply in the words of a protocol: the body, or the frames of a stream.

Words are those of OpenAI (chat completions, completions, responses, embeddings), Anthropic
(messages) and Ollama.
"""

from __future__ import annotations

from typing import Any

import msgspec

from . import ollama
from .book import Protocol, Served
from .reply import Reply
from .vectors import packed, vector

CREATED = 1_700_000_000
_encode = msgspec.json.encode
_STOP_REASONS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}


def protocol_of(method: str, path: str) -> Protocol:
    """Which protocol a path speaks; what is not known is chat."""
    if method == "GET":
        return "models"
    ends: dict[str, Protocol] = {
        "/chat/completions": "chat",
        "/completions": "completions",
        "/responses": "responses",
        "/messages": "messages",
        "/api/chat": "ollama_chat",
        "/api/generate": "ollama_generate",
        "/api/embed": "ollama_embed",
        "/api/embeddings": "ollama_embed",
        "/embeddings": "embeddings",
    }
    return next((ends[end] for end in ends if path.endswith(end)), "chat")


def frames(served: Served) -> list[bytes]:
    """What is sent, piece by piece; one piece where nothing is streamed."""
    reply = served.reply
    if reply.raw is not None:
        return [reply.raw]
    if reply.status >= 400:
        return [_encode({"error": {"message": "scripted", "type": "scripted", "code": None}})]
    if not served.streams or served.protocol in ("embeddings", "ollama_embed"):
        return [_encode(_WHOLE[served.protocol](served))]
    return _STREAMED[served.protocol](served)


# ------------------------------------------------------------------ chat completions


def _chat(served: Served) -> dict[str, Any]:
    reply = served.reply
    message: dict[str, Any] = {"role": "assistant", "content": reply.text}
    if reply.tool_calls:
        message["tool_calls"] = _chat_tools(reply)
    choice = {"index": 0, "message": message, "finish_reason": _chat_finish(reply)}
    return _chat_frame(served, "chat.completion", [choice], reply.usage is not None)


def _chat_stream(served: Served) -> list[bytes]:
    reply, kind = served.reply, "chat.completion.chunk"

    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return _data(_chat_frame(served, kind, [choice]))

    sent = [chunk({"role": "assistant", "content": ""})]
    sent += [chunk({"content": piece}) for piece in reply.pieces]
    tools = [{"index": at, **tool} for at, tool in enumerate(_chat_tools(reply))]
    sent += [chunk({"tool_calls": [tool]}) for tool in tools]
    return [*sent, chunk({}, _chat_finish(reply)), *_chat_end(served, kind)]


def _chat_end(served: Served, kind: str) -> list[bytes]:
    """The usage, for who asks for it, and the end."""
    end = [b"data: [DONE]\n\n"]
    options = served.body.get("stream_options") or {}
    if served.reply.usage is None or not options.get("include_usage"):
        return end
    return [_data(_chat_frame(served, kind, [], counted=True)), *end]


def _chat_frame(
    served: Served, kind: str, choices: list[dict[str, Any]], counted: bool = False
) -> dict[str, Any]:
    said: dict[str, Any] = {
        "id": f"{'cmpl' if kind == 'text_completion' else 'chatcmpl'}-{served.number}",
        "object": kind,
        "created": CREATED,
        "model": str(served.model),
        "choices": choices,
    }
    return {**said, "usage": _with_cost(served.reply, served.reply.usage)} if counted else said


def _chat_tools(reply: Reply) -> list[dict[str, Any]]:
    return [
        {
            "id": tool["id"],
            "type": "function",
            "function": {"name": tool["name"], "arguments": tool["arguments"]},
        }
        for tool in reply.tool_calls
    ]


def _chat_finish(reply: Reply) -> str:
    return "tool_calls" if reply.tool_calls else reply.finish_reason


# ------------------------------------------------------------------ completions


def _completion(served: Served) -> dict[str, Any]:
    counted = served.reply.usage is not None
    choices = _completion_choices(served, served.reply.text, served.reply.finish_reason)
    return _chat_frame(served, "text_completion", choices, counted)


def _completion_stream(served: Served) -> list[bytes]:
    reply, kind = served.reply, "text_completion"
    told = [(piece, None) for piece in reply.pieces] + [("", reply.finish_reason)]
    sent = [
        _data(_chat_frame(served, kind, [choice]))
        for text, finish in told
        for choice in _completion_choices(served, text, finish)
    ]
    return [*sent, *_chat_end(served, kind)]


def _completion_choices(served: Served, text: str, finish: str | None) -> list[dict[str, Any]]:
    """As many for each of several texts as are asked for."""
    prompt = served.body.get("prompt")
    prompts = prompt if isinstance(prompt, list) and not isinstance(prompt[0], int) else [prompt]
    count = len(prompts) * (served.body.get("n") or 1)
    return [
        {"index": at, "text": text, "logprobs": None, "finish_reason": finish}
        for at in range(count)
    ]


# ------------------------------------------------------------------ responses


def _response(served: Served) -> dict[str, Any]:
    reply = served.reply
    tools = [
        {
            "type": "function_call",
            "id": f"fc_{tool['id']}",
            "call_id": tool["id"],
            "name": tool["name"],
            "arguments": tool["arguments"],
            "status": "completed",
        }
        for tool in reply.tool_calls
    ]
    return {
        **_response_head(served, "completed"),
        "output": [_response_message(served, reply.text), *tools],
        "usage": _response_usage(reply),
    }


def _response_head(served: Served, status: str) -> dict[str, Any]:
    return {
        "id": f"resp_{served.number}",
        "object": "response",
        "created_at": CREATED,
        "status": status,
        "model": str(served.model),
        "output": [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "usage": None,
    }


def _response_message(served: Served, text: str) -> dict[str, Any]:
    return {
        "type": "message",
        "id": f"msg_{served.number}",
        "status": "completed",
        "role": "assistant",
        "content": [{"type": "output_text", "text": text, "annotations": []}],
    }


def _response_usage(reply: Reply) -> dict[str, Any] | None:
    if reply.usage is None:
        return None
    given, made = reply.usage.get("prompt_tokens"), reply.usage.get("completion_tokens")
    said = {
        "input_tokens": given,
        "input_tokens_details": {"cached_tokens": _cached(reply) or 0},
        "output_tokens": made,
        "output_tokens_details": {"reasoning_tokens": _reasoning(reply) or 0},
        "total_tokens": (given or 0) + (made or 0),
    }
    return _with_cost(reply, said)


def _response_stream(served: Served) -> list[bytes]:
    whole, item = _response(served), _response_message(served, "")
    item_id, part = item["id"], {"type": "output_text", "text": "", "annotations": []}
    at = {"item_id": item_id, "output_index": 0, "content_index": 0}
    begun = {**item, "status": "in_progress", "content": []}
    told: list[tuple[str, dict[str, Any]]] = [
        ("response.created", {"response": _response_head(served, "in_progress")}),
        ("response.output_item.added", {"output_index": 0, "item": begun}),
        ("response.content_part.added", {**at, "part": part}),
        *(
            ("response.output_text.delta", {**at, "delta": piece, "logprobs": []})
            for piece in served.reply.pieces
        ),
        ("response.output_text.done", {**at, "text": served.reply.text, "logprobs": []}),
        ("response.content_part.done", {**at, "part": {**part, "text": served.reply.text}}),
        *(
            ("response.output_item.done", {"output_index": index, "item": item})
            for index, item in enumerate(whole["output"])
        ),
        ("response.completed", {"response": whole}),
    ]
    return [
        _event(name, {"type": name, "sequence_number": number, **said})
        for number, (name, said) in enumerate(told)
    ]


# ------------------------------------------------------------------ messages


def _message(served: Served) -> dict[str, Any]:
    reply = served.reply
    tools = [_tool_use(tool, msgspec.json.decode(tool["arguments"])) for tool in reply.tool_calls]
    text = [{"type": "text", "text": reply.text}] if reply.text or not tools else []
    return {
        **_message_head(served),
        "content": [*text, *tools],
        "stop_reason": _stop_reason(reply),
        "usage": _message_usage(reply),
    }


def _message_head(served: Served) -> dict[str, Any]:
    return {
        "id": f"msg_{served.number}",
        "type": "message",
        "role": "assistant",
        "model": str(served.model),
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
    }


def _tool_use(tool: dict[str, str], input: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": tool["id"], "name": tool["name"], "input": input}


def _stop_reason(reply: Reply) -> str:
    finish = _chat_finish(reply)
    return _STOP_REASONS.get(finish, finish)


def _message_usage(reply: Reply) -> dict[str, Any] | None:
    """Anthropic's `input_tokens` are those that no cache held."""
    if reply.usage is None:
        return None
    cached = _cached(reply) or 0
    said = {
        "input_tokens": (reply.usage.get("prompt_tokens") or 0) - cached,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": cached,
        "output_tokens": reply.usage.get("completion_tokens"),
    }
    return _with_cost(reply, said)


def _message_stream(served: Served) -> list[bytes]:
    reply = served.reply
    usage = _message_usage(reply) or {}
    head = {**_message_head(served), "usage": {**usage, "output_tokens": 1} if usage else None}
    sent = [_typed("message_start", message=head)]
    sent += _block(0, {"type": "text", "text": ""}, "text_delta", "text", reply.pieces)
    for index, tool in enumerate(reply.tool_calls, 1):
        pieces = [tool["arguments"]]
        sent += _block(index, _tool_use(tool, {}), "input_json_delta", "partial_json", pieces)
    delta = {"stop_reason": _stop_reason(reply), "stop_sequence": None}
    return [*sent, _typed("message_delta", delta=delta, usage=usage), _typed("message_stop")]


def _block(
    index: int, begun: dict[str, Any], kind: str, field: str, pieces: list[str]
) -> list[bytes]:
    deltas = [
        _typed("content_block_delta", index=index, delta={"type": kind, field: piece})
        for piece in pieces
    ]
    start = _typed("content_block_start", index=index, content_block=begun)
    return [start, *deltas, _typed("content_block_stop", index=index)]


# ------------------------------------------------------------------ embeddings, models


def _embeddings(served: Served) -> dict[str, Any]:
    asked = served.body.get("input")
    texts = asked if isinstance(asked, list) else [asked]
    is_packed = served.body.get("encoding_format") == "base64"
    said: dict[str, Any] = {
        "object": "list",
        "model": str(served.model),
        "data": [
            {
                "object": "embedding",
                "index": at,
                "embedding": packed(vector(text)) if is_packed else vector(text),
            }
            for at, text in enumerate(texts)
        ],
    }
    if served.reply.usage is not None:
        said["usage"] = _with_cost(served.reply, served.reply.usage)
    return said


def models(path: str, names: tuple[str, ...]) -> bytes:
    """The list of models, as this path has it."""
    if path.endswith("/api/tags"):
        return ollama.listed(names)
    listed = [
        {"id": name, "object": "model", "created": CREATED, "owned_by": "scripted"}
        for name in names
    ]
    return _encode({"object": "list", "data": listed})


# ------------------------------------------------------------------ frames


_WHOLE = {
    "chat": _chat,
    "completions": _completion,
    "responses": _response,
    "messages": _message,
    "embeddings": _embeddings,
    "ollama_chat": ollama.whole,
    "ollama_generate": ollama.whole,
    "ollama_embed": ollama.whole,
}
_STREAMED = {
    "chat": _chat_stream,
    "completions": _completion_stream,
    "responses": _response_stream,
    "messages": _message_stream,
    "ollama_chat": ollama.lines,
    "ollama_generate": ollama.lines,
}


def _data(said: dict[str, Any]) -> bytes:
    return b"data: " + _encode(said) + b"\n\n"


def _event(name: str, said: dict[str, Any]) -> bytes:
    return f"event: {name}\n".encode() + _data(said)


def _typed(name: str, **said: Any) -> bytes:
    return _event(name, {"type": name, **said})


def _with_cost(reply: Reply, said: dict[str, Any] | None) -> dict[str, Any] | None:
    return said if said is None or reply.cost is None else {**said, "cost": reply.cost}


def _detail(reply: Reply, group: str, name: str) -> int | None:
    details = (reply.usage or {}).get(group) or {}
    count = details.get(name)
    return count if isinstance(count, int) else None


def _cached(reply: Reply) -> int | None:
    return _detail(reply, "prompt_tokens_details", "cached_tokens")


def _reasoning(reply: Reply) -> int | None:
    return _detail(reply, "completion_tokens_details", "reasoning_tokens")
