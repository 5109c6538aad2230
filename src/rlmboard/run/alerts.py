"""Telling somebody: a webhook, posted beside the run and never waited for by it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from ..money.units import MSAT_PER_SAT, NANOS_PER_USD, msat, usd_nanos
from ..trace import SubQueryReturn, plain

POST_TIMEOUT_S = 5.0
WAIT_AT_END_S = 2.0
THRESHOLDS = (75, 90, 100)


_ONE = {"sats": MSAT_PER_SAT, "dollars": NANOS_PER_USD}


class Webhook:
    """Posts JSON to one address. What goes wrong there stays there; `failed` counts it."""

    def __init__(self, url: str | None) -> None:
        self._url = url if url and url.startswith(("https://", "http://")) else None
        self._posts: list[threading.Thread] = []
        self.failed = 0

    def post(self, message: dict[str, Any]) -> None:
        if self._url is None:
            return
        post = threading.Thread(
            target=self._send, args=(msgspec.json.encode(plain(message)),), daemon=True
        )
        self._posts.append(post)
        try:
            post.start()
        except RuntimeError:
            self.failed += 1

    def tell(self, title: str, text: str, level: str, *, run_id: str, query: str) -> None:
        """An alert: `text` is what chat programs show, the other fields are for programs."""
        shown = f"[{level}] {title}: {text}" if text else f"[{level}] {title}"
        self.post(
            {
                "text": f"{shown} (run {run_id})",
                "title": title,
                "message": text,
                "level": level,
                "run_id": run_id,
                "query": query,
            }
        )

    def wait(self) -> None:
        """Until what was posted has arrived, or two seconds have passed."""
        for post in self._posts:
            if post.ident is not None:
                post.join(WAIT_AT_END_S / len(self._posts))

    def _send(self, body: bytes) -> None:
        import http.client  # both cost 20 ms, and few runs need them
        import urllib.request

        request = urllib.request.Request(  # noqa: S310  http(s) only, see __init__
            self._url or "", body, {"Content-Type": "application/json"}, method="POST"
        )
        try:
            urllib.request.urlopen(request, timeout=POST_TIMEOUT_S).close()  # noqa: S310
        except (OSError, ValueError, http.client.HTTPException):
            self.failed += 1


class Budgets:
    """Tells when 75, 90 and 100 % of a budget are spent, each once. What is spent stays spent."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._spent = {"sats": 0, "dollars": 0}
        self._ahead = {unit: list(THRESHOLDS) for unit in self._spent}
        self.set(config)

    def set(self, config: Mapping[str, Any]) -> None:
        """The budgets that the settings name now."""
        self._limits = {
            "sats": _limit(msat, config.get("budget_sats")),
            "dollars": _limit(usd_nanos, config.get("budget_usd")),
        }
        self._are_set = any(self._limits.values())

    def spend(self, answer: SubQueryReturn) -> Iterable[tuple[str, str]]:
        """The alerts that this answer calls for: title and text."""
        self._spent["sats"] += answer.cost_msat or 0  # what is not known is not counted
        self._spent["dollars"] += answer.cost_usd_nanos or 0
        return self._passed() if self._are_set else ()

    def _passed(self) -> Iterator[tuple[str, str]]:
        for unit, limit in self._limits.items():
            ahead = self._ahead[unit]
            while ahead and self._spent[unit] * 100 >= ahead[0] * limit > 0:
                spent, whole = self._spent[unit] / _ONE[unit], limit / _ONE[unit]
                yield f"{ahead.pop(0)} % of the budget is spent", f"{spent:g} of {whole:g} {unit}"


def _limit(scaled: Callable[[Any], int], said: Any) -> int:
    try:
        return scaled(said) if said is not None else 0
    except ValueError:
        return 0  # whatever it is, no budget: the config keeps it as it was said
