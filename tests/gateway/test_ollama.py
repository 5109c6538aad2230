"""Ollama's own words pass byte for byte, and each call is recorded as in the book."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from rlmboard.gateway import Limits, Upstream, upstream_of
from rlmboard.gateway.upstream import ANTHROPIC_URL, OPENAI_URL
from rlmboard.testing import Reply, reconcile
from rlmboard.trace import SubQueryCancel, SubQueryReturn, SubQuerySubmit

from .conftest import Client, Place

COUNTED = Reply.counting("Because.", 30, 7)
TOOL = {"id": "1", "name": "look", "arguments": '{"at":"the sky"}'}
MESSAGES = [{"role": "user", "content": "Why?"}]
BODIES: dict[str, dict[str, Any]] = {
    "api/chat": {"messages": MESSAGES},
    "api/generate": {"prompt": "Why?", "system": "Be brief."},
    "api/embed": {"input": ["Why?"]},
    "api/embeddings": {"prompt": "Why?"},
}


def beside(client: Client) -> Client:
    """The same gateway or server, at Ollama's own places."""
    return Client(client.session, client.url.removesuffix("/v1"))


@pytest.mark.parametrize("more", [{}, {"stream": False}], ids=["as it is", "whole"])
@pytest.mark.parametrize("path", BODIES)
async def test_a_call_is_answered_as_without_a_gateway_and_recorded_as_in_the_book(
    place: Place, path: str, more: dict[str, Any]
) -> None:
    server = await place.server(then=COUNTED)
    client = beside(await place.gateway_to(server.url))
    body = {"model": "m", **BODIES[path], **more}
    through = await client.post(path, body)
    (run_id,) = place.run_ids()
    reconcile(run_id, server.book, home=place.home.path).check()
    assert (server.book[0].path, server.book[0].body) == (f"/{path}", body)
    direct = await beside(Client(client.session, server.url)).post(path, body)
    assert await through.read() == await direct.read()
    assert (through.status, through.content_type) == (direct.status, direct.content_type)
    (submit,), (returned,) = place.named(SubQuerySubmit), place.named(SubQueryReturn)
    assert submit.prompt_preview == "Why?"
    assert returned.result_preview == ("1 vector" if "embed" in path else "Because.")


async def test_a_stream_passes_line_by_line(place: Place) -> None:
    """The first line is here while the server still waits to send the second."""
    sent = asyncio.Event()
    reply = Reply(text="ab", piece_chars=1, piece_delay_s=1.0)
    server = await place.server(then=reply, sleep=lambda _: sent.wait())
    client = beside(await place.gateway_to(server.url))
    body = {"model": "m", "messages": MESSAGES}
    async with client.session.post(f"{client.url}/api/chat", json=body) as response:
        first = await response.content.readany()
        assert json.loads(first)["message"]["content"] == "a"
        sent.set()
        await response.read()
    assert place.named(SubQueryReturn)[0].result_preview == "ab"


async def test_a_run_is_named_by_the_path_and_goes_on_from_its_calls(place: Place) -> None:
    server = await place.server(then=Reply(text="", tool_calls=(TOOL,)))
    client = beside(await place.gateway_to(server.url))
    named = Client(client.session, f"{client.url}/r/nightly")
    first = await named.post("api/chat", {"model": "m", "messages": MESSAGES, "stream": False})
    answer = (await first.json())["message"]
    again = [*MESSAGES, answer, {"role": "tool", "content": "blue"}]
    await named.post("api/chat", {"model": "m", "messages": again})
    assert place.run_ids() == ["nightly"]
    first_one, second = place.named(SubQuerySubmit)
    assert (second.parent_id, second.parent_inferred) == (first_one.query_id, True)
    assert place.named(SubQueryReturn)[0].result_preview == 'look({"at":"the sky"})'


async def test_what_asks_no_model_passes_and_is_no_call(place: Place) -> None:
    server = await place.server(models=("small",))
    client = beside(await place.gateway_to(server.url))
    async with client.session.get(f"{client.url}/api/tags") as response:
        assert [one["name"] for one in (await response.json())["models"]] == ["small"]
    assert (await client.post("api/pull", {"model": "large"})).status == 404
    assert place.run_ids() == []
    assert [call.path for call in server.book] == ["/api/tags"]


async def test_a_refusal_is_in_ollamas_words(place: Place) -> None:
    server = await place.server()
    client = beside(await place.gateway_to(server.url, limits=Limits(models=("small",))))
    response = await client.post("api/chat", {"model": "large", "messages": MESSAGES})
    said = await response.json()
    assert (response.status, said["code"]) == (403, "rlmboard_model")
    assert said["error"] == "the model large is not allowed; allowed are small"
    assert [cancel.reason for cancel in place.named(SubQueryCancel)] == ["model"]
    assert len(server.book) == 0


async def test_an_answer_that_is_cut_is_a_failure(place: Place) -> None:
    server = await place.server(then=Reply(text="a long answer", cut_after=100))
    client = beside(await place.gateway_to(server.url))
    with pytest.raises(aiohttp.ClientError):
        async with client.session.post(
            f"{client.url}/api/chat", json={"model": "m", "messages": MESSAGES}
        ) as response:
            await response.read()
    (returned,) = place.named(SubQueryReturn)
    assert (returned.success, returned.error.type) == (False, "cut_off")


async def test_no_other_known_address_is_asked_in_ollamas_words(place: Place) -> None:
    known = (
        Upstream(name="openai", url=OPENAI_URL),
        Upstream(name="anthropic", url=ANTHROPIC_URL, models=("m",)),
    )
    client = beside(await place.gateway_to("", upstreams=known))
    response = await client.post("api/chat", {"model": "m", "messages": MESSAGES})
    assert response.status == 404
    assert "--upstream ollama" in (await response.json())["error"]
    assert place.run_ids() == []


async def test_of_several_upstreams_the_one_for_the_model_is_asked(place: Place) -> None:
    general, special = await place.server(), await place.server()
    both = (upstream_of(f"big-*={special.url}"), upstream_of(general.url))
    client = beside(await place.gateway_to("", upstreams=both))
    for model in ("big-1", "small"):
        await client.post("api/generate", {"model": model, "prompt": "Why?"})
    assert [call.model for call in special.book] == ["big-1"]
    assert [call.model for call in general.book] == ["small"]
