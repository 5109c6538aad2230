"""Keys and tokens in what other programs wrote down, found by name and by form, and hidden."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "***"
SECRET_NAME = re.compile(
    r"secret|token(?!s)|passw|passphrase|pwd|api[-_]?key|(^|[-_])key$|auth(?!or(?!i[sz]))|credential"
    r"|private[-_]?key|cookie|bearer",
    re.IGNORECASE,
)
SECRET_VALUE = re.compile(
    r"\b(sk-[\w-]{12,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|xox[abp]-[\w-]{10,}|AKIA\w{16}"
    r"|AIza[\w-]{30,}|hf_\w{20,}|eyJ[\w-]{20,}[\w.-]*)"
    r"|(?<=://)[^/@\s:]+:[^/@\s]+(?=@)"
)
_BEARER = re.compile(r"(?i)\b(bearer|basic)(\s+)[\w.~+/=-]{8,}")
_NAMED = re.compile(
    r"""(?i)((?:api[-_]?key|authorization|passw(?:or)?d|secret|access[-_]?token"""
    r"""|auth[-_]?token|private[-_]?key)\\?["']?\s*[:=]\s*\\?["'])([^"'\\\s]{4,})"""
)
_HINTS = ("sk-", "_", "xox", "AKIA", "AIza", "eyJ", "://")
_NAME_HINTS = ("bearer", "basic", "key", "authorization", "passw", "secret", "token")
_SHORT = 400


def masked(text: str) -> str:
    """The text, with what looks like a secret replaced by `***`."""
    if len(text) < _SHORT or any(map(text.__contains__, _HINTS)):
        text = SECRET_VALUE.sub(HIDDEN, text)
    if any(map(text.lower().__contains__, _NAME_HINTS)):
        text = _BEARER.sub(rf"\1\2{HIDDEN}", text)
        text = _NAMED.sub(rf"\1{HIDDEN}", text)
    return text


def masked_tree(tree: Any) -> Any:
    """A tree of settings or arguments: what a secret name holds, and what looks like a secret."""
    if isinstance(tree, str):
        return masked(tree)
    if isinstance(tree, Mapping):
        return {
            key: _hidden(inner) if SECRET_NAME.search(str(key)) else masked_tree(inner)
            for key, inner in tree.items()
        }
    if isinstance(tree, list | tuple):
        return [masked_tree(inner) for inner in tree]
    return tree


def _hidden(tree: Any) -> Any:
    """Every text below a secret name; numbers and flags tell nothing, and stay."""
    if isinstance(tree, str):
        return HIDDEN if tree else tree
    if isinstance(tree, Mapping):
        return {key: _hidden(inner) for key, inner in tree.items()}
    if isinstance(tree, list | tuple):
        return [_hidden(inner) for inner in tree]
    return tree
