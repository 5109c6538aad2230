"""One address that is posted to. All that HTTP can do wrong becomes a ProviderError."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime

import aiohttp

from ..conductor.provider import ProviderError
from ..formats.chat import error_message
from .address import usable_url

BODY_LIMIT_BYTES = 8 << 20
"""The most of an answer that is read."""
CONNECT_TIMEOUT_S = 30.0

_RETRYABLE = frozenset({408, 409, 429})
_KINDS = {400: "bad_request", 401: "no_access", 403: "no_access", 404: "not_found"} | {
    408: "timeout",
    409: "conflict",
    429: "rate_limited",
}


class Wire:
    """Posts JSON to one URL over as many connections as there may be attempts under way.

    Time is bounded by who asks, not here. `secret` goes into a header and nowhere else: it is cut
    out of what a server says.
    """

    def __init__(
        self,
        url: str,
        *,
        concurrency: int,
        secret: str | None = None,
        headers: Mapping[str, str] | None = None,
        body_limit_bytes: int = BODY_LIMIT_BYTES,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._url = usable_url(url)
        self._concurrency = concurrency
        self._secret = secret
        self._headers = {"Content-Type": "application/json", **(headers or {})}
        if secret:
            self._headers["Authorization"] = f"Bearer {secret}"
        self._limit_bytes = body_limit_bytes
        self._now = now
        self._session: aiohttp.ClientSession | None = None

    def __repr__(self) -> str:
        return f"Wire({self._url!r})"

    async def post(self, body: bytes) -> bytes:
        """The body of a good answer. Raises ProviderError."""
        try:
            async with self._opened().post(self._url, data=body, allow_redirects=False) as response:
                answer = await self._read(response)
        except TimeoutError as error:
            raise ProviderError(
                "timeout", f"no connection to {self._url}", retryable=True
            ) from error
        except aiohttp.ClientPayloadError as error:
            message = "the connection closed in the middle of the answer"
            raise ProviderError("cut_off", message, retryable=True) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise self._unreachable(error) from error
        if response.status != 200:
            raise self._refused(response, answer)
        return answer

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _opened(self) -> aiohttp.ClientSession:
        # Made at the first request: a session belongs to the loop that it is made in.
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._concurrency, ttl_dns_cache=300),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=self._headers,
            )
        return self._session

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        """The body, of which never more than the limit is held."""
        parts: list[bytes] = []
        left = self._limit_bytes
        async for part in response.content.iter_any():
            left -= len(part)
            if left < 0:
                response.close()
                message = f"the answer is longer than {self._limit_bytes:,} bytes"
                raise ProviderError("too_large", message)
            parts.append(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _unreachable(self, error: Exception) -> ProviderError:
        hopeless = isinstance(error, aiohttp.ClientSSLError | aiohttp.InvalidURL | ValueError)
        message = self._without_secret(f"{self._url}: {_reason(error)}")
        return ProviderError("connection", message, retryable=not hopeless)

    def _refused(self, response: aiohttp.ClientResponse, body: bytes) -> ProviderError:
        status = response.status
        said = self._without_secret(error_message(body)) or response.reason or "no reason given"
        if 300 <= status < 400:
            said = (
                f"it points to {response.headers.get('Location', 'nowhere')}; set that as base_url"
            )
        kind = _KINDS.get(status, "server_error" if status >= 500 else "refused")
        return ProviderError(
            kind,
            f"HTTP {status}: {said}",
            retryable=status in _RETRYABLE or status >= 500,
            retry_after_s=retry_after_s(response.headers.get("Retry-After"), self._now()),
        )

    def _without_secret(self, text: str) -> str:
        return text.replace(self._secret, "***") if self._secret else text


def _reason(error: Exception) -> str:
    """What went wrong; of a refused connection, without the words of the library about it."""
    number = error.os_error.errno if type(error) is aiohttp.ClientConnectorError else None
    return os.strerror(number) if number and number > 0 else str(error) or type(error).__name__


def retry_after_s(stated: str | None, now_s: float) -> float | None:
    """Seconds to wait by a Retry-After header, as a number of seconds or as an HTTP date."""
    if stated is None:
        return None
    try:
        wait_s = float(stated)
    except ValueError:
        return _seconds_until(stated, now_s)
    return max(wait_s, 0.0) if math.isfinite(wait_s) else None


def _seconds_until(date: str, now_s: float) -> float | None:
    try:
        return max(parsedate_to_datetime(date).timestamp() - now_s, 0.0)
    except (ValueError, OverflowError):
        return None
