"""What is stored of spans: texts, settings, times, and what happens when the disk is full."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from rlmboard.formats.otel import Request, Span
from rlmboard.gateway.otlp import Receiver, Unavailable
from rlmboard.store import StoredRun
from rlmboard.trace import Stamped
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


def test_a_project_is_an_experiment_and_the_resource_stands_in_the_config(
    receiver: Receiver, call: Make, runs: Runs
) -> None:
    resource = {"service.name": "shop", "telemetry.sdk.language": "python"}
    receiver.take(Request([call(1, resource=resource)]), project="nightly")
    row = runs()[0].row
    assert (row.experiment, row.config.params) == (
        "nightly",
        {"resource": {"service.name": "shop"}, "trace_id": "ab" * 16},
    )
    assert (row.host, row.user, row.git_sha) == (None, None, None)


def test_whole_prompts_are_kept_once_by_what_they_say(
    send: Send, agent: Make, call: Make, runs: Runs
) -> None:
    text = "Once upon a time. " * 200
    history = [{"role": "system", "parts": [{"type": "text", "content": text}]}]
    for turn in range(5):
        history.append({"role": "user", "parts": [{"type": "text", "content": f"And {turn}?"}]})
        said = {"gen_ai.input.messages": msgspec.json.encode(history).decode()}
        send(call(10 + turn, 1, attributes=said))
    (run,) = runs()
    kept = run.folder.payloads.read_text()
    assert kept.count("Once upon a time") == 200


NOW = "now"


@pytest.mark.parametrize(
    ("start", "end", "began", "ended"),
    [
        (0, 10**9, NOW, NOW),  # 1970
        (10**18 * 9, 10**18 * 9, NOW, NOW),  # the year 2255
        (0, BEGAN_NS, BEGAN_NS, BEGAN_NS),
        (BEGAN_NS, BEGAN_NS - 1, BEGAN_NS, BEGAN_NS),
        (BEGAN_NS, 10**18 * 9, BEGAN_NS, BEGAN_NS),
        (-5, -9, NOW, NOW),
    ],
)
def test_times_that_cannot_be_are_guessed_and_said_to_be(
    receiver: Receiver, call: Make, runs: Runs, clock: Any,
    start: int, end: int, began: Any, ended: Any,
) -> None:  # fmt: skip
    """What is left is when the report came; a run of a wild clock is drawn like any other."""
    receiver.take(Request([msgspec.structs.replace(call(1), start_ns=start, end_ns=end)]))
    receiver.close()
    (run,) = runs()
    (query,) = run.sub_queries()
    zero_ms = run.row.created_at_ms
    for at_ms, expected in ((query.started_ms, began), (query.ended_ms, ended)):
        assert at_ms is not None
        wanted = clock.at_ns if expected == NOW else expected
        assert zero_ms + at_ms == pytest.approx(wanted / 1e6, abs=1.5)
    assert query.inferred
    assert run.row.status == "completed"


@pytest.mark.parametrize("room_for", (0, 1), ids=("nothing", "texts alone"))
def test_a_full_disk_asks_to_be_tried_again_and_nothing_is_lost(
    receiver: Receiver, agent: Make, call: Make, runs: Runs, monkeypatch: pytest.MonkeyPatch,
    room_for: int,
) -> None:  # fmt: skip
    import os

    write = os.write
    left = [room_for]

    def writes(file: int, line: bytes) -> int:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        return write(file, line)

    batch = [agent(1), call(2, 1), call(3, 1)]
    with monkeypatch.context() as full:
        full.setattr("os.write", writes)
        with pytest.raises(Unavailable, match="No space left"):
            receiver.take(Request(batch))
    receiver.take(Request(batch))
    receiver.close()
    (run,) = runs()
    assert (run.row.summary.attempts, run.row.summary.input_tokens) == (2, 200)
    assert tree(run) == {"1": "root", "2": "1", "3": "1"}


def test_more_traces_than_files_may_be_open(receiver: Receiver, call: Make, runs: Runs) -> None:
    receiver.take(Request([call(1, trace=f"{n:032x}") for n in range(1, 301)]))
    assert len(runs()) == 300
    assert sum(run.row.status == "completed" for run in runs()) >= 236
    receiver.close()
    assert {run.row.status for run in runs()} == {"completed"}
