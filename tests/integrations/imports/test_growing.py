"""The law of importing: a file that was imported at any length, and again when it was whole, tells
what it tells when it is imported once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from rlmboard.folder import Home
from rlmboard.integrations.imports import find, import_source
from rlmboard.store import Store

FORMATS = Path(__file__).parents[2] / "formats"
FILES = sorted(
    path
    for kind in ("agents/fixtures/codex", "agents/fixtures/claude-code", "trajectories/fixtures")
    for path in (FORMATS / kind).glob("*.jsonl")
    if path.stem != "recursive-llm"  # whose runs are single lines
)


def imported(home: Home, path: Path) -> None:
    for source in find([path]).sources:
        import_source(home, source)


def picture(home: Home) -> dict[str, Any]:
    """What the store says of every run, but for how many lines it took to say it."""
    found = {}
    with Store(home) as store:
        for row in store.runs():
            summary = msgspec.to_builtins(row.summary)
            for counted in ("lines", "notes"):
                summary.pop(counted, None)
            queries = msgspec.to_builtins(store.run(row.run_id).sub_queries())
            for query in queries:
                query.pop("ordinal", None)
            by_id = {query["query_id"]: query for query in queries}
            found[row.run_id] = (row.query, row.name, row.status, summary, by_id)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem[:24])
def test_an_import_that_was_made_too_early_is_made_good_by_the_next(
    path: Path, tmp_path: Path
) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    copy = tmp_path / path.name
    copy.write_bytes(b"".join(lines))
    whole = Home(tmp_path / "whole")
    imported(whole, copy)
    wanted = picture(whole)
    for n in range(1, len(lines)):
        home = Home(tmp_path / f"home-{n}")
        copy.write_bytes(b"".join(lines[:n]))
        imported(home, copy)
        copy.write_bytes(b"".join(lines))
        imported(home, copy)
        assert picture(home) == wanted, f"after {n} lines"
