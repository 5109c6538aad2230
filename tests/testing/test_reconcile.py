"""A run is held against the book of the server: what agrees, and each way in which it may not."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import rlmboard
from rlmboard.testing import Reply, ScriptedServer, reconcile
from rlmboard.trace import Usage

ANSWER = Reply.counting("yes", 100, 20, cached=60, cost=0.25)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer(then=ANSWER) as server:
        yield server


@pytest.fixture
def run() -> Iterator[rlmboard.Run]:
    with rlmboard.init("held against a book") as run:
        yield run


def served(server: ScriptedServer, prompt: str, link: str | None = None) -> dict[str, Any]:
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": prompt}]}).encode()
    headers = {"X-Rlmboard-Run": link} if link else {}
    request = urllib.request.Request(f"{server.url}/chat/completions", body, headers)
    with urllib.request.urlopen(request) as response:
        return dict(json.load(response))


def recorded(
    run: rlmboard.Run, server: ScriptedServer, prompt: str, *, linked: bool = False, **said: Any
) -> None:
    """A call that is made and recorded; `said` is what the record has wrong."""
    with run.subquery(prompt, model=said.pop("model", "m")) as query:
        served(server, prompt, f"{run.id}/{query.id}" if linked else None)
        tokens = Usage(input=100, output=20, cached=60)
        told = {"tokens": tokens, "cost_usd": 0.25, "cost_source": "provider", **said}
        query.returned("yes", **{name: value for name, value in told.items() if value is not None})


@pytest.mark.parametrize("linked", [False, True])
def test_a_true_run_agrees_with_the_book(
    run: rlmboard.Run, server: ScriptedServer, linked: bool
) -> None:
    for prompt in ("a", "b", "b", "c"):
        recorded(run, server, prompt, linked=linked)
    found = reconcile(run, server.book).check()
    assert found
    assert [one.call.prompt for one in found.pairs] == ["a", "b", "b", "c"]
    assert (found.run, found.run.calls, found.run.cost_usd_nanos) == (found.book, 4, 10**9)
    assert str(found).startswith("run and book agree")


def test_a_run_is_named_by_its_id_or_its_folder(run: rlmboard.Run, server: ScriptedServer) -> None:
    recorded(run, server, "a")
    assert reconcile(run.id, server.book, home=run.home.path)
    assert reconcile(run.folder.path, server.book)
    with pytest.raises(FileNotFoundError, match="no trace of a run"):
        reconcile("no-such-run", server.book)


@pytest.mark.parametrize(
    ("said", "kind", "what"),
    [
        ({"tokens": Usage(input=99, output=20, cached=60)}, "wrong", "input is 100"),
        ({"tokens": Usage(input=100, output=20)}, "unknown", "cached is 60"),
        ({"tokens": None}, "unknown", "input is 100"),
        ({"cost_usd": 0.5}, "wrong", "cost_usd_nanos is 250000000"),
        ({"cost_usd": None}, "unknown", "cost_usd_nanos is 250000000"),
        ({"cost_usd": 0.25, "usage_quality": "shared"}, "unknown", "tokens are shared"),
        ({"model": "other"}, "wrong", "the model was m, the run says other"),
        ({"model": ""}, "wrong", "the model was m"),
    ],
)
def test_a_number_that_differs_is_told(
    run: rlmboard.Run, server: ScriptedServer, said: dict[str, Any], kind: Any, what: str
) -> None:
    recorded(run, server, "a", **said)
    found = reconcile(run, server.book)
    assert not found
    assert any(what in one.what for one in found.of(kind)), found
    with pytest.raises(AssertionError, match="and the book differ"):
        found.check()


def test_an_unknown_number_may_have_its_reason_and_a_wrong_one_has_none(
    run: rlmboard.Run, server: ScriptedServer
) -> None:
    recorded(run, server, "a", tokens=None)
    reconcile(run, server.book).check(unknown="a reason")
    recorded(run, server, "b", cost_usd=0.5)
    with pytest.raises(AssertionError, match="wrong"):
        reconcile(run, server.book).check(unknown="a reason")


def test_a_call_that_was_not_recorded_is_missing(run: rlmboard.Run, server: ScriptedServer) -> None:
    recorded(run, server, "a")
    served(server, "b")
    (missing,) = reconcile(run, server.book).of("missing")
    assert (missing.call, "'b'" in missing.what) == (2, True)


def test_a_record_of_no_call_is_extra(run: rlmboard.Run, server: ScriptedServer) -> None:
    recorded(run, server, "a")
    run.subquery("never asked").returned("yes")
    (extra,) = reconcile(run, server.book).of("extra")
    assert "never asked" in str(extra)


def test_an_answer_from_a_cache_is_no_call(run: rlmboard.Run, server: ScriptedServer) -> None:
    recorded(run, server, "a")
    run.subquery("a").returned("yes", cache_hit=True)
    assert len(reconcile(run, server.book).pairs) == 1


def test_calls_of_another_run_are_left_out(run: rlmboard.Run, server: ScriptedServer) -> None:
    recorded(run, server, "a", linked=True)
    served(server, "b", "another/q-1")
    reconcile(run, server.book).check()


def test_a_failure_that_is_recorded_as_such_agrees(run: rlmboard.Run) -> None:
    with ScriptedServer([Reply.too_many_requests(), ANSWER]) as server:
        query = run.subquery("a", model="m")
        with pytest.raises(urllib.error.HTTPError) as refused:
            served(server, "a")
        refused.value.close()
        query.failed(refused.value)
        recorded(run, server, "a")
        reconcile(run, server.book).check()


def test_an_answer_that_never_came_through_is_unknown_to_the_run(
    run: rlmboard.Run, server: ScriptedServer
) -> None:
    query = run.subquery("b", model="m")
    served(server, "b")
    query.failed("the connection was lost")
    found = reconcile(run, server.book)
    assert "the book says 200, the run says failed" in found.of("unknown")[0].what
    assert not found.of("wrong")


def test_an_answer_that_no_server_gave_is_wrong(run: rlmboard.Run) -> None:
    with ScriptedServer(then=Reply.refused(500)) as server:
        with pytest.raises(urllib.error.HTTPError) as refused:
            served(server, "a")
        refused.value.close()
        run.subquery("a", model="m").returned("yes")
        assert "the book says 500" in reconcile(run, server.book).of("wrong")[0].what


def test_a_sum_of_counts_that_are_shared_is_not_held_against_the_book(
    run: rlmboard.Run, server: ScriptedServer
) -> None:
    for prompt in ("a", "b"):
        said = Usage(input=150, output=20, cached=60)
        recorded(run, server, prompt, tokens=said, usage_quality="shared")
    found = reconcile(run, server.book)
    assert not found.of("wrong")
    assert any("input is 200, the run says 300" in one.what for one in found.of("unknown"))


def test_a_call_lies_within_the_times_of_its_record(
    run: rlmboard.Run, server: ScriptedServer
) -> None:
    served(server, "a")
    late = run.subquery("a", model="m")
    late.returned("yes", tokens=Usage(input=100, output=20, cached=60), cost_usd=0.25)
    (wrong,) = reconcile(run, server.book).of("wrong")
    assert "the run says it began at" in wrong.what


def test_many_calls_at_once_are_told_apart(
    run: rlmboard.Run, in_threads: Callable[[list[Callable[[], None]]], None]
) -> None:
    def counted(body: dict[str, Any]) -> Reply:
        return Reply.counting("yes", int(body["messages"][-1]["content"]), 1)

    with ScriptedServer(counted) as server:

        def one(tokens: int) -> Callable[[], None]:
            usage = Usage(input=tokens, output=1)
            return lambda: recorded(run, server, str(tokens), tokens=usage, cost_usd=None)

        in_threads([one(tokens) for tokens in range(1, 30)])
        assert reconcile(run, server.book).check().run.input == sum(range(1, 30))
