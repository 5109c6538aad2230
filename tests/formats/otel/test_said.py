"""Every convention that is in use says the same things; which name of several counts is a table."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from rlmboard.formats.otel import Said, Span, SpanEvent, said_by
from rlmboard.trace import Usage

NOW_NS = 1_767_600_000 * 10**9


def said(attributes: dict[str, Any], **more: Any) -> Said:
    span = Span(
        trace_id="ab" * 16, span_id="cd" * 8, start_ns=NOW_NS, end_ns=NOW_NS + 5,
        attributes=attributes, **more,
    )  # fmt: skip
    return said_by(span, NOW_NS)


def as_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


NEW = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "m",
    "gen_ai.response.model": "m-1",
    "gen_ai.usage.input_tokens": 20,
    "gen_ai.usage.output_tokens": 5,
    "gen_ai.usage.cache_read.input_tokens": 4,
    "gen_ai.usage.reasoning.output_tokens": 1,
    "gen_ai.response.finish_reasons": ["stop"],
    "gen_ai.system_instructions": as_json([{"type": "text", "content": "Be brief."}]),
    "gen_ai.input.messages": as_json(
        [{"role": "user", "parts": [{"type": "text", "content": "Weather?"}]}]
    ),
    "gen_ai.output.messages": as_json(
        [{"role": "assistant", "parts": [{"type": "text", "content": "Sunny."}]}]
    ),
}
FLAT = {
    "gen_ai.system": "openai",
    "gen_ai.request.model": "m",
    "gen_ai.response.model": "m-1",
    "gen_ai.usage.prompt_tokens": 20,
    "gen_ai.usage.completion_tokens": 5,
    "gen_ai.usage.cache_read_input_tokens": 4,
    "gen_ai.usage.details.reasoning_tokens": 1,
    "llm.finish_reason": "stop",
    "gen_ai.prompt.0.role": "system",
    "gen_ai.prompt.0.content": "Be brief.",
    "gen_ai.prompt.1.role": "user",
    "gen_ai.prompt.1.content": "Weather?",
    "gen_ai.completion.0.role": "assistant",
    "gen_ai.completion.0.content": "Sunny.",
}
OPENINFERENCE = {
    "openinference.span.kind": "LLM",
    "llm.system": "openai",
    "llm.model_name": "m-1",
    "llm.token_count.prompt": 20,
    "llm.token_count.completion": 5,
    "llm.token_count.prompt_details.cache_read": 4,
    "llm.token_count.completion_details.reasoning": 1,
    "llm.finish_reason": "stop",
    "input.value": '{"messages": "the same once more"}',
    "llm.input_messages.0.message.role": "system",
    "llm.input_messages.0.message.content": "Be brief.",
    "llm.input_messages.1.message.role": "user",
    "llm.input_messages.1.message.contents.0.message_content.type": "text",
    "llm.input_messages.1.message.contents.0.message_content.text": "Weather?",
    "llm.output_messages.0.message.role": "assistant",
    "llm.output_messages.0.message.content": "Sunny.",
}
OLD = {
    name: value for name, value in NEW.items() if "messages" not in name and "system_" not in name
}
EVENTS = (
    SpanEvent("gen_ai.system.message", 0, {"content": "Be brief."}),
    SpanEvent("gen_ai.user.message", 0, {"content": "Weather?"}),
    SpanEvent("gen_ai.choice", 0, {"index": 0, "message": as_json({"content": "Sunny."})}),
)
LISTED = {
    **OLD,
    "events": as_json(
        [
            {"event.name": "gen_ai.system.message", "content": "Be brief.", "role": "system"},
            {"event.name": "gen_ai.user.message", "content": "Weather?", "role": "user"},
            {"event.name": "gen_ai.choice", "message": {"role": "assistant", "content": "Sunny."}},
        ]
    ),
}


@pytest.mark.parametrize(
    ("attributes", "events"),
    [(NEW, ()), (FLAT, ()), (OPENINFERENCE, ()), (OLD, EVENTS), (LISTED, ())],
    ids=["genai now", "genai flattened", "openinference", "genai events", "events in a list"],
)
def test_a_call_says_the_same_in_each_convention(
    attributes: dict[str, Any], events: tuple[SpanEvent, ...]
) -> None:
    one = said(attributes, events=events)
    assert (one.kind, one.provider, one.model) == ("call", "openai", "m-1")
    assert one.usage == Usage(input=20, output=5, cached=4, reasoning=1)
    assert one.finish_reason == "stop"
    assert [(m["role"], m["content"]) for m in one.messages] == [
        ("system", "Be brief."),
        ("user", "Weather?"),
    ]
    assert (one.question, one.answer) == ("Weather?", "Sunny.")
    assert not [name for name in one.attributes if "message" in name or "value" in name]


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        ({"gen_ai.operation.name": "text_completion"}, "call"),
        ({"gen_ai.operation.name": "generate_content"}, "call"),
        ({"gen_ai.operation.name": "embeddings"}, "call"),
        ({"gen_ai.operation.name": "retrieval"}, "tool"),
        ({"gen_ai.operation.name": "execute_tool"}, "tool"),
        ({"gen_ai.operation.name": "search_memory"}, "tool"),
        ({"gen_ai.operation.name": "invoke_agent"}, "agent"),
        ({"gen_ai.operation.name": "invoke_workflow"}, "step"),
        ({"gen_ai.operation.name": "plan"}, "step"),
        ({"gen_ai.operation.name": "of tomorrow"}, "step"),
        ({"openinference.span.kind": "CHAIN"}, "step"),
        ({"openinference.span.kind": "RETRIEVER"}, "tool"),
        ({"openinference.span.kind": "EMBEDDING"}, "call"),
        ({"openinference.span.kind": "GUARDRAIL"}, "step"),
        ({"openinference.span.kind": "UNKNOWN"}, "plain"),
        ({"traceloop.span.kind": "workflow"}, "step"),
        ({"traceloop.span.kind": "tool"}, "tool"),
        ({"mlflow.spanType": "CHAT_MODEL"}, "call"),
        ({"mlflow.spanType": "RETRIEVER"}, "tool"),
        ({"langfuse.observation.type": "generation"}, "call"),
        ({"ai.model.id": "m"}, "call"),
        ({"http.request.method": "GET"}, "plain"),
        ({}, "plain"),
    ],
)
def test_what_a_span_is(attributes: dict[str, Any], kind: str) -> None:
    assert said(attributes).kind == kind


@pytest.mark.parametrize(
    ("attributes", "usage"),
    [
        ({"gen_ai.usage.input_tokens": 0}, Usage(input=0)),
        ({"gen_ai.usage.input_tokens": "12"}, Usage(input=12)),
        ({"gen_ai.usage.input_tokens": 12.0}, Usage(input=12)),
        ({"gen_ai.usage.input_tokens": -1}, None),
        ({"gen_ai.usage.input_tokens": True}, None),
        ({"gen_ai.usage.input_tokens": float("nan")}, None),
        ({"gen_ai.usage.input_tokens": 2**60}, None),
        ({"gen_ai.usage.input_tokens": "many"}, None),
        ({"gen_ai.usage.input_tokens": 5, "llm.token_count.prompt": 7}, Usage(input=5)),
        (
            {"gen_ai.usage.input_tokens": 5, "gen_ai.usage.cache_read.input_tokens": 9},
            Usage(input=5),
        ),
        ({"llm.token_count.total": 25}, None),
    ],
)
def test_tokens_that_make_no_sense_are_unknown(attributes: Any, usage: Usage | None) -> None:
    assert said({"gen_ai.operation.name": "chat", **attributes}).usage == usage


@pytest.mark.parametrize(
    ("attributes", "cost"),
    [
        ({}, {"cost_source": "none"}),
        ({"gen_ai.usage.cost": 0.0025}, {"cost_usd_nanos": 2_500_000, "cost_source": "provider"}),
        ({"llm.cost.total": "1e-9"}, {"cost_usd_nanos": 1, "cost_source": "price_table"}),
        ({"operation.cost": 0}, {"cost_usd_nanos": 0, "cost_source": "price_table"}),
        ({"gen_ai.usage.cost": -1}, {"cost_source": "none"}),
        ({"gen_ai.usage.cost": "free"}, {"cost_source": "none"}),
        ({"gen_ai.usage.cost": float("inf")}, {"cost_source": "none"}),
        (
            {"rlm.cost.msat": 1200, "rlm.cost.source": "ledger"},
            {"cost_msat": 1200, "cost_usd_nanos": None, "cost_source": "ledger"},
        ),
    ],
)
def test_a_cost_is_one_that_was_reported(attributes: Any, cost: dict[str, Any]) -> None:
    assert said({"gen_ai.operation.name": "chat", **attributes}).cost == cost


def test_tool_calls_are_an_answer_too() -> None:
    call = {"type": "tool_call", "id": "1", "name": "weather", "arguments": {"city": "Paris"}}
    asked = {"gen_ai.operation.name": "chat"}
    said_so = as_json([{"role": "assistant", "parts": [call]}])
    assert "Paris" in said({**asked, "gen_ai.output.messages": said_so}).answer
    flat = "llm.output_messages.0.message.tool_calls.0.tool_call.function"
    one = said(
        {"openinference.span.kind": "LLM", f"{flat}.name": "weather", f"{flat}.arguments": "{}"}
    )
    assert "weather" in one.answer


@pytest.mark.parametrize(
    ("attributes", "question"),
    [
        ({"input.value": "Why?"}, "Why?"),
        ({"input.value": '{"question": "Why?"}'}, "Why?"),
        ({"input.value": '{"a": "x", "b": "y"}'}, '{"a": "x", "b": "y"}'),
        ({"input.value": '{"messages": [{"role": "user", "content": "Why?"}]}'}, "Why?"),
        ({"input.value": '{"messages": [{"type": "human", "data": {"content": "Why?"}}]}'}, "Why?"),
        (
            {
                "pydantic_ai.all_messages": as_json(
                    [
                        {"role": "user", "parts": [{"type": "text", "content": "Why?"}]},
                        {"role": "user", "parts": [{"type": "tool_call_response", "result": "x"}]},
                        {"role": "assistant", "parts": [{"type": "text", "content": "So."}]},
                    ]
                )
            },
            "Why?",
        ),
        ({"traceloop.entity.input": "Why?"}, "Why?"),
        ({"mlflow.spanInputs": '"Why?"'}, '"Why?"'),
        ({}, ""),
    ],
)
def test_the_question_of_an_agent_is_what_the_user_said_last(
    attributes: dict[str, Any], question: str
) -> None:
    assert said({"openinference.span.kind": "AGENT", **attributes}).question == question


def test_what_went_in_is_kept_whole_where_the_question_is_a_part_of_it() -> None:
    whole = '{"messages": [{"role": "user", "content": "Why?"}], "style": "short"}'
    one = said({"openinference.span.kind": "CHAIN", "input.value": whole})
    assert (one.question, one.attributes["input"]) == ("Why?", whole)


def test_a_session_may_stand_in_the_resource() -> None:
    assert said({"session.id": "a"}, resource={"session.id": "b"}).session == "a"
    assert said({}, resource={"session.id": "b"}).session == "b"
    assert said({"gen_ai.conversation.id": "c", "session.id": "a"}).session == "c"
    assert said({}).session is None
