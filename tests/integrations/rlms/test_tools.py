"""Tools of a user that the code of a real rlms calls; and prices in sats."""

from __future__ import annotations

from rlmboard.folder import Home, read_trace
from rlmboard.trace import CellEnd, CellStart, RlmStart, ToolEnd, ToolStart
from rlmboard.trace.summary import summarize

from .conftest import Recorded, asked


def test_a_tool_that_code_calls_stands_below_its_cell(recorded: Recorded) -> None:
    cells = {cell.cell_id: cell for cell in recorded.events("tools", CellStart)}
    starts = {start.tool_id: start for start in recorded.events("tools", ToolStart)}
    said = {start.name: (start.args_preview, start) for start in starts.values()}
    assert sorted(start.name for start in starts.values()) == [
        "delegate", "fails", "lookup", "lookup",
    ]  # fmt: skip
    called = [
        (start.args_preview, cells[str(start.parent_id)].node_id) for start in starts.values()
    ]
    (child,) = [rlm for rlm in recorded.events("tools", RlmStart) if rlm.query == "to the child"]
    assert called[:3] == [
        ("'alpha', limit=2", "root"), ("1", "root"), ("of the child", child.node_id)
    ]  # fmt: skip
    ends = {starts[end.tool_id].name: end for end in recorded.events("tools", ToolEnd)}
    assert ends["fails"].error is not None
    assert (ends["fails"].error.type, ends["fails"].error.message) == ("ValueError", "no 1")
    first = recorded.events("tools", ToolEnd)[0]
    assert (first.result_preview, first.error) == ("alpha means 2", None)
    (delegated,) = [rlm for rlm in recorded.events("tools", RlmStart) if rlm.query == "whole"]
    assert delegated.parent_id == said["delegate"][1].tool_id


def test_tools_answer_as_if_nobody_looked(recorded: Recorded) -> None:
    first, second = recorded.events("tools", CellEnd)[:2]
    assert first.stdout_preview == "alpha means 2 7 1 lookup 0\n"
    assert second.stdout_preview == "caught no 1\n"
    said = recorded.ran.said
    assert said["tools"]["answer"] == said["tools_not_recorded"]["answer"]
    recorded_calls, plain_calls = (
        sorted(map(asked, recorded.ran.calls(name))) for name in ("tools", "tools_not_recorded")
    )
    assert recorded_calls == plain_calls


def test_a_price_in_sats_is_a_cost_where_the_server_states_none(recorded: Recorded) -> None:
    (query,) = [one for one in recorded.queries("in_sats") if one.prompt_preview == "in sats"]
    (served,) = [one for one in recorded.ran.calls("in_sats") if one.prompt == "in sats"]
    msat = -(-(served.usage.input * 1_000_000 + served.usage.output * 2_000_000) // 1_000_000)
    assert (query.cost_msat, query.cost_usd_nanos) == (msat, None)
    assert recorded.summary("in_sats").cost_msat == msat


def test_the_packaged_prices_are_those_of_openais_own_address(recorded: Recorded) -> None:
    said = recorded.ran.said["packaged_prices"]
    whole = summarize(read_trace(Home(said["home"]).run(said["run"]).trace))
    (query,) = whole.sub_queries
    assert (query.model, query.status) == ("gpt-4o", "returned")
    assert query.input_tokens
    assert (query.cost_usd_nanos, query.cost_msat) == (None, None)
