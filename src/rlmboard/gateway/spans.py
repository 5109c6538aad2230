"""Spans of OpenTelemetry, taken at the gateway's own address as well."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from .otlp import PATHS, Answer, Receiver, answer
from .proxy import Mounted


def span_mounts(receiver: Receiver) -> dict[tuple[str, str], Mounted]:
    """What a gateway serves beside requests to models: `POST /v1/traces` and its neighbours."""

    async def take(path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(receiver.storing, answer, receiver, path, headers, body)

    return {("POST", path): take for path in PATHS}
