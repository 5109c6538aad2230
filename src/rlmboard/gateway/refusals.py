"""What the gateway itself says no to, in the words of the API that was asked."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec
from aiohttp import web

from ..formats.exchange import OLLAMA, Api

Reason: TypeAlias = Literal[
    "budget", "unknown_cost", "rate", "concurrency", "model", "stopped",
    "bad_request", "forbidden", "not_found", "conflict", "too_large", "timeout", "upstream",
]  # fmt: skip

_STATUS: dict[Reason, int] = {
    "budget": 402,
    "unknown_cost": 402,
    "rate": 429,
    "concurrency": 429,
    "model": 403,
    "stopped": 403,
    "bad_request": 400,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "too_large": 413,
    "timeout": 504,
    "upstream": 502,
}
_TYPES: dict[int, str] = {
    400: "invalid_request_error",
    402: "insufficient_quota",
    403: "permission_error",
    404: "not_found_error",
    409: "invalid_request_error",
    413: "request_too_large",
    429: "rate_limit_error",
}


class Refusal(msgspec.Struct, frozen=True):
    """Why the gateway does not pass a request on; `message` says what to do next."""

    reason: Reason
    message: str
    retry_after_s: float | None = None

    @property
    def status(self) -> int:
        return _STATUS[self.reason]

    def body(self, api: Api | None) -> bytes:
        """The error as clients of this API read it; `code` tells it from the upstream's own."""
        kind, code = _TYPES.get(self.status, "api_error"), f"rlmboard_{self.reason}"
        if api == "messages":
            error = {"type": kind, "message": self.message, "code": code}
            return msgspec.json.encode({"type": "error", "error": error})
        if api in OLLAMA:
            return msgspec.json.encode({"error": self.message, "code": code})
        said = {"message": self.message, "type": kind, "param": None, "code": code}
        return msgspec.json.encode({"error": said})

    def response(self, api: Api | None = None) -> web.Response:
        """The whole answer. No client tries again by itself what would be refused again."""
        headers = {"Content-Type": "application/json"}
        if self.retry_after_s is not None:
            headers["Retry-After"] = str(max(1, round(self.retry_after_s)))
        elif self.status == 409:
            headers["X-Should-Retry"] = "false"
        return web.Response(body=self.body(api), status=self.status, headers=headers)


class Refused(Exception):
    """Carries a refusal to where requests are answered."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def refused(reason: Reason, message: str) -> Refused:
    return Refused(Refusal(reason, message))
