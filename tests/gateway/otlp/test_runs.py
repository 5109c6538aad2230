"""Spans become runs: whatever order they come in, however often, and wherever they hang."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from rlmboard.folder import read_trace
from rlmboard.formats.otel import Request, Span, SpanEvent
from rlmboard.gateway.otlp import Receiver, Unavailable
from rlmboard.store import StoredRun
from rlmboard.trace import RunResumed, Score, Stamped, SubQueryReturn
from rlmboard.trace.order import problems
from rlmboard.trace.picture import PictureFold

BEGAN_NS = 1_767_600_000 * 10**9
Make = Callable[..., Span]
Send = Callable[..., None]
Runs = Callable[[], list[StoredRun]]


def events(run: StoredRun, *types: type) -> list[Any]:
    lines = [line for line in run.events() if isinstance(line, Stamped)]
    return [line.event for line in lines if not types or isinstance(line.event, types)]


def tree(run: StoredRun) -> dict[str, str]:
    """Every thing that was told of, with what it hangs on."""
    p = PictureFold().take(run.events())
    names, found = p.things.id, {}
    for table in (p.queries, p.nodes):
        for row in range(table.rows):
            found[names[table.thing[row]]] = names[table.parent[row]]
    return {short(child): short(parent) for child, parent in found.items()}


def short(name: str) -> str:
    return name.rpartition(".")[2].lstrip("0")


def test_a_trace_is_a_run_named_by_it(send: Send, agent: Make, call: Make, runs: Runs) -> None:
    said = {
        "gen_ai.input.messages": '[{"role":"user","parts":[{"type":"text","content":"Why?"}]}]',
        "gen_ai.output.messages": '[{"role":"assistant","parts":[{"type":"text","content":"So"}]}]',
    }
    send(call(2, 1, at=(5, 8), attributes=said), agent(1, at=(0, 10), attributes=said))
    (run,) = runs()
    assert run.id == "otlp-" + "ab" * 16
    assert not run.folder.hears_stop()
    assert (run.row.producer, run.row.name, run.row.query) == ("otlp", "agent 1", "Why?")
    assert tree(run) == {"1": "root", "2": "1"}
    (query,) = run.sub_queries()
    assert (query.provider, query.model, query.status) == ("openai", "m-1", "returned")
    assert (query.prompt_preview, query.result_preview) == ("Why?", "So")
    assert (query.started_ms, query.ended_ms) == (5, 8)
    (attempt,) = run.attempts()
    usage = (attempt.input_tokens, attempt.output_tokens, attempt.cached_tokens)
    assert (usage, attempt.usage_quality) == ((100, 10, 40), "exact")
    assert (attempt.cost_usd_nanos, attempt.cost_source) == (None, "none")


def test_a_run_ends_when_its_first_span_has_ended_and_nothing_came_for_a_while(
    send: Send, receiver: Receiver, agent: Make, call: Make, runs: Runs, clock: Any
) -> None:
    send(call(2, 1, at=(5, 8)))
    clock.pass_s(60)
    receiver.end_quiet()
    assert runs()[0].row.status == "running"
    send(agent(1, at=(0, 10), attributes={"gen_ai.completion": "So it is."}))
    clock.pass_s(9)
    receiver.end_quiet()
    assert runs()[0].row.status == "running"
    clock.pass_s(2)
    receiver.end_quiet()
    row = runs()[0].row
    assert (row.status, row.summary.end_reason) == ("completed", "answer")
    assert row.summary.output_preview == "So it is."
    assert row.summary.ended_ms == pytest.approx(5)  # the run's clock begins with the call


def test_a_run_whose_first_span_never_comes_ends_after_two_minutes_of_silence(
    send: Send, receiver: Receiver, call: Make, runs: Runs, clock: Any
) -> None:
    send(call(2, 1))
    clock.pass_s(121)
    receiver.end_quiet()
    row = runs()[0].row
    assert (row.status, row.summary.end_reason) == ("completed", "idle")
    assert tree(runs()[0]) == {"2": "1"}  # an orphan, under a parent that was never told


def test_an_error_of_the_first_span_is_the_end_of_the_run(
    send: Send, receiver: Receiver, agent: Make, call: Make, runs: Runs
) -> None:
    failed = {"exception.type": "RateLimitError", "exception.message": "slow down"}
    broken = SpanEvent("exception", 0, failed)
    send(
        call(2, 1, status=2, attributes={"error.type": "429"}, status_message="slow down"),
        agent(1, status=2, events=(broken,)),
    )
    receiver.close()
    (run,) = runs()
    assert (run.row.status, run.row.summary.error_type) == ("failed", "RateLimitError")
    (attempt,) = run.attempts()
    assert (attempt.status, attempt.error_type, attempt.error_message) == (
        "failed", "429", "slow down",
    )  # fmt: skip


def test_a_late_span_opens_the_run_again_and_its_end_stands(
    send: Send, receiver: Receiver, agent: Make, call: Make, runs: Runs, clock: Any
) -> None:
    send(agent(1, at=(0, 10), attributes={"gen_ai.completion": "So."}), call(2, 1, at=(1, 2)))
    clock.pass_s(11)
    receiver.end_quiet()
    send(call(3, 1, at=(3, 4)))
    clock.pass_s(121)
    receiver.end_quiet()
    (run,) = runs()
    assert [type(event) for event in events(run, RunResumed)] == [RunResumed]
    assert (run.row.status, run.row.summary.output_preview) == ("completed", "So.")
    assert (run.row.summary.sub_queries, run.row.summary.ended_ms) == (2, 10.002)
    assert tree(run) == {"1": "root", "2": "1", "3": "1"}
    assert problems(read_trace(run.folder.trace)) == []


def test_another_process_goes_on_where_one_was_stopped(
    new_receiver: Callable[[], Receiver], agent: Make, call: Make, runs: Runs
) -> None:
    first = new_receiver()
    first.take(Request([call(3, 2, at=(3, 4)), call(4, 2, at=(4, 5))]))
    first.close()
    assert runs()[0].row.status == "interrupted"
    second = new_receiver()
    second.take(Request([call(4, 2, at=(4, 5)), agent(2, 1, at=(2, 6)), agent(1, at=(0, 9))]))
    second.close()
    (run,) = runs()
    assert run.row.status == "completed"
    assert tree(run) == {"1": "root", "2": "1", "3": "2", "4": "2"}
    assert (run.row.summary.sub_queries, run.row.summary.input_tokens) == (2, 200)
    assert problems(read_trace(run.folder.trace)) == []


def test_two_receivers_do_not_write_to_one_run(
    new_receiver: Callable[[], Receiver], call: Make
) -> None:
    first, second = new_receiver(), new_receiver()
    first.take(Request([call(2, 1)]))
    with pytest.raises(Unavailable, match="is being recorded"):
        second.take(Request([call(3, 1)]))


def test_a_span_that_has_started_shows_before_it_ends(
    send: Send, agent: Make, call: Make, runs: Runs
) -> None:
    pending = {"rlm.pending": True}
    send(agent(1, at=(0, -1), attributes=pending), call(2, 1, at=(5, -1), attributes=pending))
    summary = runs()[0].row.summary
    assert (summary.running, summary.open_attempts, summary.nodes) == (1, 1, 1)
    send(call(2, 1, at=(5, 9)))
    summary = runs()[0].row.summary
    assert (summary.running, summary.returned, summary.input_tokens) == (0, 1, 100)


def test_what_logfire_announces_is_the_span_that_it_announces(
    send: Send, agent: Make, call: Make, runs: Runs
) -> None:
    announced = {"logfire.span_type": "pending_span", "logfire.pending_parent_id": f"{1:016x}"}
    send(call(7, 2, at=(5, 5), attributes=announced), agent(1, at=(0, -1)))
    assert tree(runs()[0]) == {"1": "root", "2": "1"}
    assert runs()[0].row.summary.running == 1
    send(call(2, 1, at=(5, 9)))
    summary = runs()[0].row.summary
    assert (summary.returned, summary.sub_queries) == (1, 1)


def test_what_was_said_once_is_never_unsaid(
    send: Send, agent: Make, call: Make, runs: Runs
) -> None:
    more = {"gen_ai.completion": "So.", "server.address": "api.example"}
    send(agent(1), call(2, 1, at=(5, 9), attributes=more))
    less = msgspec.structs.replace(
        call(2, 1, at=(5, 12)), attributes={"gen_ai.operation.name": "chat", "server.port": 443}
    )
    send(less)
    (run,) = runs()
    (attempt,) = run.attempts()
    assert (attempt.input_tokens, attempt.model, attempt.ended_ms) == (100, "m-1", 12)
    assert attempt.result_preview == "So."
    told = events(run, SubQueryReturn)[-1].attributes
    assert (told["server.address"], told["server.port"]) == ("api.example", 443)


def test_a_request_that_comes_twice_adds_no_line(
    send: Send, agent: Make, call: Make, runs: Runs
) -> None:
    batch = [agent(1), call(2, 1), call(3, 1)]
    send(*batch)
    lines = runs()[0].row.summary.lines
    send(*batch)
    assert runs()[0].row.summary.lines == lines


def test_traces_of_one_session_are_one_run(send: Send, agent: Make, call: Make, runs: Runs) -> None:
    session = {"session.id": "chat-7"}
    for turn in range(3):
        trace = f"{turn + 1:032x}"
        send(
            call(2, 1, at=(turn * 10 + 1, turn * 10 + 2), trace=trace),
            agent(1, at=(turn * 10, turn * 10 + 3), trace=trace, attributes=session),
        )
    send(agent(1, trace="cd" * 16, attributes={"session.id": "chat-8"}))
    first, second = runs()
    assert (first.row.summary.sub_queries, first.row.summary.nodes) == (3, 3)
    assert (second.row.summary.nodes, second.row.summary.sub_queries) == (1, 0)


def test_of_nested_conversations_the_outer_one_groups(send: Send, agent: Make, runs: Runs) -> None:
    """Each agent of pydantic-ai has a conversation of its own, also inside another's."""
    for turn in range(2):
        outer, inner = ({"gen_ai.conversation.id": name} for name in ("outer", f"inner {turn}"))
        trace = f"{turn + 1:032x}"
        send(agent(2, 1, trace=trace, attributes=inner), agent(1, trace=trace, attributes=outer))
    (run,) = runs()
    assert run.row.summary.nodes == 4


def test_what_says_nothing_of_models_is_passed_over_unless_something_hangs_on_it(
    send: Send, span: Make, call: Make, runs: Runs
) -> None:
    send(span(1, trace="cd" * 16, name="GET /health"))
    assert runs() == []
    send(span(9, 3, at=(3, 4), name="SELECT"), span(8, 2, at=(3, 4), name="POST"))
    send(call(2, 3, at=(2, 5)), span(3, 1, at=(1, 6), name="summarise"), span(7, 1, name="auth"))
    send(span(1, at=(0, 9), name="GET /ask"))
    (run,) = runs()
    assert tree(run) == {"1": "root", "3": "1", "2": "3"}
    assert run.row.name == "GET /ask"


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_of_calls_inside_one_another_the_innermost_counts(
    receiver: Receiver, agent: Make, call: Make, runs: Runs, order: tuple[int, ...]
) -> None:
    """An instrumented framework over an instrumented client tells one call twice."""
    nested = [agent(1), call(2, 1, name="framework"), call(3, 2, name="client")]
    batch = [nested[n] for n in order]
    receiver.take(Request(batch))
    (run,) = runs()
    assert (run.row.summary.attempts, run.row.summary.input_tokens) == (1, 100)
    assert tree(run) == {"1": "root", "2": "1", "3": "2"}


def test_inside_a_call_that_was_shown_already_nothing_counts(
    send: Send, agent: Make, call: Make, runs: Runs
) -> None:
    send(agent(1), call(2, 1, at=(1, -1)))
    send(call(3, 2, at=(2, 3)))
    send(call(2, 1, at=(1, 4)))
    (run,) = runs()
    assert (run.row.summary.attempts, run.row.summary.input_tokens) == (1, 100)


def test_depth_counts_agents_inside_agents_and_no_steps(
    send: Send, agent: Make, span: Make, call: Make, runs: Runs
) -> None:
    chain = {"openinference.span.kind": "CHAIN"}
    send(
        agent(1), span(2, 1, attributes=chain), span(3, 2, attributes=chain),
        call(4, 3), agent(5, 3), call(6, 5), agent(7, 5), call(8, 7),
    )  # fmt: skip
    (run,) = runs()
    assert {short(q.query_id): q.depth for q in run.sub_queries()} == {"4": 1, "6": 2, "8": 3}
    assert run.row.summary.max_depth == 3


def test_tools_retrievers_and_embeddings(send: Send, agent: Make, span: Make, runs: Runs) -> None:
    tool = {
        "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "weather",
        "gen_ai.tool.call.arguments": '{"city":"Paris"}', "gen_ai.tool.call.result": "sunny",
    }  # fmt: skip
    documents = {
        "openinference.span.kind": "RETRIEVER", "input.value": "Paris",
        "retrieval.documents.0.document.content": "A city.",
    }  # fmt: skip
    embedding = {
        "openinference.span.kind": "EMBEDDING", "embedding.model_name": "e-1",
        "embedding.embeddings.0.embedding.text": "Paris", "llm.token_count.prompt": 7,
        "embedding.embeddings.0.embedding.vector": [0.1] * 2000,
    }  # fmt: skip
    send(
        agent(1), *(span(n, 1, attributes=a) for n, a in enumerate((tool, documents, embedding), 2))
    )
    (run,) = runs()
    assert (run.row.summary.tools, run.row.summary.attempts) == (2, 1)
    p = PictureFold().take(run.events())
    told = {
        p.nodes.label[row]: (p.nodes.input[row], p.nodes.output[row]) for row in range(p.nodes.rows)
    }
    assert told["weather"] == ('{"city":"Paris"}', "sunny")
    assert told["span 3"] == ("Paris", '[{"document":{"content":"A city."}}]')
    (query,) = run.sub_queries()
    assert (query.model, query.prompt_preview, query.input_tokens) == ("e-1", "Paris", 7)
    assert query.output_tokens is None


def test_evaluations_are_scores(send: Send, call: Make, runs: Runs) -> None:
    said = {
        "gen_ai.evaluation.name": "faithful", "gen_ai.evaluation.score.value": 0.5,
        "gen_ai.evaluation.score.label": "partly", "gen_ai.evaluation.explanation": "half of it",
    }  # fmt: skip
    send(call(1, events=(SpanEvent("gen_ai.evaluation.result", 0, said),)))
    (run,) = runs()
    (score,) = events(run, Score)
    assert (score.name, score.value, score.query_id) == ("faithful", 0.5, f"{1:016x}")
    assert run.row.summary.notes == {"info": 1}


def test_what_only_an_agent_knows_is_the_total_of_a_run_without_calls(
    send: Send, receiver: Receiver, agent: Make, runs: Runs
) -> None:
    used = {"gen_ai.usage.input_tokens": 900, "gen_ai.usage.output_tokens": 90}
    send(agent(1, attributes=used))
    receiver.close()
    assert runs()[0].row.summary.input_tokens == 900


def test_an_agent_s_own_total_is_never_added(
    send: Send, receiver: Receiver, agent: Make, call: Make, runs: Runs
) -> None:
    used = {"gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 10}
    send(agent(1, attributes=used), call(2, 1))
    receiver.close()
    summary = runs()[0].row.summary
    assert (summary.input_tokens, summary.output_tokens, summary.cached_tokens) == (100, 10, 40)
