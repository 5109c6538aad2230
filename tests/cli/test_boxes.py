"""The boxes of a run, by exact text."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from rich.cells import cell_len

from rlmboard.cli.pictures.boxes import levels, run_boxes
from rlmboard.cli.pictures.from_config import gathering_for
from rlmboard.cli.pictures.gather import Gathering
from rlmboard.cli.pictures.glyphs import ASCII, UNICODE, Glyphs
from rlmboard.trace import (
    Foreign,
    Hole,
    RlmEnd,
    RlmStart,
    RunConfig,
    RunDone,
    RunInit,
    Stamped,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    TraceLine,
)

Render = Callable[..., str]

UNDER_WAY_80 = """\
RLM RUN: doc-analysis-2024-01-08                                          ◉ LIVE
QUERY Summarize the key architectural decisions in this codebase
╭─ FANOUT TIMELINE ────────────────────────────────────────────────────────────╮
│ t=0ms   ███████         chunk-001 → provider-a (local)     ✓ 234ms   12 sats │
│ t=0ms   ██████████████  chunk-002 → provider-b (datacente… ✓ 456ms    8 sats │
│ t=0ms   █████████       chunk-003 → provider-c (swarm)     ✓ 312ms   15 sats │
│ t=0ms   ██████          chunk-004 → provider-a (local)     ✓ 198ms   12 sats │
│ t=0ms   ╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱ chunk-005 → provider-d (swarm)     ⏱ 500ms   timeout │
│         0         500ms                                                      │
╰──────────────────────────────────────────────────────────────────────────────╯
╭─ PROVIDERS ──────────────────────────────────────────────────────────────────╮
│ provider-a         local              ✓ 2              p50 198ms     24 sats │
│ provider-b         datacenter         ✓ 1              p50 456ms      8 sats │
│ provider-c         swarm              ✓ 1              p50 312ms     15 sats │
│ provider-d         swarm              ⏱ 1            p50 unknown     unknown │
╰──────────────────────────────────────────────────────────────────────────────╯
╭─ BUDGET ───────────────╮╭─ QUORUM ─────────╮╭─ LATENCY ──────────────────────╮
│ ██████████▒▒▒▒░░░░░░░░ ││ 4/5 collected    ││ p50: 234ms  p99: 456ms         │
│ ≥ 47/100 sats          ││ 4 needed         ││ ██   █     █                   │
│ 20 sats reserved       ││                  ││                                │
│ 1 cost unknown         ││                  ││                                │
╰────────────────────────╯╰──────────────────╯╰────────────────────────────────╯"""

ENDED_120 = """\
QUERY Summarize the key architectural decisions in this codebase
╭─ FANOUT TIMELINE ────────────────────────────────────────────────────────────────────────────────────────────────────╮
│ t=0ms   █████████████████████                                  chunk-001 → provider-a (local)      ✓ 234ms   12 sats │
│ t=0ms   █████████████████████████████████████████              chunk-002 → provider-b (datacenter) ✓ 456ms    8 sats │
│ t=0ms   ████████████████████████████                           chunk-003 → provider-c (swarm)      ✓ 312ms   15 sats │
│ t=0ms   ██████████████████                                     chunk-004 → provider-a (local)      ✓ 198ms   12 sats │
│ t=0ms   ╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱          chunk-005 → provider-d (swarm)      ⏱ 500ms   timeout │
│ t=500ms                                              ████████  reducer   → local-fm (local)        ✓ 89ms     0 sats │
│         0                                                600ms                                                       │
╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯"""  # noqa: E501

ENDED_80_ASCII = """\
RLM RUN: doc-analysis-2024-01-08                                    ok completed
QUERY Summarize the key architectural decisions in this codebase
+- FANOUT TIMELINE ------------------------------------------------------------+
| t=0ms   ////////////   chunk-005 -> provider-d (swarm)    T 500ms    timeout |
| t=0ms   ###########    chunk-002 -> provider-b (datace... ok 456ms    8 sats |
| t=500ms            ### reducer   -> local-fm (local)      ok 89ms     0 sats |
|         0        600ms                                                       |
| ... and 3 more:  ok 3                                                        |
+------------------------------------------------------------------------------+
+- PROVIDERS ------------------------------------------------------------------+
| local-fm           local             ok 1               p50 89ms      0 sats |
| provider-a         local             ok 2              p50 198ms     24 sats |
| provider-b         datacenter        ok 1              p50 456ms      8 sats |
| provider-c         swarm             ok 1              p50 312ms     15 sats |
| provider-d         swarm             T 1             p50 unknown     unknown |
+------------------------------------------------------------------------------+
+- BUDGET ---------------++- QUORUM ---------++- LATENCY ----------------------+
| ##########++++........ || 4/5 collected    || p50: 234ms  p99: 456ms         |
| >= 47/100 sats         || 4 needed         || #  ##  #   #                   |
| 20 sats reserved       ||                  ||                                |
| 1 cost unknown         ||                  ||                                |
+------------------------++------------------++--------------------------------+"""


def test_a_run_under_way_at_80_columns(
    gathering: Gathering, under_way: list[TraceLine], render: Render
) -> None:
    gathering.take(under_way)
    assert render(run_boxes(gathering.picture(rows=9), 80, UNICODE)) == UNDER_WAY_80


def test_an_ended_run_at_120_columns(
    gathering: Gathering, ended: list[TraceLine], render: Render
) -> None:
    gathering.take(ended)
    shown = render(run_boxes(gathering.picture(rows=9), 120, UNICODE), width=120)
    assert shown.splitlines()[0].endswith("✓ completed")
    assert "\n".join(shown.splitlines()[1:11]) == ENDED_120


def test_lanes_without_room_are_counted_and_the_worst_are_shown_in_ascii(
    gathering: Gathering, ended: list[TraceLine], render: Render
) -> None:
    gathering.take(ended)
    assert render(run_boxes(gathering.picture(rows=3), 80, ASCII)) == ENDED_80_ASCII


def test_a_picture_does_not_depend_on_the_steps_in_which_it_came(
    gathering: Gathering, ended: list[TraceLine], render: Render
) -> None:
    for line in ended:
        gathering.take([line])
        gathering.picture(rows=2)
    assert render(run_boxes(gathering.picture(rows=3), 80, ASCII)) == ENDED_80_ASCII


def test_colour_is_added_to_the_same_text(
    gathering: Gathering, ended: list[TraceLine], render: Render
) -> None:
    gathering.take(ended)
    boxes = run_boxes(gathering.picture(rows=9), 80, UNICODE)
    coloured, plain = render(boxes, colour=True), render(boxes)
    assert "\x1b[33m╱╱╱" in coloured
    assert "\x1b[32m ✓ 234ms" in coloured
    assert "\x1b" not in plain


def test_simulated_providers_are_marked_wherever_they_are_shown(
    gathering: Gathering, simulated: list[TraceLine], render: Render
) -> None:
    gathering.take(simulated)
    lines = render(run_boxes(gathering.picture(rows=9), 80, UNICODE)).splitlines()
    assert lines[0].endswith("✓ completed  simulated")
    shown = [line for line in lines if "provider-" in line or "provide" in line]
    assert len(shown) == 9
    assert all("simulated" in line for line in shown)
    assert not any("simulated" in line for line in lines if "local-fm" in line)


def test_texts_from_models_stay_texts(render: Render) -> None:
    events = [
        RunInit(query="[red]what\x1b[31m?[/red]\nnext"),
        SubQuerySubmit(query_id="q1", fragment_id="[bold]f\x1b]0;x\x07[/bold]"),
        SubQueryExecute(query_id="q1", provider_id="[blink]p\u202e"),
        SubQueryReturn(query_id="q1", result_preview="x"),
    ]
    gathering = gathering_for("r", "", RunConfig())
    gathering.take([Stamped(n, "r", n * 10.0, event) for n, event in enumerate(events, 1)])
    shown = render(run_boxes(gathering.picture(rows=3), 100, UNICODE), width=100)
    assert "\x1b" not in shown and "\u202e" not in shown
    assert "QUERY [red]what?[/red] next" in shown
    assert "[blink]p" in shown and "[bold]f[/bold]" in shown


def test_an_empty_run_has_a_picture_too(gathering: Gathering, render: Render) -> None:
    shown = render(run_boxes(gathering.picture(rows=5), 80, UNICODE))
    assert "FANOUT" not in shown
    assert "no answers yet" in shown
    assert "unknown/100 sats" in shown


def test_lines_that_are_no_events_are_passed_over(gathering: Gathering) -> None:
    raw = msgspec.Raw(b'{"run_id":"r","timestamp_ms":1,"event":{"type":"Later"}}')
    gathering.take([Hole(1, "torn"), Foreign(2, "r", 1.0, "Later", raw)])
    assert gathering.picture(rows=1).run.foreign == 1


def test_a_fragment_that_became_an_rlm_of_its_own_counts_once_for_the_quorum(
    gathering: Gathering,
) -> None:
    def asked(query_id: str, parent: str | None) -> list[object]:
        return [
            SubQuerySubmit(query_id=query_id, role="extractor", parent_id=parent),
            SubQueryExecute(query_id=query_id, provider_id="p"),
            SubQueryReturn(query_id=query_id),
        ]

    events = [
        *asked("q1", None),
        RlmStart(node_id="rlm1", depth=1, config={"fragment": "big"}),
        *asked("q2", "rlm1"),
        *asked("q3", "rlm1"),
    ]
    gathering.take([Stamped(n, "r", 1.0, event) for n, event in enumerate(events, 1)])  # type: ignore[arg-type]
    quorum = gathering.picture(rows=9).quorum
    assert quorum is not None
    assert (quorum.collected, quorum.total) == (1, 2)
    gathering.take([Stamped(99, "r", 2.0, RlmEnd(node_id="rlm1", end_reason="answer"))])
    quorum = gathering.picture(rows=9).quorum
    assert quorum is not None
    assert (quorum.collected, quorum.required) == (2, 2)


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
@pytest.mark.parametrize("width", [20, 33, 47, 60, 72, 99, 140, 300])
def test_no_line_is_wider_than_the_terminal(
    gathering: Gathering, simulated: list[TraceLine], render: Render, width: int, glyphs: Glyphs
) -> None:
    gathering.take(simulated)
    shown = render(run_boxes(gathering.picture(rows=9), width, glyphs), width=width)
    assert max(cell_len(line) for line in shown.splitlines()) <= width


def test_of_thousands_of_lanes_the_worst_and_the_slowest_are_still_known(
    gathering: Gathering,
) -> None:
    count = 9_000
    for n in range(count):
        asked = SubQueryExecute(query_id=f"q{n}", provider_id="p")
        told = SubQueryReturn(query_id=f"q{n}", success=n != 7)
        took_ms = 5_000.0 if n == 1_234 else 1.0
        gathering.take([Stamped(1, "r", n * 1.0, asked), Stamped(2, "r", n + took_ms, told)])
    gathering.take([Stamped(3, "r", count * 1.0, RunDone())])
    picture = gathering.picture(rows=2)
    assert [(lane.status, lane.duration_ms) for lane in picture.lanes] == [
        ("failed", 1.0),
        ("returned", 5_000.0),
    ]
    assert picture.hidden == {"returned": count - 2}
    assert picture.latency.answered == count - 1


@pytest.mark.parametrize(
    ("counts", "drawn"),
    [((), ""), ((5,), "█"), ((0, 1, 8), " ▂█"), ((1, 1000), "▂█")],
)
def test_a_column_that_holds_anything_is_never_blank(counts: tuple[int, ...], drawn: str) -> None:
    assert levels(counts, UNICODE) == drawn
