"""A page in one file: what stands in it, and what cannot."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rlmboard
from rlmboard.board.offline import comparison_document, run_document
from rlmboard.board.offline.answers import BLOCK_BYTES, Answer, blocks, question
from rlmboard.errors import BadInput, UnknownRun
from rlmboard.store import Store

HOSTILE = "</script><script>alert(1)</script><!--<script>"
SCRIPT = "const tag = '</script>', comment = '<!--', open = `<SCRIPT>`;\n"
WHEN = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)


class Parts(HTMLParser):
    """The elements of a page as a browser finds them: name, attributes, text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], str]] = []
        self._is_inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), ""))
        self._is_inside = True

    def handle_endtag(self, tag: str) -> None:
        self._is_inside = False

    def handle_data(self, data: str) -> None:
        if self._is_inside:
            tag, attrs, text = self.found[-1]
            self.found[-1] = (tag, attrs, text + data)

    def texts(self, tag: str, **wanted: str) -> list[str]:
        """What stands in the elements that have these attributes."""
        return [
            text
            for name, attrs, text in self.found
            if name == tag and wanted.items() <= attrs.items()
        ]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page as the build leaves it, as small as one can be."""
    folder = tmp_path_factory.mktemp("built")
    (folder / "page.js").write_text(SCRIPT)
    (folder / "page.css").write_text("body{color:red}")
    return folder


@pytest.fixture
def store(home_of_its_own: Path) -> Iterator[Store]:
    made = Store(home_of_its_own)
    yield made
    made.close()


def record(run_id: str = "one", **settings: Any) -> None:
    with rlmboard.init(f"Why? {HOSTILE}", id=run_id, **settings) as run:
        with run.subquery(f"{HOSTILE} {'long ' * 400}the end of it", id="q/1 ü") as asked:
            asked.returned("an answer", cost_sats=2, tokens=(3, 4))
        run.log({"accuracy": 0.5})
        run.output = f"So. {HOSTILE}"


def answers(page: Parts) -> dict[str, Any]:
    """What a page answers, found as the page finds it."""
    packed = page.texts("script", **{"class": "answers"})
    *lines, places = [gzip.decompress(base64.b64decode(block)) for block in packed]
    return {
        asked: json.loads(lines[block].split(b"\n")[line])
        for asked, (block, line) in json.loads(places).items()
    }


def page_of(document: Any) -> Parts:
    return Parts("".join(document.pieces()))


def test_a_file_answers_what_the_page_of_its_run_asks(store: Store, built: Path) -> None:
    record()
    said = answers(page_of(run_document(store, "one", built=built)))
    assert said["runs/one"]["run"]["query"] == f"Why? {HOSTILE}"
    assert said["runs/one/picture"]["run"]["status"] == "completed"
    assert said["runs/one/output"] == f"So. {HOSTILE}"
    assert said["runs/one/metrics"][0]["value"] == [0.5]
    assert said["runs/one/events\nafter=0\nlimit=1000"]["next"] is None
    whole = said["runs/one/sub-query\nid=q/1 ü"]
    assert whole["prompt"][0]["state"] == "whole"
    assert whole["prompt"][0]["text"].endswith("the end of it")
    assert whole["result"]["text"] == "an answer"
    for part in ("citations", "labels", "artifacts"):
        assert said[f"runs/one/{part}"] == []


def test_it_says_what_the_board_says(store: Store, built: Path, serve: Callable[..., Any]) -> None:
    """Each answer is that of the route, byte for byte of its meaning."""
    record()
    board = serve(store.home.path)
    said = answers(page_of(run_document(store, "one", built=built)))
    for path, params in (
        ("runs/one", {}),
        ("runs/one/sub-query", {"id": "q/1 ü"}),
        ("runs/one/events", {"after": 0, "limit": 1000}),
        ("runs/one/picture", {}),
        ("runs/one/metrics", {}),
    ):
        assert said[question(path, **params)] == board.get(path, **params), path


def test_runs_below_it_are_in_the_file_of_a_run(store: Store, built: Path) -> None:
    record()
    record("two", parent_run_id="one", parent_id="q/1 ü")
    record("three", parent_run_id="two")
    record("else")
    document = run_document(store, "one", built=built)
    assert (document.about.runs, document.about.left_out) == (["one", "two", "three"], 0)
    said = answers(page_of(document))
    assert said["runs"]["runs"][0]["id"] == "one"
    for name in ("two", "three"):
        assert said[f"runs/{name}/picture"]["run"]["status"] == "completed"
        whole = said[f"runs/{name}/sub-query\nid=q/1 ü"]
        assert whole["prompt"][0]["text"].endswith("the end of it")
    assert "runs/else" not in said
    short = answers(page_of(run_document(store, "one", payloads=False, built=built)))
    assert "the end of it" not in json.dumps(short)


def test_runs_below_it_that_have_no_room_are_counted(
    store: Store, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record()
    record("small", parent_run_id="one")
    record("another", parent_run_id="one")
    record("below", parent_run_id="another")
    lines = store.run("small").row.summary.lines
    monkeypatch.setattr("rlmboard.board.offline.family.MOST_LINES", lines)
    document = run_document(store, "one", built=built)
    assert (len(document.about.runs), document.about.left_out) == (2, 1)
    said = answers(page_of(document))
    assert {run["id"] for run in said["runs/one"]["children"]} == {"small", "another"}


def test_runs_that_name_each_other_as_parents_are_in_it_once(store: Store, built: Path) -> None:
    record(parent_run_id="two")
    record("two", parent_run_id="one")
    assert run_document(store, "one", built=built).about.runs == ["one", "two"]


def test_without_payloads_no_whole_text_is_in_it(store: Store, built: Path) -> None:
    record()
    said = answers(page_of(run_document(store, "one", payloads=False, built=built)))
    assert "the end of it" not in json.dumps(said)
    (prompt,) = said["runs/one/sub-query\nid=q/1 ü"]["prompt"]
    assert prompt["state"] == "preview"
    assert prompt["text"].startswith(HOSTILE)
    assert not [asked for asked in said if "payloads" in asked or "source" in asked]


def test_what_a_node_or_a_long_text_names_by_hash_is_there(store: Store, built: Path) -> None:
    with rlmboard.init("Why?", id="deep") as run:
        run.emit(rlmboard.CellStart(cell_id="c", code_preview="x = 1\n" * 300))
        run.emit(rlmboard.CellEnd(cell_id="c", stdout_preview="printed"))
        run.subquery("a" * 300_000, id="long").returned("short")
    said = answers(page_of(run_document(store, "deep", built=built)))
    texts = [text for asked, text in said.items() if asked.startswith("runs/deep/payloads/")]
    assert "x = 1\n" * 300 in texts
    assert "a" * 300_000 in texts


def test_cited_sources_are_in_it(store: Store, built: Path, tmp_path: Path) -> None:
    source = tmp_path / "a.py"
    source.write_text("one = 1\ntwo = 2\nthree = 3\n")
    span = rlmboard.cite(source, 2, 2)
    with rlmboard.init("Why?", id="cites", root=str(tmp_path)) as run:
        run.span_refs, run.output = [span], "two"
    said = answers(page_of(run_document(store, "cites", built=built)))
    (cited,) = said["runs/cites/citations"]
    assert cited["state"] == "verified"
    shown = said[question("runs/cites/source", span=span.id, context=12)]
    assert "two = 2" in shown["now"]["text"]


def test_nothing_of_a_run_is_markup(store: Store, built: Path) -> None:
    record(name=HOSTILE)
    text = "".join(run_document(store, "one", built=built).pieces())
    page = Parts(text)
    scripts = [attrs for tag, attrs, _ in page.found if tag == "script"]
    assert {attrs.get("type") for attrs in scripts} == {
        "application/json", "application/gzip", "module",
    }  # fmt: skip
    (about,) = page.texts("script", id="exported")
    assert json.loads(about)["title"] == HOSTILE
    assert "<!--" not in text
    assert text.count("<script") == len(scripts)


def test_the_policy_lets_only_its_own_script_run_and_connects_to_nothing(
    store: Store, built: Path
) -> None:
    record()
    page = page_of(run_document(store, "one", built=built))
    (policy,) = [
        attrs["content"] for tag, attrs, _ in page.found if tag == "meta" and "http-equiv" in attrs
    ]
    assert policy is not None
    (script,) = page.texts("script", type="module")
    (style,) = page.texts("style")
    for directive, content in (("script-src", script), ("style-src", style)):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}';" in policy
    assert "default-src 'none'" in policy
    assert "connect-src 'none'" in policy


def test_the_script_means_what_it_meant(store: Store, built: Path) -> None:
    record()
    (script,) = page_of(run_document(store, "one", built=built)).texts("script", type="module")
    assert "</script" not in script
    assert re.sub(r"\\x3C", "<", script) == SCRIPT


def test_it_says_what_it_is_of_when_and_with_what(store: Store, built: Path) -> None:
    record()
    document = run_document(store, "one", payloads=False, at=WHEN, built=built)
    assert document.about.opens == "/rlm/runs/one"
    assert document.about.at == "2026-11-23T19:00:00+00:00"
    assert (document.about.of, document.about.payloads) == ("run", False)


def test_a_comparison_has_its_table_its_groups_and_each_run(store: Store, built: Path) -> None:
    for number in range(3):
        record(f"run-{number}", config={"chunk_size": number // 2}, experiment="a/b")
    rows = store.runs("experiment:a/b")
    document = comparison_document(store, rows, "experiment:a/b", built=built)
    said = answers(page_of(document))
    assert document.about.opens == "/rlm/experiments/a%2Fb"
    assert len(said["compare"]["runs"]) == 3
    assert [group["value"] for group in said["compare/groups\ngroup=chunk_size"]] == [1, 0]
    assert said["experiments/a/b"]["runs"] == 3
    assert said["runs/run-1/picture"]["run"]["status"] == "completed"
    assert "the end of it" not in json.dumps(said)


def test_a_comparison_opens_what_it_compares(store: Store, built: Path) -> None:
    for number in range(3):
        record(f"run-{number}", experiment="whole")
    rows = store.runs("")
    some = comparison_document(store, rows[:2], "cost>1", built=built)
    assert some.about.opens == "/rlm/compare?filter=cost%3E1"
    named = comparison_document(store, rows[:1], built=built)
    assert named.about.opens == "/rlm/compare?runs=%5B%22run-2%22%5D"


def test_a_page_that_is_not_built_says_how_it_is(store: Store, tmp_path: Path) -> None:
    record()
    with pytest.raises(BadInput, match="make ui"):
        run_document(store, "one", built=tmp_path / "nowhere")
    with pytest.raises(UnknownRun):
        run_document(store, "none", built=tmp_path)


@given(st.dictionaries(st.text(), st.text()))
def test_every_answer_is_found_where_the_last_block_says(said: dict[str, str]) -> None:
    packed = list(blocks(Answer(asked, json.dumps(text).encode()) for asked, text in said.items()))
    *lines, places = [gzip.decompress(base64.b64decode(block)) for block in packed]
    found = {
        asked: json.loads(lines[block].split(b"\n")[line])
        for asked, (block, line) in json.loads(places).items()
    }
    assert found == said


def test_large_answers_lie_in_blocks_of_their_own() -> None:
    body = json.dumps("x" * BLOCK_BYTES).encode()
    packed = list(blocks(Answer(str(n), body) for n in range(3)))
    assert len(packed) == 3 + 1 + 1, "three full ones, an empty one, and the places"
