"""Which run a request belongs to: by its path, by its header, or else by who sent it."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import NamedTuple

from ..errors import BadInput
from ..folder import valid_run_id
from .refusals import refused

RUN_HEADER = "X-Rlmboard-Run"
SECRET_HEADERS = ("Authorization", "X-Api-Key", "Api-Key", "Proxy-Authorization", "Cookie")
_KEYS = SECRET_HEADERS[:3]
_QUERY_ID = re.compile(r"[!-~]{1,200}")
_PARTS = re.compile(r"[\s=;,\"]+")
_SECRET_BYTES = 32
LONG_SECRET = 16
"""Shorter keys are words that a prompt may hold by chance: `ollama`, `none`."""


class RunName(NamedTuple):
    """The run that a request belongs to; with `query_id`, the sub-query that it is.

    `title` is what people read where nobody named the run.
    """

    run_id: str
    query_id: str | None = None
    title: str | None = None


class Naming:
    """Names the runs of clients that name none: the same client, the same run.

    A client is its key and its user agent, told apart by a hash that only this home can make.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def of(self, in_path: str | None, headers: Mapping[str, str]) -> RunName:
        """Raises Refused for a name that can be none."""
        said = headers.get(RUN_HEADER)
        if said:
            run, _, query_id = said.partition("/")
            if query_id and not _QUERY_ID.fullmatch(query_id):
                raise refused("bad_request", f"{RUN_HEADER}: the sub-query's id can be no id")
            return RunName(_checked(run), query_id or None)
        if in_path is not None:
            return RunName(_checked(in_path))
        return self._of_client(headers)

    def _of_client(self, headers: Mapping[str, str]) -> RunName:
        key = next((said for name in _KEYS if (said := headers.get(name))), "")
        agent = headers.get("User-Agent", "")
        shown = f"{key}\n{agent}".encode(errors="replace")
        token = hmac.new(self._secret, shown, hashlib.sha256).hexdigest()[:12]
        words = "".join(letter for letter in agent if letter.isprintable())[:60]
        return RunName(f"client-{token}", title=f"{words or 'a client'} ({token[:4]})")


def secrets_of(headers: Mapping[str, str]) -> tuple[str, ...]:
    """What must stand in no record: whole headers, and the keys in them. The longest first."""
    found: set[str] = set()
    for name in SECRET_HEADERS:
        if said := headers.get(name, "").strip():
            found |= {said, *_PARTS.split(said)}
    return tuple(sorted((one for one in found if len(one) > 3), key=len, reverse=True))


def long_secrets(secrets: tuple[str, ...]) -> tuple[str, ...]:
    """Those that no text holds by chance."""
    return tuple(one for one in secrets if len(one) >= LONG_SECRET)


def without(secrets: tuple[str, ...], text: str) -> str:
    """The text with every secret in it blotted out."""
    for secret in secrets:
        text = text.replace(secret, "***")
    return text


def _checked(run: str) -> str:
    try:
        return valid_run_id(run)
    except BadInput as error:
        raise refused("bad_request", str(error)[:400]) from error
