"""Telling somebody: a webhook, posted beside the run and never waited for by it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

POST_TIMEOUT_S = 5.0
WAIT_AT_END_S = 2.0
THRESHOLDS = (75, 90, 100)


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
            target=self._send, args=(json.dumps(message, default=str).encode(),), daemon=True
        )
        self._posts.append(post)
        try:
            post.start()
        except RuntimeError:
            self.failed += 1

    def wait(self) -> None:
        """Until what was posted has arrived, or two seconds have passed."""
        for post in self._posts:
            if post.ident is not None:
                post.join(WAIT_AT_END_S / len(self._posts))

    def _send(self, body: bytes) -> None:
        import urllib.request  # costs 20 ms, and few runs need it

        request = urllib.request.Request(  # noqa: S310  http(s) only, see __init__
            self._url or "", body, {"Content-Type": "application/json"}, method="POST"
        )
        try:
            urllib.request.urlopen(request, timeout=POST_TIMEOUT_S).close()  # noqa: S310
        except (OSError, ValueError):
            self.failed += 1


class BudgetWatch:
    """Which thresholds of a budget were passed, each told once."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.spent = 0
        self._ahead = list(THRESHOLDS) if limit > 0 else []

    def spend(self, amount: int) -> Iterator[int]:
        """The percentages that this amount reaches."""
        self.spent += amount
        while self._ahead and self.spent * 100 >= self._ahead[0] * self.limit:
            yield self._ahead.pop(0)
