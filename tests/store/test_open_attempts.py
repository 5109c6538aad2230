"""What an interrupted run has cost."""

from __future__ import annotations

from pathlib import Path

import rlmboard
from rlmboard.store import Store


def test_attempts_left_open_by_a_dead_run_have_an_unknown_cost(tmp_path: Path) -> None:
    run = rlmboard.init("q", home=tmp_path)
    run.subquery("one", provider="a").returned("1", cost_sats=3)
    run.subquery("two", provider="a")
    with Store(tmp_path) as store:
        assert store.run(run.id).row.status == "running"
        assert store.run(run.id).row.summary.unknown_cost == 0
        run._recorder.writer.owner.release()  # as the kernel does when a process dies
        row = store.run(run.id).row
    assert (row.status, row.summary.cost_msat, row.summary.unknown_cost) == ("interrupted", 3000, 1)
    assert row.summary.unknown_usage == 2
