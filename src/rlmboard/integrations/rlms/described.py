"""An RLM and what it is given, described for the record of a run. No key, header or token in it."""

from __future__ import annotations

import importlib.metadata
from typing import Any
from urllib.parse import urlsplit

import msgspec

from ...trace import as_text, content_hash, plain

KEPT_CONTEXT_BYTES = 16 << 20
QUERY_CHARS = 1000
_SAMPLING = ("temperature", "top_p", "max_tokens", "max_completion_tokens", "seed")
_LIMITS = ("max_iterations", "max_tokens", "max_errors", "max_concurrent_subcalls")


def config_of(rlm: Any) -> dict[str, Any]:
    """Settings by which two runs are compared; only names that are known to hold no secret."""
    backend = rlm.backend_kwargs or {}
    others = getattr(rlm, "other_backend_kwargs", None) or [{}]
    found = {
        "method": "rlm",
        "model": _text(backend.get("model_name")),
        "sub_model": _text(others[0].get("model_name")),
        "max_depth": rlm.max_depth,
        "timeout_s": getattr(rlm, "max_timeout", None),
        "budget_usd": getattr(rlm, "max_budget", None),
        "backend": _text(rlm.backend),
        "server": _server(backend.get("base_url") or backend.get("azure_endpoint")),
        "environment": _text(rlm.environment_type),
        "rlms": _version(),
        **{name: getattr(rlm, name, None) for name in _LIMITS},
        "compaction": getattr(rlm, "compaction", None) or None,
        "persistent": getattr(rlm, "persistent", None) or None,
        **_sampling(backend.get("sampling_args")),
    }
    return {name: value for name, value in found.items() if value is not None}


def query_of(prompt: Any, root_prompt: Any) -> str:
    """What is asked: the question where there is one, else the beginning of what is given."""
    if root_prompt:
        return as_text(root_prompt)
    return _as_prompt(prompt)[:QUERY_CHARS]


def context_of(prompt: Any) -> tuple[str | None, dict[str, Any]]:
    """The text to keep, where it is not too long, and what stands for it in the trace."""
    text = _as_prompt(prompt)
    content = text.encode(errors="replace")
    described = {
        "type": type(prompt).__name__,
        "chars": len(text),
        "sha256": content_hash(content),
    }
    return (text if len(content) <= KEPT_CONTEXT_BYTES else None), described


def _as_prompt(prompt: Any) -> str:
    if isinstance(prompt, str):
        return prompt
    return msgspec.json.encode(plain(prompt)).decode(errors="replace")


def _sampling(said: Any) -> dict[str, Any]:
    known = said if isinstance(said, dict) else {}
    return {name: known[name] for name in _SAMPLING if isinstance(known.get(name), int | float)}


def _server(address: Any) -> str | None:
    """Host and port alone: a password may stand before them, and a key behind."""
    if not isinstance(address, str):
        return None
    parts = urlsplit(address)
    try:
        return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    except ValueError:
        return parts.hostname


def _version() -> str | None:
    try:
        return importlib.metadata.version("rlms")
    except importlib.metadata.PackageNotFoundError:
        return None


def _text(said: Any) -> str | None:
    return None if said is None else as_text(said)
