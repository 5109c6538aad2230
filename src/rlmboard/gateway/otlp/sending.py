"""Spans out: in batches over HTTP, each sent again as OTLP says until it is taken."""

from __future__ import annotations

import gzip
import http.client
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from urllib.parse import unquote, urlsplit

from ...errors import BadInput, RlmboardError
from ...formats.otel import Span, protobuf
from ...trace import VERSION

AT_ONCE = 512
CHARS_AT_ONCE = 4 << 20
"""Receivers bound what they take: ours 16 MiB, and 64 MiB of it unpacked."""
TRIES = 6
TIMEOUT_S = 30.0
LONGEST_WAIT_S = 60.0
_AGAIN = (429, 502, 503, 504)
_ANSWER_CHARS = 300


class NotTaken(RlmboardError):
    """The other side did not take the spans; the message says which answer it gave."""


class Answered(Exception):
    """An answer that is no 200: what it was, and after how many seconds to try again."""

    def __init__(self, why: str, again: bool, after_s: float | None = None) -> None:
        super().__init__(why)
        self.again = again
        self.after_s = after_s


Post = Callable[[str, bytes, Mapping[str, str]], None]
"""Send a body; raises Answered for an answer that is no 200."""


def endpoint(url: str) -> str:
    """Where spans are posted: `/v1/traces` below it, unless it ends so. Raises BadInput."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadInput(f"'{url}' is no address: give one such as http://127.0.0.1:4318")
    return url if parts.path.endswith("/traces") else f"{url.rstrip('/')}/v1/traces"


def headers_of(said: str | None) -> dict[str, str]:
    """`OTEL_EXPORTER_OTLP_HEADERS`: `name=value,name=value`, the values percent-encoded."""
    pairs = (pair.partition("=") for pair in (said or "").split(",") if "=" in pair)
    return {unquote(name).strip(): unquote(value).strip() for name, _, value in pairs}


def send_spans(
    spans: Sequence[Span],
    url: str,
    headers: Mapping[str, str],
    *,
    service: str = "rlmboard",
    sleep: Callable[[float], object] = time.sleep,
    post: Post | None = None,
) -> None:
    """All of them, in batches. Raises NotTaken; what was sent before stays where it is."""
    resource = {"service.name": service, "telemetry.sdk.name": "rlmboard"}
    said = {
        "content-type": protobuf.MEDIA_TYPE,
        "content-encoding": "gzip",
        "user-agent": f"rlmboard/{VERSION}",
        **headers,
    }
    for batch in _batches(spans):
        body = protobuf.encode_spans(batch, resource, "rlmboard", VERSION)
        _send(url, gzip.compress(body, 5), said, sleep, post or _post)


def _batches(spans: Iterable[Span]) -> Iterator[list[Span]]:
    """As many at once as an exporter sends, and of long texts fewer."""
    batch: list[Span] = []
    chars = 0
    for span in spans:
        more = _chars(span)
        if batch and (len(batch) == AT_ONCE or chars + more > CHARS_AT_ONCE):
            yield batch
            batch, chars = [], 0
        batch.append(span)
        chars += more
    if batch:
        yield batch


def _chars(span: Span) -> int:
    said = [span.attributes, *(event.attributes for event in span.events)]
    return sum(
        len(value) if isinstance(value, str) else 20 for one in said for value in one.values()
    )


def _send(
    url: str, body: bytes, headers: Mapping[str, str], sleep: Callable[[float], object], post: Post
) -> None:
    for number in range(1, TRIES + 1):
        try:
            post(url, body, headers)
            return
        except Answered as answer:
            if not answer.again or number == TRIES:
                tries = f", after {number} tries" if number > 1 else ""
                raise NotTaken(f"{url} did not take the spans{tries}: {answer}") from answer
            backoff_s = float(2 ** (number - 1))
            wait_s = backoff_s if answer.after_s is None else answer.after_s
            sleep(min(wait_s, LONGEST_WAIT_S))


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    try:
        request = urllib.request.Request(url, body, dict(headers), method="POST")  # noqa: S310
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310
            _look_at(response.read())
    except urllib.error.HTTPError as error:
        text = _readable(error.read(_ANSWER_CHARS * 4))
        raise Answered(
            f"{error.code} {error.reason}{': ' + text if text else ''}",
            error.code in _AGAIN,
            _seconds(error.headers.get("retry-after")),
        ) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        nobody = isinstance(reason, ConnectionRefusedError | socket.gaierror | ssl.SSLError)
        raise Answered(str(reason) or type(error).__name__, not nobody) from error


def _look_at(answer: bytes) -> None:
    """A part may have been refused, which is no reason to send it again."""
    rejected, why = protobuf.decode_answer(answer)
    if rejected:
        raise Answered(f"{rejected} spans were refused: {why}", False)


def _readable(answer: bytes) -> str:
    text = "".join(c if c.isprintable() else " " for c in answer.decode(errors="ignore"))
    return " ".join(text.split())[:_ANSWER_CHARS]


def _seconds(said: str | None) -> float | None:
    return float(said) if said is not None and said.isascii() and said.isdigit() else None
