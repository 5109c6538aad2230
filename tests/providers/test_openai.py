"""An OpenAI-compatible server, right and wrong: a real one, on this machine."""

from __future__ import annotations

import asyncio
from email.utils import formatdate

import msgspec
import pytest

from rlmboard.conductor.provider import Bound, ProviderError
from rlmboard.errors import BadInput
from rlmboard.money.prices import Price
from rlmboard.providers import OllamaProvider, OpenAiProvider
from rlmboard.providers.wire import Wire, retry_after_s
from rlmboard.testing import Reply, ScriptedServer
from rlmboard.trace import Usage

PRICE = Price(unit="usd_nanos", input=2_000_000_000, output=8_000_000_000, version="v1")


async def failure_of(reply: Reply, request_for, **settings) -> ProviderError:
    async with ScriptedServer([reply]) as server:
        provider = OpenAiProvider("m", base_url=server.url, **settings)
        with pytest.raises(ProviderError) as caught:
            await provider.answer(request_for())
        await provider.aclose()
    return caught.value


async def answer_of(reply: Reply, request_for, **settings):
    async with ScriptedServer([reply]) as server:
        provider = OpenAiProvider("m", base_url=server.url, **settings)
        answer = await provider.answer(request_for())
        await provider.aclose()
    return answer


async def test_a_question_is_sent_whole_with_its_bound_and_key(request_for) -> None:
    async with ScriptedServer() as server:
        provider = OpenAiProvider(
            "m", base_url=server.url + "/", api_key="sk-1", body={"usage": {"include": True}}
        )
        schema = {"type": "object"}
        answer = await provider.answer(request_for("why?", max_tokens=9, seed=3, schema=schema))
        await provider.aclose()
    (served,) = server.book
    assert (served.path, served.prompt, served.key) == (
        "/v1/chat/completions",
        "why?",
        "Bearer sk-1",
    )
    assert served.body["max_tokens"] == 9
    assert served.body["seed"] == 3
    assert served.body["response_format"]["json_schema"]["schema"] == schema
    assert served.body["usage"] == {"include": True}
    assert (answer.text, answer.model_id, answer.finish_reason) == ("ok", "m", "stop")


async def test_the_request_names_the_model_and_newer_servers_their_bound(request_for) -> None:
    async with ScriptedServer() as server:
        provider = OpenAiProvider("m", base_url=server.url, tokens_field="max_completion_tokens")
        await provider.answer(request_for(model="other", max_tokens=9))
        await provider.aclose()
    assert server.book[0].body["model"] == "other"
    assert server.book[0].body["max_completion_tokens"] == 9
    assert "max_tokens" not in server.book[0].body


async def test_usage_is_exact_and_cost_is_by_the_price_table(request_for) -> None:
    usage = {"prompt_tokens": 100, "completion_tokens": 10}
    answer = await answer_of(Reply(usage=usage), request_for, price=PRICE)
    assert (answer.usage, answer.usage_quality) == (Usage(input=100, output=10), "exact")
    assert (answer.cost_usd_nanos, answer.cost_source) == (280_000, "price_table")
    assert (answer.price_version, answer.cost_msat) == ("v1", None)


@pytest.mark.parametrize(("of_written", "nanos"), [(5_000_000_000, 430_000), (None, None)])
async def test_what_went_into_a_cache_has_a_price_of_its_own(
    request_for, of_written, nanos
) -> None:
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "cache_creation_input_tokens": 50}
    price = msgspec.structs.replace(PRICE, cache_write=of_written)
    answer = await answer_of(Reply(usage=usage), request_for, price=price)
    assert answer.cost_usd_nanos == nanos


async def test_a_cost_that_the_server_states_is_taken_exactly(request_for) -> None:
    answer = await answer_of(Reply(cost=0.000123), request_for, price=PRICE)
    assert (answer.cost_usd_nanos, answer.cost_source) == (123_000, "provider")
    assert answer.price_version is None


async def test_a_price_in_sats_is_what_an_answer_costs_whatever_the_server_says(
    request_for,
) -> None:
    price = Price(unit="msat", input=1_000_000, output=1_000_000, version="v")
    answer = await answer_of(Reply(cost=0.5), request_for, price=price)
    assert (answer.cost_msat, answer.cost_usd_nanos, answer.cost_source) == (
        12,
        None,
        "price_table",
    )


@pytest.mark.parametrize("usage", [None, {"prompt_tokens": -1, "completion_tokens": "many"}])
async def test_what_the_server_does_not_say_or_lies_about_is_unknown(usage, request_for) -> None:
    answer = await answer_of(Reply(usage=usage), request_for, price=PRICE)
    assert (answer.usage, answer.usage_quality) == (None, "none")
    assert (answer.cost_usd_nanos, answer.cost_msat, answer.cost_source) == (None, None, "none")


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (400, "bad_request", False),
        (401, "no_access", False),
        (403, "no_access", False),
        (404, "not_found", False),
        (408, "timeout", True),
        (409, "conflict", True),
        (422, "refused", False),
        (429, "rate_limited", True),
        (500, "server_error", True),
        (503, "server_error", True),
    ],
)
async def test_only_what_may_pass_is_worth_another_try(
    status, kind, retryable, request_for
) -> None:
    raw = b'{"error": {"message": "because"}}'
    error = await failure_of(Reply(status=status, raw=raw), request_for)
    assert (error.kind, error.retryable) == (kind, retryable)
    assert error.message == f"HTTP {status}: because"


async def test_retry_after_is_honoured_in_seconds_and_as_a_date(request_for) -> None:
    error = await failure_of(Reply.too_many_requests("7"), request_for)
    assert (error.kind, error.retryable, error.retry_after_s) == ("rate_limited", True, 7.0)
    assert (await failure_of(Reply.too_many_requests(), request_for)).retry_after_s is None


@pytest.mark.parametrize(
    ("stated", "wait_s"),
    [
        (None, None),
        ("1.5", 1.5),
        ("-3", 0.0),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        (formatdate(1_000_090, usegmt=True), 90.0),
        (formatdate(999_000, usegmt=True), 0.0),
        ("Mon, 99 Foo 2020 00:00:00 GMT", None),
    ],
)
def test_any_retry_after_is_a_number_of_seconds_or_nothing(stated, wait_s) -> None:
    assert retry_after_s(stated, now_s=1_000_000) == wait_s


async def test_invalid_json_is_a_bad_answer(request_for) -> None:
    error = await failure_of(Reply.invalid_json(), request_for)
    assert (error.kind, error.retryable) == ("bad_answer", False)


async def test_no_choices_is_a_bad_answer_and_an_error_in_a_good_one_keeps_its_code(
    request_for,
) -> None:
    error = await failure_of(Reply(raw=b'{"choices": []}'), request_for)
    assert (error.kind, error.message) == ("bad_answer", "the answer has no choices")
    raw = b'{"error": {"message": "overloaded", "code": 503}}'
    error = await failure_of(Reply(raw=raw), request_for)
    assert (error.message, error.retryable) == ("overloaded", True)


async def test_ten_megabytes_are_not_read(request_for) -> None:
    error = await failure_of(Reply.huge(10_000_000), request_for)
    assert (error.kind, error.retryable) == ("too_large", False)
    assert error.message == "the answer is longer than 8,388,608 bytes"


async def test_a_connection_closed_in_mid_answer_is_worth_another_try(request_for) -> None:
    error = await failure_of(Reply.cut_off(), request_for)
    assert (error.kind, error.retryable) == ("cut_off", True)


async def test_a_server_that_is_not_there_is_worth_another_try(request_for) -> None:
    async with ScriptedServer() as server:
        url = server.url
    provider = OpenAiProvider("m", base_url=url)
    with pytest.raises(ProviderError) as caught:
        await provider.answer(request_for())
    await provider.aclose()
    assert (caught.value.kind, caught.value.retryable) == ("connection", True)
    assert str(caught.value).endswith(": Connection refused")


async def test_a_server_that_hangs_can_be_given_up_at_any_time(request_for) -> None:
    async with ScriptedServer([Reply(hangs=True)]) as server:
        provider = OpenAiProvider("m", base_url=server.url)
        asked = asyncio.create_task(provider.answer(request_for()))
        while not server.book:
            await asyncio.sleep(0)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert (await provider.answer(request_for())).text == "ok"
        await provider.aclose()


async def test_a_redirect_is_not_followed_and_the_key_stays(request_for) -> None:
    async with ScriptedServer() as elsewhere:
        reply = Reply(status=307, headers={"Location": elsewhere.url}, raw=b"")
        error = await failure_of(reply, request_for, api_key="sk-1")
    assert elsewhere.book == []
    assert f"it points to {elsewhere.url}; set that as base_url" in error.message


async def test_the_key_is_in_no_message_and_no_repr(request_for) -> None:
    raw = b'{"error": {"message": "wrong key sk-secret"}}'
    error = await failure_of(Reply(status=401, raw=raw), request_for, api_key="sk-secret")
    assert error.message == "HTTP 401: wrong key ***"
    provider = OpenAiProvider("m", api_key="sk-secret")
    wire = Wire("http://127.0.0.1:1/v1", concurrency=1, secret="sk-secret")
    assert "sk-secret" not in repr(provider) + repr(wire)


async def test_a_prompt_that_is_no_text_is_the_fault_of_the_request(request_for) -> None:
    for provider in (OpenAiProvider("m"), OllamaProvider("m")):
        with pytest.raises(ProviderError, match="no valid text"):
            await provider.answer(request_for("\ud800"))


async def test_connections_are_kept_and_no_more_than_allowed(request_for) -> None:
    async with ScriptedServer() as server:
        provider = OpenAiProvider("m", base_url=server.url, concurrency=3)
        await asyncio.gather(*(provider.answer(request_for(f"{n}")) for n in range(50)))
        await provider.aclose()
    assert sorted(served.prompt for served in server.book) == sorted(map(str, range(50)))


@pytest.mark.parametrize(
    "url", ["", "example.org/v1", "ftp://example.org", "http://", "http://[", "http://h:99999"]
)
def test_what_is_no_address_is_refused_at_once(url: str) -> None:
    with pytest.raises(BadInput, match="is no address"):
        OpenAiProvider("m", base_url=url)


def test_the_bound_is_by_the_price_and_unknown_without_one() -> None:
    assert OpenAiProvider("m", price=PRICE).bound(1_000, 100) == Bound(usd_nanos=3_312_000)
    assert OpenAiProvider("m").bound(1_000, 100) == Bound()


async def test_ollama_is_asked_in_its_own_words(request_for) -> None:
    raw = b'{"model": "l", "message": {"content": "yes"}, "prompt_eval_count": 5, "eval_count": 2}'
    free = Price(unit="usd_nanos", input=0, output=0, version="local")
    async with ScriptedServer(then=Reply(raw=raw)) as server:
        root = server.url.removesuffix("/v1")
        provider = OllamaProvider("l", base_url=root, price=free, options={"num_ctx": 8192})
        answer = await provider.answer(request_for(max_tokens=9, seed=4))
        unpriced = OllamaProvider("l", base_url=root)
        unknown = await unpriced.answer(request_for())
        await provider.aclose()
        await unpriced.aclose()
    assert server.book[0].path == "/api/chat"
    assert server.book[0].body["options"] == {"num_ctx": 8192, "num_predict": 9, "seed": 4}
    assert server.book[0].body["stream"] is False
    assert (answer.text, answer.usage) == ("yes", Usage(input=5, output=2))
    assert (answer.cost_msat, answer.cost_usd_nanos, answer.cost_source) == (0, 0, "price_table")
    assert (unknown.cost_usd_nanos, unknown.cost_source) == (None, "none")
