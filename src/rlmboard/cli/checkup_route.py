"""What `doctor` finds, as a route of the board: handed in, since the board knows no command."""

from __future__ import annotations

from litestar import get
from litestar.handlers import HTTPRouteHandler

from .checkup import Finding, check_home
from .workplace import Workplace


def checkup_route(here: Workplace) -> HTTPRouteHandler:
    """`GET /api/rlm/doctor`."""

    @get("/api/rlm/doctor", sync_to_thread=True)
    def doctor() -> list[Finding]:
        """What could be mended in this home."""
        return list(check_home(here.home, here.store, lambda done, of: None))

    return doctor
