"""Whether the board answers: its page is asked for once, as a browser would ask; then it ends."""

from __future__ import annotations

import os
import signal
import threading
import urllib.request

TIMEOUT_S = 20.0


class PageCheck:
    """Visits an address from a thread of its own, then ends this process as Ctrl-C would."""

    def __init__(self) -> None:
        self.is_well = False
        self.said = "the board did not answer"

    def start(self, address: str) -> None:
        threading.Thread(target=self._visit, args=(address,), daemon=True).start()

    def _visit(self, address: str) -> None:
        try:
            self.said = self._asked(address)
        except (OSError, ValueError) as error:
            self.said = f"the board did not answer: {error}"
        finally:
            os.kill(os.getpid(), signal.SIGINT)

    def _asked(self, address: str) -> str:
        page = _read(address)
        runs = _read(address.removesuffix("/rlm") + "/api/rlm/runs?limit=1")
        self.is_well = b"<script" in page and runs.startswith(b"{")
        return "the page answers" if self.is_well else "the board answers, but not with its page"


def _read(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=TIMEOUT_S) as answer:  # noqa: S310  our own server
        return bytes(answer.read())
