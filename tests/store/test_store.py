"""The door: lists, single runs, labels, search, following."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import msgspec
import pytest

from rlmboard.errors import BadFilter, BadInput, UnknownRun
from rlmboard.folder import Home, Label, Pulse, boot_id, take
from rlmboard.store import Store, to_dicts
from rlmboard.trace import Metric, Note, RunDone, RunInit, SpanRef, SubQueryReturn, SubQuerySubmit


@pytest.fixture
def nine(store: Store, record: Any, small_run: Any) -> Store:
    """Nine runs a minute apart, r1 to r9: dearer and dearer, of two methods; r9 without a cost."""
    for n in range(1, 10):
        told = small_run(1, cost_msat=n * 1000, provider="swarm-1" if n > 6 else "ollama")
        if n == 9:
            told = [(0, RunInit(query="why?")), (5, RunDone(output="because"))]
        if n % 3:
            told.append((1, Metric(name="accuracy", value=n / 10)))
        record(
            f"r{n}",
            told,
            started_at=f"2026-11-20T10:0{n}:00+00:00",
            method="rlm-2" if n % 2 else "base",
            chunk_size=128 * n,
            name=f"run {n}",
            tags=["nightly"] if n > 7 else [],
            experiment="doc-analysis" if n < 4 else None,
            params={"letter": "abcabcabc"[n - 1]},
        )
    return store


def ids(store: Store, filter: str = "", **more: Any) -> str:
    return " ".join(row.run_id[1:] for row in store.runs(filter, **more))


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ("", "9 8 7 6 5 4 3 2 1"),
        ("method:rlm-2", "9 7 5 3 1"),
        ("-method:rlm-2", "8 6 4 2"),
        ("method!=rlm-2", "8 6 4 2"),
        ("method:rlm-2 cost>4", "7 5"),
        ("cost<=2", "2 1"),
        ("id:r3", "3"),
        ("name:run*", "9 8 7 6 5 4 3 2 1"),
        ('name:"run 4"', "4"),
        ("tag:nightly", "9 8"),
        ("-tag:nightly since:1h", "7 6 5 4 3 2 1"),
        ("provider:swarm-1", "8 7"),
        ("provider:swarm*", "8 7"),
        ("venue:local -provider:ollama", "8 7"),
        ("experiment:doc-analysis", "3 2 1"),
        ("chunk_size:512", "4"),
        ("config.chunk_size>1000", "9 8"),
        ("accuracy>=0.7", "8 7"),
        ("metric.accuracy<0.2", "1"),
        ("letter:a", "7 4 1"),
        ("letter:a,b", "8 7 5 4 2 1"),
        ("status:completed tokens>0", "8 7 6 5 4 3 2 1"),
        ("status:failed", ""),
        ("started<2026-11-20T10:03:00", "2 1"),
        ("until:56m", "3 2 1"),
        ("because", "9 8 7 6 5 4 3 2 1"),
        ("BECAUSE run", "9 8 7 6 5 4 3 2 1"),
        ('"run 7"', "7"),
        ('-"run 7" bec*', "9 8 6 5 4 3 2 1"),
        ("prompt", ""),
        ("nothing:here", ""),
        ("-archived:yes", "9 8 7 6 5 4 3 2 1"),
        ("archived:yes", ""),
    ],
)
def test_a_filter_lets_through(nine: Store, filter: str, found: str) -> None:
    assert ids(nine, filter) == found
    assert nine.count(filter) == len(found.split())


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("-created_at", "9 8 7 6 5 4 3 2 1"),
        ("created_at", "1 2 3 4 5 6 7 8 9"),
        ("-cost", "8 7 6 5 4 3 2 1 9"),
        ("cost", "1 2 3 4 5 6 7 8 9"),
        ("method", "2 4 6 8 1 3 5 7 9"),
        ("-accuracy", "8 7 5 4 2 1 9 6 3"),
        ("metric.accuracy", "1 2 4 5 7 8 9 6 3"),
        ("-chunk_size", "9 8 7 6 5 4 3 2 1"),
        ("config.letter", "1 4 7 2 5 8 3 6 9"),
    ],
)
@pytest.mark.parametrize("limit", [2, 4, 50])
def test_pages_in_any_order_give_every_run_once(
    nine: Store, order: str, found: str, limit: int
) -> None:
    pages, after = [], None
    while page := nine.runs(order=order, limit=limit, after=after):
        pages += [row.run_id[1:] for row in page]
        after = page[-1].run_id
    assert " ".join(pages) == found


def test_a_page_goes_on_where_it_was_though_a_run_came_meanwhile(
    nine: Store, record: Any, small_run: Any
) -> None:
    first = nine.runs(limit=3)
    record("r99", small_run(), started_at="2026-11-20T11:00:00+00:00")
    assert ids(nine, limit=3, after=first[-1].run_id) == "6 5 4"


def test_no_limit_gives_all(nine: Store) -> None:
    assert len(nine.runs(limit=None)) == 9


def test_an_order_that_no_run_has_is_refused(nine: Store) -> None:
    with pytest.raises(BadInput, match=r"cannot be sorted by 'beauty'.*columns are created_at, "):
        nine.runs(order="beauty")


def test_a_filter_that_does_not_parse_is_refused(nine: Store) -> None:
    with pytest.raises(BadFilter):
        nine.runs("cost>much")


# ---------------------------------------------------------------- ids


def test_a_run_is_found_by_the_beginning_of_its_id(store: Store, record: Any) -> None:
    for run_id in ("0199-aa", "0199-ab", "0200"):
        record(run_id)
    assert store.resolve("02") == "0200"
    assert store.run("0199-a" + "b").id == "0199-ab"
    with pytest.raises(UnknownRun, match="0199-aa, 0199-ab"):
        store.resolve("01")
    with pytest.raises(UnknownRun, match="no run is called '7'"):
        store.run("7")


def test_an_id_that_begins_another_is_itself(store: Store, record: Any) -> None:
    record("run")
    record("run-2")
    assert store.resolve("run") == "run"


def test_latest_is_the_run_that_began_last(store: Store, record: Any) -> None:
    with pytest.raises(UnknownRun, match="no run yet"):
        store.run("latest")
    record("b", started_at="2026-11-20T10:00:00+00:00")
    record("a", started_at="2026-11-20T11:00:00+00:00")
    assert store.run("latest").id == "a"


def test_a_short_id_names_one_run(store: Store, record: Any) -> None:
    for run_id in ("0199aaaa-bbbb-1", "0199aaaa-bbbc-1", "0300aaaa-0000"):
        record(run_id)
    assert store.short_id("0199aaaa-bbbb-1") == "0199aaaa-bbbb"
    assert store.short_id("0300aaaa-0000") == "0300aaaa"
    assert store.resolve(store.short_id("0199aaaa-bbbc-1")) == "0199aaaa-bbbc-1"


# ---------------------------------------------------------------- one run


def test_events_go_on_after_any_line(store: Store, record: Any) -> None:
    record("r1", [(n, Note(message=str(n))) for n in range(2500)])
    run = store.run("r1")
    assert [line.seq for line in run.events(after=2300, limit=2)] == [2301, 2302]
    assert len(list(run.events(after=999))) == 1501
    assert len(list(run.events(after=1000))) == 1500
    assert list(run.events(after=2500)) == []
    assert [line.seq for line in store.poll("r1", after=2300)] == list(range(2301, 2501))


def test_a_run_is_given_as_the_design_document_names_it(
    store: Store, home: Home, record: Any
) -> None:
    span = SpanRef(id="s", path="a.py", start_line=1, end_line=2)
    told = [
        (0, RunInit(query="why?")),
        (1, SubQueryReturn(query_id="q", cost_msat=2_500)),
        (2, Metric(name="f1", value=0.5)),
        (3, RunDone(output="beca...", span_refs=(span,))),
    ]
    folder = record("r1", told, method="base", dataset="nq")
    folder.output.write_text("because of everything")
    run = store.run("r1").to_dict()
    assert {key: run[key] for key in list(run)[:12]} == {
        "id": "r1",
        "created_at": "2026-11-20T10:00:00.000Z",
        "status": "completed",
        "config": {"method": "base", "dataset": "nq"},
        "git_sha": None,
        "dataset": "nq",
        "metrics": {"f1": 0.5},
        "output": "because of everything",
        "span_refs": [{"id": "s", "path": "a.py", "start_line": 1, "end_line": 2}],
        "trace": "runs/r1/trace.jsonl",
        "cost_sats": 2.5,
        "tokens_used": None,
    }
    assert run["query"] == "why?"
    assert msgspec.json.decode(msgspec.json.encode(run)) == run
    assert to_dicts(store.runs())[0]["output"] == "beca..."


def test_rows_of_every_kind_are_plain_values_when_asked_for(
    store: Store, record: Any, small_run: Any
) -> None:
    record("r1", small_run())
    run = store.run("r1")
    for rows in (store.runs(), run.sub_queries(), run.attempts(), store.providers()):
        made = to_dicts(rows)
        assert len(made) == len(rows) > 0
        assert json.loads(json.dumps(made))[0].keys() == made[0].keys()


# ---------------------------------------------------------------- labels


def test_what_people_say_stands_above_what_was_configured(store: Store, record: Any) -> None:
    record("r1", name="old", tags=["a"], experiment="one")
    for field, value in (
        ("name", "new"),
        ("tags", ["b", "c"]),
        ("note", "good"),
        ("star", True),
        ("experiment", "two"),
        ("score", {"name": "taste", "value": 4}),
    ):
        store.label("r1", field, value, by="me")
    (row,) = store.runs("name:new tag:b star:yes experiment:two taste>=4")
    assert (row.name, row.tags, row.note, row.star) == ("new", ("b", "c"), "good", True)
    assert row.metrics == {"taste": 4.0}
    assert store.runs("tag:a") == []
    assert [label.by for label in store.run("r1").labels()] == ["me"] * 6


def test_a_label_taken_back_leaves_what_was_configured(store: Store, record: Any) -> None:
    record("r1", name="old")
    store.label("r1", "name", "new")
    store.label("r1", "name", None)
    assert store.run("r1").row.name == "old"


def test_an_ended_run_is_looked_at_again_when_it_is_labelled(
    store: Store, home: Home, record: Any, small_run: Any
) -> None:
    folder = record("r1", small_run())
    store.runs()
    folder.label(Label(at="", field="archived", value=True))
    home.mark("r1")
    assert [row.run_id for row in store.runs("archived:yes")] == ["r1"]
    assert home.live_ids() == []


def test_a_label_of_another_kind_is_refused(store: Store, record: Any) -> None:
    record("r1")
    with pytest.raises(BadInput, match="'colour' is no label"):
        store.label("r1", "colour", "red")
    with pytest.raises(UnknownRun):
        store.label("r2", "name", "x")


def test_experiments_are_those_of_runs_and_those_described(nine: Store, home: Home) -> None:
    home.experiments.mkdir()
    (home.experiments / "empty.json").write_text('{"description": "to come"}')
    (home.experiments / "broken.json").write_text("{")
    found = {row.name: (row.runs, row.description) for row in nine.experiments()}
    assert found == {"doc-analysis": (3, None), "empty": (0, "to come")}


# ---------------------------------------------------------------- search


def test_a_search_finds_prompts_and_results_and_says_where(store: Store, record: Any) -> None:
    told = [
        (0, RunInit(query="Where is the Recorder?")),
        (1, SubQuerySubmit(query_id="q1", prompt_preview="look for the recorder " + "x " * 60)),
        (2, SubQueryReturn(query_id="q1", result_preview="it is in façade.py, I think")),
        (3, RunDone(output="In the recorder.py file")),
    ]
    record("r1", told)
    hits = store.search("recorder")
    assert [(hit.query_id, hit.field) for hit in hits] == [("q1", "prompt"), (None, "query")]
    assert hits[1].snippet == "Where is the Recorder?"
    assert hits[0].snippet.endswith("x…")
    assert [hit.field for hit in store.search('facade "I think"')] == ["result"]
    assert store.search("recorder nowhere") == []


def test_a_search_takes_any_text_and_refuses_none(
    store: Store, record: Any, small_run: Any
) -> None:
    record("r1", small_run())
    assert store.search("AND OR ( * NEAR' ; --") == []
    assert len(store.search("result*", limit=1)) == 1
    with pytest.raises(BadInput, match="nothing to search for"):
        store.search("  ")


def test_a_result_that_comes_later_is_found_beside_its_prompt(
    store: Store, record: Any, append: Any
) -> None:
    folder = record("r1", [(0, SubQuerySubmit(query_id="q", prompt_preview="question"))])
    assert [hit.field for hit in store.search("question")] == ["prompt"]
    append(folder, [(1, SubQueryReturn(query_id="q", result_preview="reply"))])
    assert [hit.field for hit in store.search("reply")] == ["result"]
    assert len(store.search("question")) == 1


# ---------------------------------------------------------------- live


def test_polling_gives_what_came_since(store: Store, record: Any, append: Any) -> None:
    folder = record("r1", [(0, RunInit())])
    assert [line.seq for line in store.poll("r1")] == [1]
    assert store.poll("r1", after=1) == []
    append(folder, [(1, Note(message="a")), (2, Note(message="b"))])
    assert [line.seq for line in store.poll("r1", after=1)] == [2, 3]
    assert [line.seq for line in store.poll("r1", after=2)] == [3]


def test_following_ends_with_the_run(store: Store, record: Any, append: Any) -> None:
    folder = record("r1", [(0, RunInit())])
    owner = take(folder.heartbeat, Pulse(pid=1, boot_id=boot_id()))
    assert owner is not None
    batches = store.follow("r1")
    assert [line.seq for line in next(batches)] == [1]
    assert next(batches) == []
    append(folder, [(1, RunDone())])
    owner.release()
    assert [line.seq for line in next(batches)] == [2]
    assert [len(batch) for batch in batches] == [0]


def test_a_text_that_was_replaced_is_found_no_more(store: Store, record: Any, append: Any) -> None:
    folder = record("r1", [(0, RunInit(query="first question"))], name="old name")
    append(folder, [(1, SubQueryReturn(query_id="q", result_preview="first reply"))])
    assert len(store.search("first")) == 2
    append(folder, [(2, SubQueryReturn(query_id="q", result_preview="second reply"))])
    append(folder, [(3, RunInit(query="second question"))])
    store.label("r1", "name", "new name")
    assert store.search("first") == []
    assert store.search("old") == []
    assert [hit.field for hit in store.search("second")] == ["result", "query"]
    assert [hit.field for hit in store.search("new")] == ["name"]
    assert [row.run_id for row in store.runs("second")] == ["r1"]


# ---------------------------------------------------------------- what it costs to look

LOOK = """
import sys
from rlmboard.store import Store
with Store(sys.argv[1]) as store:
    assert store.runs() and store.runs("-archived:yes") and store.providers()
    assert store.run("latest").sub_queries() and store.search("result") and store.count() == 1
print("sqlalchemy" in sys.modules)
"""


def test_looking_without_a_filter_loads_no_sqlalchemy(
    store: Store, home: Home, record: Any, small_run: Any
) -> None:
    record("r1", small_run())
    store.runs()
    command = [sys.executable, "-c", LOOK, str(home.path)]
    assert subprocess.run(command, capture_output=True, text=True).stdout == "False\n"
