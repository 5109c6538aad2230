"""Small runs to be told again and again: each story is a trace that a person can check by hand.

A story says what happened at which millisecond. Times are short, costs round, ids plain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from golden_story import Story, cited, piece, query

from rlmboard.trace import TraceEvent, Usage, encode_line
from rlmboard.trace import events as e


def normal() -> Story:
    """Three sub-queries: two answer, one fails and answers on its second try; all is recorded."""
    story = Story("golden-normal")
    story.begin("How does the recorder survive kill -9?", fragments=3)
    chosen = tuple(map(piece, (1, 2, 3)))
    story.at(5, e.EnvSelectFragments(query="recorder kill", fragment_ids=chosen))
    for n in (1, 2, 3):
        story.submit(10 + n, n)
        story.ask(20 + n, n)
    story.answer(120, 1)
    broken = e.Failure(type="connection", message="closed in mid-answer")
    story.at(130, e.SubQueryReturn(query_id=query(2), success=False, error=broken, duration_ms=107))
    story.at(131, e.BudgetSettle(query_id=query(2), released_msat=20_000))
    story.ask(140, 2, attempt=1, provider="swarm-a")
    story.answer(150, 3)
    story.answer(240, 2, attempt=1)
    story.at(250, e.VerifyCitations(query_id=query(2), checked=1, missing=0, passed=True))
    story.at(251, e.VerifyObjective(query_id=query(3), check_type="json_schema", passed=False))
    story.at(260, e.Aggregate(input_count=3, output_preview="It is an append of one line."))
    story.at(261, e.VerifyCitations(checked=2, missing=1, passed=False))
    for step, accuracy in enumerate((0.5, 0.75, 0.84)):
        story.at(262 + step, e.Metric(name="accuracy", value=accuracy, step=step))
    story.at(266, e.Metric(name="loss", special="inf", step=0))
    story.at(267, e.Note(level="warning", title="Evidence", message="One citation is missing."))
    story.at(268, e.Artifact(name="report.md", sha256="ab" * 32, bytes=420, media_type="text/md"))
    story.done(270, cited(1), cited(3))
    story.at(400, e.Score(name="faithful", value=0.5, scorer="reader", by="ada"))
    story.at(500, e.Score(name="faithful", value=1, scorer="reader", by="ada"))
    return story


def deep_recursion() -> Story:
    """A root with turns and cells, a child RLM in it, a child of that; a parent told late."""
    story = Story("golden-deep-recursion")
    story.begin("Which module is the largest?", producer="rlms")
    story.submit(5, 1, depth=0, role="root", fragment_id=None)
    story.at(6, e.SubQueryExecute(query_id=query(1), provider_id="openai", model_id="large"))
    story.at(10, e.IterationStart(n=1, max_n=8))
    story.at(11, e.CellStart(cell_id="cell-1", code_preview="answer = rlm(context[:9000])"))
    story.submit(20, 3, parent_id="child-2", depth=2, role="sub")  # before its parent
    story.at(21, e.RlmStart(node_id="child-1", parent_id="cell-1", depth=1, model="small"))
    story.at(22, e.ToolStart(tool_id="grep-1", name="grep", parent_id="child-1"))
    story.at(25, e.ToolEnd(tool_id="grep-1", result_preview="14 lines"))
    story.at(26, e.RlmStart(node_id="child-2", parent_id="child-1", depth=2, model="small"))
    story.ask(30, 3)
    story.answer(90, 3)
    story.at(95, e.RlmEnd(node_id="child-2", answer="trace", end_reason="answer"))
    lost = e.Failure(type="max_depth", message="three levels are enough")
    story.at(96, e.RlmEnd(node_id="child-1", error=lost, end_reason="errors"))
    story.at(97, e.CellEnd(cell_id="cell-1", stdout_preview="trace", duration_ms=86))
    story.at(98, e.IterationEnd(n=1, max_n=8))
    story.at(99, e.IterationStart(n=2, max_n=8))
    story.at(100, e.CellStart(cell_id="cell-2", code_preview="1/0"))
    wrong = e.Failure(type="ZeroDivisionError", message="division by zero")
    story.at(101, e.CellEnd(cell_id="cell-2", error=wrong, duration_ms=1))
    usage = Usage(input=5000, output=200, cached=4000, reasoning=120)
    dear = {"usage": usage, "cost_usd_nanos": 2_500_000, "cache_hit": True}
    story.at(140, e.SubQueryReturn(query_id=query(1), **dear))  # type: ignore[arg-type]
    story.at(141, e.IterationEnd(n=2, max_n=8))
    story.at(150, e.RunDone(output="trace", end_reason="answer", iterations=2))
    return story


def redundancy() -> Story:
    """Three workers on one fragment; two agree. On another none do. One signs its answer."""
    story = Story("golden-redundancy")
    story.begin("Who agrees?", fragments=2)
    providers = ("swarm-a", "swarm-b", "swarm-c")
    for n in (1, 2):
        story.submit(10, n)
        for replica, provider in enumerate(providers):
            story.ask(20 + replica, n, replica=replica, provider=provider)
    story.answer(100, 1, replica=1)
    story.answer(110, 1, replica=0)
    story.give_up(112, 1, "straggler", replica=2)
    agreed = e.VerifyRedundant(
        query_id=query(1), agreement=0.93, n_of_m=(2, 3), passed=True, replicas=(0, 1)
    )
    story.at(115, agreed)
    story.at(116, e.VerifyAttestation(query_id=query(1), pubkey="02ab", passed=True))
    for replica in range(3):
        story.answer(120 + replica, 2, replica=replica)
    apart = e.VerifyRedundant(query_id=query(2), agreement=0.2, n_of_m=(1, 3), passed=False)
    story.at(130, apart)
    story.done(140, cited(1), end_reason="quorum")
    return story


def hedging() -> Story:
    """A slow answer is asked for a second time; the second wins, the first is cancelled."""
    story = Story("golden-hedging")
    story.begin("Who is faster?", fragments=3)
    for n in (1, 2, 3):
        story.submit(10, n)
        story.ask(20, n, provider="swarm-a")
    story.answer(60, 1)
    story.ask(90, 2, attempt=1, provider="swarm-b")
    story.answer(130, 2, attempt=1)
    story.give_up(131, 2, "hedge")
    story.ask(95, 3, attempt=1, provider="swarm-b")  # told late: it came after a timeout
    story.at(85, e.SubQueryTimeout(query_id=query(3), elapsed_ms=64))
    story.at(86, e.BudgetSettle(query_id=query(3), released_msat=20_000))
    story.answer(140, 3, attempt=1)
    story.done(150)
    return story


def budget_stop() -> Story:
    """The budget is used up: an overage, then what is under way is given up; a partial answer."""
    story = Story("golden-budget-stop")
    story.begin("How far do 40 sats go?", fragments=4)
    for n in (1, 2, 3, 4):
        story.submit(10 + n, n)
    story.ask(20, 1)
    story.ask(21, 2)
    story.answer(80, 1)
    over = e.SubQueryReturn(
        query_id=query(2),
        result_preview="A long answer.",
        usage=Usage(output=900),
        usage_quality="estimated",
        cost_msat=31_000,
    )
    story.at(90, over)
    story.at(91, e.BudgetSettle(query_id=query(2), actual_msat=31_000, overage_msat=11_000))
    story.ask(92, 3)
    story.give_up(93, 3, "budget")
    story.at(94, e.Note(level="alert", message="100 % of the budget is used"))
    told = {"cost_msat": 43_000, "usage": Usage(input=300, output=940)}
    output = "Only half of it was read."
    story.at(100, e.RunDone(output=output, end_reason="budget", partial=True, **told))  # type: ignore[arg-type]
    return story


def timeout() -> Story:
    """One answers too late, after its timeout; one never; the run fails."""
    story = Story("golden-timeout")
    story.begin("Is anybody there?", fragments=2)
    for n in (1, 2):
        story.submit(10, n)
        story.ask(20, n)
    for n in (1, 2):
        story.at(121, e.SubQueryTimeout(query_id=query(n), elapsed_ms=100.25))
    story.answer(130, 1)
    story.at(131, e.BudgetSettle(query_id=query(2), released_msat=20_000))
    story.at(132, e.FallbackLocal(reason="no provider answers"))
    late = e.Failure(type="timeout", message="no answer within 0.2 s")
    story.at(200, e.RunFailed(error=late, end_reason="timeout", output="Perhaps.", lost=2))
    return story


def interrupted() -> Story:
    """Killed in the middle, taken up again by another process, ended; then killed for good."""
    story = Story("golden-interrupted")
    story.begin("Does it go on?", fragments=2)
    story.submit(10, 1)
    story.ask(20, 1)
    story.lines.append(b'{"run_id":"golden-interrupted","timestamp_ms":55.5,"event":{"ty\n')
    story.at(5000, e.RunResumed(started_at="2026-01-05T10:00:05Z", boot_id="b-2", pid=4711))
    story.give_up(5001, 1, "interrupted")
    story.submit(5010, 2)
    story.ask(5020, 2)
    story.at(5030, e.RunCancelled(end_reason="user", output="So far."))
    story.at(9000, e.RunResumed(started_at="2026-01-05T10:00:09Z", boot_id="b-2", pid=4712))
    story.answer(9020, 2)
    return story


def joined_writers() -> Story:
    """Two processes write at once: lines cross, and an answer stands before its submit."""
    story = Story("golden-joined-writers")
    story.begin("Who wrote this?")
    story.at(12.5, e.Environment(python="3.11.2", host={"name": "one", "cpus": 2}))
    story.answer(80.001, 2)
    story.submit(10.25, 1, parent_id=query(2), fragment_id=None)
    story.ask(11.75, 1)
    story.submit(9.5, 2, fragment_id=None)
    story.at(80.125, e.Metric(name="loss", value=0.25, step=2))
    story.at(79.875, e.Metric(name="loss", value=0.5, step=1))
    story.answer(99.999, 1)
    story.at(100, e.Environment(git={"sha": "abc123", "branch": "main", "dirty": False}))
    story.done(110)
    return story


def inferred_times() -> Story:
    """Made from another tool's log: times are guessed, returns come alone, spans are told twice."""
    story = Story("golden-inferred-times")
    story.begin("What did the log say?", producer="import")
    for n in (1, 2):
        story.at(
            100 * n,
            e.SubQueryReturn(
                query_id=query(n),
                duration_ms=80,
                provider_id="openai",
                model_id="small",
                usage=Usage(input=100),
                usage_quality="shared",
                inferred=True,
            ),
        )
    start = e.SubQuerySubmit(query_id=query(2), prompt_preview="Why?", inferred=True)
    story.at(150, start)
    again = e.SubQuerySubmit(query_id=query(2), prompt_preview="Why so?", parent_id=query(1))
    story.at(110, again)
    story.at(150, start)  # the first again: another had taken its place
    story.at(-20, e.ToolStart(tool_id="search-1", name="search", inferred=True))
    story.at(-5, e.ToolEnd(tool_id="search-1", result_preview="2 hits"))
    story.at(0, *(e.Metric(name="reward", value=n / 4, step=n) for n in range(4)))
    told = {"usage": Usage(input=900, output=90), "cost_usd_nanos": 1_800_000}
    story.at(220, e.RunDone(output="Nothing new.", **told))  # type: ignore[arg-type]
    return story


def inferred_parents() -> Story:
    """A chat over a gateway: what goes on from an answer hangs below it, as a guess.

    One of the guesses is set right later, and one that was stated turns out to be a guess.
    """
    story = Story("golden-inferred-parents")
    story.begin("agent", producer="gateway")
    for n, before in ((1, None), (2, query(1)), (3, query(2)), (4, query(1))):
        told = {"query_id": query(n), "prompt_preview": f"Turn {n}?", "parent_id": before}
        guess = True if before is not None and n != 4 else None
        story.at(10 * n, e.SubQuerySubmit(**told, parent_inferred=guess))  # type: ignore[arg-type]
        story.ask(10 * n + 1, n, provider="openai")
        story.answer(10 * n + 8, n)
    again = {"query_id": query(3), "prompt_preview": "Turn 3?", "parent_id": query(1)}
    story.at(31, e.SubQuerySubmit(**again))  # type: ignore[arg-type]
    guess = {"query_id": query(4), "prompt_preview": "Turn 4?", "parent_id": query(3)}
    story.at(41, e.SubQuerySubmit(**guess, parent_inferred=True))  # type: ignore[arg-type]
    story.done(60)
    return story


def told_again() -> Story:
    """Spans of a tracer: children before their parents, guesses that are set right, more each time.

    What was open is told to have ended, a parent that was never told of turns up, an answer comes
    again with its tokens, a failure turns out to be none, the run learns what it was asked.
    """
    story = Story("golden-told-again")
    story.at(0, e.RunInit(format=e.FORMAT, started_at="2026-01-05T10:00:00Z", producer="otlp"))
    story.at(40, e.SubQuerySubmit(query_id="call-1", parent_id="step", prompt_preview="Why?"))
    story.at(40, e.SubQueryExecute(query_id="call-1", provider_id="openai"))
    broken = e.Failure(type="unset", message="no status")
    story.at(90, e.SubQueryReturn(query_id="call-1", success=False, error=broken))
    story.at(50, e.ToolStart(tool_id="tool-1", name="look up", parent_id="step"))
    story.at(20, e.RlmStart(node_id="step", parent_id="agent", model="small"))
    story.at(20, e.RlmStart(node_id="step", parent_id="agent", depth=2, name="plan", model="small"))
    sub_query = {"query_id": "call-1", "prompt_preview": "Why?", "depth": 3}
    story.at(40, e.SubQuerySubmit(**sub_query, parent_id="step"))  # type: ignore[arg-type]
    story.at(40, e.SubQueryExecute(query_id="call-1", provider_id="openai", model_id="small"))
    usage = Usage(input=700, output=30, cached=200)
    told = {"usage": usage, "usage_quality": "exact", "attributes": {"server.port": 443}}
    story.at(90, e.SubQueryReturn(query_id="call-1", result_preview="So.", **told))  # type: ignore[arg-type]
    story.at(60, e.ToolEnd(tool_id="tool-1", error=broken))
    story.at(-5, e.RlmStart(node_id="agent", depth=1, name="scout"))
    story.at(50, e.ToolStart(tool_id="tool-1", name="look up", parent_id="agent"))
    story.at(61, e.ToolEnd(tool_id="tool-1", result_preview="2 hits"))
    story.at(95, e.RlmEnd(node_id="step", answer="So."))
    story.at(100, e.RlmEnd(node_id="agent", answer="So.", attributes={"tags": ["a", "b"]}))
    story.at(70, e.SubQuerySubmit(query_id="call-2", parent_id="never-told", prompt_preview="And?"))
    story.at(70, e.SubQueryExecute(query_id="call-2"))
    story.at(0, e.RunInit(format=e.FORMAT, query="Why?", producer="otlp"))
    story.at(100, e.RunDone(output="So.", end_reason="answer"))
    return story


def damaged() -> Story:
    """What a bad disk and a later version can leave: torn, glued, doubled, foreign, blank lines."""
    whole = normal()
    story = Story("golden-damaged")
    lines = [line.replace(b"golden-normal", b"golden-damaged") for line in whole.lines]
    story.lines = [*_damage(lines)]
    return story


def _damage(lines: list[bytes]) -> Iterator[bytes]:
    later = b'{"run_id":"golden-damaged","timestamp_ms":42,"event":{"type":"Dream","of":"sheep"}}\n'
    wrong = lines[5].replace(b'"query_id"', b'"query_no"').replace(b'"fragment_ids"', b'"ids"')
    for number, line in enumerate(lines):
        if number == 8:
            yield line[:40] + line  # torn by a kill, and the next was glued to it
        elif number == 12:
            yield line[:-30] + b"\n"
        else:
            yield line
        if number in (6, 14, 20):
            yield line  # told twice
        if number == 15:
            yield b"\n" + later + b'{"no":"line"}\n' + b"\xff\xfe\n"
            yield wrong.replace(b'"size_bytes":1000', b'"size_bytes":"big"')
    yield from lines[10:14]  # told again at the end
    yield b'{"run_id":"golden-damaged","timestamp_ms":900,"event":{"type":"Note","mess'


def ten_thousand() -> Story:
    """10,000 sub-queries over eight providers: some fail, some time out, some are asked twice."""
    story = Story("golden-ten-thousand")
    story.begin("How does it look from afar?")
    told: list[tuple[int, int, TraceEvent]] = []
    for n in range(10_000):
        told += [(at_us, n, event) for at_us, event in _one_of_many(n)]
    told.sort(key=lambda one: one[:2])
    story.lines += [encode_line(story.run_id, at_us, event) for at_us, _, event in told]
    story.done(told[-1][0] / 1000 + 1)
    return story


def _one_of_many(n: int) -> Iterator[tuple[int, TraceEvent]]:
    start_us, asked = 10_000 + 500 * n, f"q-{n:05}"
    took_us = 40_000 + 1000 * (n * 7919 % 97) + n * 31 % 1000
    of = {"query_id": asked}
    yield start_us, e.SubQuerySubmit(**of, depth=1 + n % 3, role="extractor")
    yield start_us, e.SubQueryExecute(**of, provider_id=f"swarm-{n % 8}", simulated=True)
    if n % 50 == 7:
        yield start_us + 150_000, e.SubQueryTimeout(**of, elapsed_ms=150)
        return
    if n % 20 == 3:
        slow = e.Failure(type="http_429")
        yield start_us + 9_000, e.SubQueryReturn(**of, success=False, error=slow)
        start_us += 10_000
        of = {"query_id": asked, "attempt": 1}
        yield start_us, e.SubQueryExecute(**of, provider_id="swarm-0", simulated=True)
    usage = Usage(input=300 + n % 60, output=40 + n % 9)
    yield start_us + took_us, e.SubQueryReturn(**of, usage=usage, cost_msat=1000 + 5 * (n % 9))


STORIES: dict[str, Callable[[], Story]] = {
    "normal": normal,
    "deep-recursion": deep_recursion,
    "redundancy": redundancy,
    "hedging": hedging,
    "budget-stop": budget_stop,
    "timeout": timeout,
    "interrupted": interrupted,
    "damaged": damaged,
    "joined-writers": joined_writers,
    "inferred-times": inferred_times,
    "inferred-parents": inferred_parents,
    "told-again": told_again,
    "ten-thousand": ten_thousand,
}
