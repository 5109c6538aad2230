"""A gateway before a scripted server, and clients of it."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from rlmboard.folder import Home, read_trace
from rlmboard.gateway import Gateway, Limits, Settings, upstream_of
from rlmboard.money.prices import read_prices
from rlmboard.testing import Reply, ScriptedServer
from rlmboard.trace import Stamped
from rlmboard.trace.summary import Summary, summarize

# 10 dollars for a million tokens in, 100 for a million out: 0.01 and 0.1 of a cent a token.
PRICES = read_prices('version = "t"\n[models.m]\ninput_usd = 10\noutput_usd = 100\n')
CHEAP = Reply.counting("ok", 10, 5)  # 100,000 + 500,000 nanos
KEY = "sk-this-key-must-never-be-written-0123456789"


def budget(usd: float, **more: Any) -> dict[str, Any]:
    return {"limits": Limits(budget_usd=usd, **more), "prices": PRICES}


class Client:
    """What an SDK sends, without the SDK."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url

    async def post(
        self, path: str, body: Any, headers: dict[str, str] | None = None, run: str | None = None
    ) -> aiohttp.ClientResponse:
        base = self.url if run is None else self.url.replace("/v1", f"/r/{run}/v1")
        said = {"Authorization": f"Bearer {KEY}", **(headers or {})}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        response = await self.session.post(
            URL(f"{base}/{path}", encoded=True), data=data, headers=said
        )
        try:
            await response.read()
        except aiohttp.ClientPayloadError:
            pass
        return response

    async def chat(self, text: str = "hi", run: str | None = None, **more: Any) -> Any:
        headers = more.pop("headers", None)
        messages = more.pop("messages", [{"role": "user", "content": text}])
        body = {"model": "m", "messages": messages, **more}
        return await self.post("chat/completions", body, headers, run)


class Place:
    """A home, and gateways on it."""

    def __init__(self, stack: AsyncExitStack, home: Path) -> None:
        self._stack = stack
        self.home = Home(home)
        self.gateway: Gateway

    async def gateway_to(self, url: str, **settings: Any) -> Client:
        """A gateway before this server; a client of it."""
        arguments = {name: settings.pop(name) for name in ("prices", "mounts") if name in settings}
        upstreams = settings.pop("upstreams", None) or (upstream_of(url),)
        gateway = Gateway(self.home, Settings(upstreams=upstreams, **settings), port=0, **arguments)
        self.gateway = await self._stack.enter_async_context(gateway)
        session = await self._stack.enter_async_context(aiohttp.ClientSession())
        return Client(session, gateway.url)

    async def server(self, *script: Any, **more: Any) -> ScriptedServer:
        return await self._stack.enter_async_context(ScriptedServer(*script, **more))

    def run_ids(self) -> list[str]:
        return sorted(os.listdir(self.home.runs)) if self.home.runs.exists() else []

    def events(self, run_id: str | None = None) -> list[Any]:
        (run_id,) = [run_id] if run_id else self.run_ids()
        lines = read_trace(self.home.run(run_id).trace)
        return [line.event for line in lines if isinstance(line, Stamped)]

    def summary(self, run_id: str | None = None) -> Summary:
        (run_id,) = [run_id] if run_id else self.run_ids()
        return summarize(read_trace(self.home.run(run_id).trace))

    def named(self, kind: type, run_id: str | None = None) -> list[Any]:
        return [event for event in self.events(run_id) if type(event) is kind]


@pytest.fixture
async def place(home_of_its_own: Path) -> AsyncIterator[Place]:
    async with AsyncExitStack() as stack:
        yield Place(stack, home_of_its_own)
