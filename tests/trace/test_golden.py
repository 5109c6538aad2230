"""Golden traces: what was recorded reads the same in every version, and in both languages."""

from __future__ import annotations

import gzip
import importlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from rlmboard.trace import Stamped
from rlmboard.trace.picture import PictureFold, decode_picture, encode_picture
from rlmboard.trace.picture.fold import TAKERS

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.name for path in (ROOT / "golden").iterdir() if path.is_dir())
LARGE = [name for name in NAMES if (ROOT / "golden" / name / "digest.json").exists()]
SMALL = [name for name in NAMES if name not in LARGE]


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """What writes golden traces."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    return importlib.import_module("write_golden")


def lines_of(name: str, tool: ModuleType) -> list[Any]:
    path = ROOT / "golden" / name / "trace.jsonl"
    if path.exists():
        return tool.read(path.read_bytes())  # type: ignore[no-any-return]
    return tool.read(gzip.decompress(path.with_suffix(".jsonl.gz").read_bytes()))  # type: ignore[no-any-return]


def expected(name: str, file: str) -> Any:
    return json.loads((ROOT / "golden" / name / file).read_text())


def test_every_story_has_its_golden_trace(tool: ModuleType) -> None:
    assert sorted(tool.STORIES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_story_is_told_the_same_way_every_time(name: str, tool: ModuleType) -> None:
    path = ROOT / "golden" / name / "trace.jsonl"
    trace = b"".join(tool.STORIES[name]().lines)
    if name in LARGE:
        assert gzip.decompress(path.with_suffix(".jsonl.gz").read_bytes()) == trace
    else:
        assert path.read_bytes() == trace


@pytest.mark.parametrize("name", SMALL)
def test_a_golden_trace_gives_its_rows(name: str, tool: ModuleType) -> None:
    rows = json.loads(json.dumps(tool.rows(lines_of(name, tool))))
    assert rows == expected(name, "rows.json")


@pytest.mark.parametrize("name", SMALL)
def test_a_golden_trace_gives_its_picture(name: str, tool: ModuleType) -> None:
    picture = PictureFold().take(lines_of(name, tool))
    assert json.loads(json.dumps(picture.as_dict())) == expected(name, "picture.json")


@pytest.mark.parametrize("name", SMALL)
def test_the_picture_at_a_line_and_the_lines_after_it_are_the_whole(
    name: str, tool: ModuleType
) -> None:
    lines, sofar = lines_of(name, tool), PictureFold()
    whole = PictureFold().take(lines).as_dict()
    for k, line in enumerate(lines):
        sent = json.loads(json.dumps(encode_picture(sofar.take([line]))))
        assert PictureFold(decode_picture(sent)).take(lines[k + 1 :]).as_dict() == whole


@pytest.mark.parametrize("name", SMALL)
def test_what_the_page_is_tested_with_is_what_is_sent(name: str, tool: ModuleType) -> None:
    stored = gzip.decompress((ROOT / "golden" / name / "sent.jsonl.gz").read_bytes())
    fold = PictureFold()
    sent = [encode_picture(fold.take([line])) for line in lines_of(name, tool)]
    assert stored.splitlines() == [tool.compact(one) for one in sent]


@pytest.mark.parametrize("name", LARGE)
def test_a_large_golden_trace_gives_its_rows_and_its_picture(name: str, tool: ModuleType) -> None:
    lines, digests = lines_of(name, tool), expected(name, "digest.json")
    picture = PictureFold().take(lines).as_dict()
    assert {key: tool.digest(value) for key, value in picture.items()} == digests["picture"]
    rows = tool.rows(lines)
    assert {key: tool.digest(value) for key, value in rows.items()} == digests["rows"]


@pytest.mark.parametrize("name", LARGE)
def test_a_large_picture_goes_on_from_where_it_was_sent(name: str, tool: ModuleType) -> None:
    lines = lines_of(name, tool)
    whole = PictureFold().take(lines).as_dict()
    for k in (1, len(lines) // 3, len(lines) - 1):
        sent = json.loads(json.dumps(encode_picture(PictureFold().take(lines[:k]))))
        assert PictureFold(decode_picture(sent)).take(lines[k:]).as_dict() == whole


def test_a_picture_on_the_wire_is_small(tool: ModuleType) -> None:
    picture = PictureFold().take(lines_of("ten-thousand", tool))
    sent = gzip.compress(tool.compact(encode_picture(picture, texts=False)), 6)
    assert len(sent) <= 16 * picture.attempts.rows


def test_the_golden_traces_hold_every_event(tool: ModuleType) -> None:
    told = {
        type(line.event).__name__
        for name in SMALL
        for line in lines_of(name, tool)
        if isinstance(line, Stamped)
    }
    assert told == {event.__name__ for event in TAKERS}
