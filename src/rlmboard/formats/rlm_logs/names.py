"""The names in a REPL: described, and the context among them."""

from __future__ import annotations

from typing import Any

import msgspec

MOST_VARIABLES = 60


class ReplNames:
    """Of the cells of one RLM, in order. A value that did not change costs a comparison."""

    def __init__(self) -> None:
        self.context: str | None = None
        self._context_type: str = "str"
        self._described: dict[str, tuple[msgspec.Raw, str]] = {}

    def take(self, values: dict[str, msgspec.Raw] | None) -> dict[str, str] | None:
        """Names with a short description each; the context is remembered beside."""
        if not values:
            return None
        if self.context is None and (raw := values.get("context_0", values.get("context"))):
            self._remember(raw)
        shown = [name for name in values if not name.startswith("_")]
        described = {name: self._describe(name, values[name]) for name in shown[:MOST_VARIABLES]}
        if len(shown) > MOST_VARIABLES:
            described["..."] = f"{len(shown) - MOST_VARIABLES} more"
        return described

    def context_facts(self, sha256: str) -> dict[str, Any]:
        """What stands for the context in a trace."""
        return {"type": self._context_type, "chars": len(self.context or ""), "sha256": sha256}

    def _remember(self, raw: msgspec.Raw) -> None:
        said = msgspec.json.decode(raw)
        self._context_type = type(said).__name__
        self.context = said if isinstance(said, str) else msgspec.json.encode(said).decode()

    def _describe(self, name: str, raw: msgspec.Raw) -> str:
        before = self._described.get(name)
        if before is not None and before[0] == raw:
            return before[1]
        described = _described(raw)
        self._described[name] = (raw.copy(), described)
        return described


def _described(raw: msgspec.Raw) -> str:
    kind = bytes(memoryview(raw)[:1])
    if kind == b'"':
        return f"str, {len(msgspec.json.decode(raw, type=str))} characters"
    if kind == b"[":
        return f"list of {len(msgspec.json.decode(raw, type=list[msgspec.Raw]))}"
    if kind == b"{":
        return f"dict of {len(msgspec.json.decode(raw, type=dict[str, msgspec.Raw]))}"
    plain = {b"true": "True", b"false": "False", b"null": "None"}
    return plain.get(bytes(raw), bytes(memoryview(raw)[:40]).decode())
