"""What W&B users' fingers know: log, config, summary, tags, notes, artifacts, scores."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import rlmboard
from rlmboard import Artifact, Metric, Note, Score
from rlmboard.errors import RecordingFailed

Read = Callable[..., list[Any]]


class Scalar:
    """As numpy's."""

    def __float__(self) -> float:
        return 0.5


class Index:
    def __index__(self) -> int:
        return 7


class Tensor:
    def __float__(self) -> float:
        raise RuntimeError("only one element tensors can be converted")


def test_each_call_of_log_is_a_step(events: Read) -> None:
    run = rlmboard.init("q")
    run.log({"loss": 1, "f1": 0.5})
    run.log({"loss": 0.5})
    found = [(m.name, m.value, m.step) for m in events(run, Metric)]
    assert found == [("loss", 1.0, 0), ("f1", 0.5, 0), ("loss", 0.5, 1)]


def test_a_step_out_of_order_is_kept_and_the_next_goes_on_from_the_highest(events: Read) -> None:
    run = rlmboard.init("q")
    for step in (10, 3, None, Index(), None):
        run.log({"x": 1}, step=step)  # type: ignore[arg-type]
    assert [m.step for m in events(run, Metric)] == [10, 3, 11, 7, 12]


def test_a_call_that_does_not_commit_shares_its_step_with_the_next(events: Read) -> None:
    run = rlmboard.init("q")
    run.log({"a": 1})
    run.log({"b": 2}, commit=False)
    run.log({"c": 3})
    run.log({"d": 4})
    found = [(m.name, m.step) for m in events(run, Metric)]
    assert found == [("a", 0), ("b", 1), ("c", 1), ("d", 2)]


def test_nested_names_get_dots(events: Read) -> None:
    run = rlmboard.init("q")
    run.log({"eval": {"f1": 1, "by": {"dev": 2}}, "lr": 3})
    assert [m.name for m in events(run, Metric)] == ["eval.f1", "eval.by.dev", "lr"]


def test_numbers_of_other_libraries_are_numbers(events: Read) -> None:
    run = rlmboard.init("q")
    run.log({"a": Scalar(), "b": True, "c": "0.25", "d": Index()})
    assert [m.value for m in events(run, Metric)] == [0.5, 1.0, 0.25, 7.0]


def test_what_json_has_no_number_for_has_a_name(events: Read) -> None:
    run = rlmboard.init("q")
    run.log({"a": float("nan"), "b": float("inf"), "c": -float("inf")})
    assert [(m.value, m.special) for m in events(run, Metric)] == [
        (None, "nan"),
        (None, "inf"),
        (None, "-inf"),
    ]
    assert run.lost == 0


@pytest.mark.parametrize("value", ["good", None, [1, 2], Tensor(), object(), 10**400])
def test_a_value_that_is_no_number_is_counted_and_the_others_are_kept(
    value: object, events: Read
) -> None:
    run = rlmboard.init("q")
    run.log({"before": 1, "bad": value, "after": 2})
    assert [m.name for m in events(run, Metric)] == ["before", "after"]
    assert run.lost == 1
    assert run.problem and "bad is no number" in run.problem
    assert "bad" not in run.summary


@pytest.mark.parametrize("data", [None, 3, [("a", 1)], "loss"])
def test_what_is_no_dict_is_counted(data: Any) -> None:
    run = rlmboard.init("q")
    run.log(data)
    run.log({"a": 1}, step="two")  # type: ignore[arg-type]
    assert run.lost == 2


def test_strict_raises_where_the_default_counts() -> None:
    run = rlmboard.init("q", strict=True)
    with pytest.raises(TypeError, match="bad is no number"):
        run.log({"bad": "x"})
    with pytest.raises(ValueError, match="no amount of money"):
        run.subquery("p").returned("a", cost_sats="much")
    with pytest.raises(FileNotFoundError):
        run.artifact("/nowhere/at/all")
    with pytest.raises(RecordingFailed, match="another type"):
        run.emit(Score(name="s", value=..., scorer="s"))  # type: ignore[arg-type]


def test_the_summary_is_the_last_value_unless_it_is_set(events: Read) -> None:
    run = rlmboard.init("q")
    run.log({"f1": 0.1, "loss": 3})
    run.log({"f1": 0.2})
    run.summary["f1"] = 0.9
    run.log({"f1": 0.3})
    assert dict(run.summary) == {"f1": 0.9, "loss": 3.0}
    assert [(m.value, m.step) for m in events(run, Metric) if m.summary] == [(0.9, None)]
    assert "f1" in repr(run.summary) and len(run.summary) == 2
    del run.summary["f1"]
    assert run.summary["f1"] == 0.3


def test_config_by_item_and_by_attribute_is_kept() -> None:
    run = rlmboard.init("q", config={"method": "rlm", "optimizer": {"lr": 0.1}})
    run.config["chunk_size"] = 512
    run.config.seed = 7
    run.config.update({"top_k": 3, "seed": 8}, allow_val_change=False)
    run.config.update(verbose=True)
    del run.config["method"]
    record = run.folder.record()
    assert record is not None
    assert (record.config.chunk_size, record.config.seed, record.config.method) == (512, 7, None)
    assert record.config.params == {"optimizer": {"lr": 0.1}, "top_k": 3, "verbose": True}
    assert (run.config.chunk_size, run.config["top_k"], len(run.config)) == (512, 3, 5)
    assert "top_k" in repr(run.config)


def test_a_setting_that_is_not_there_says_so() -> None:
    run = rlmboard.init("q")
    with pytest.raises(AttributeError, match="config has no 'lr'"):
        _ = run.config.lr
    assert not hasattr(run.config, "lr")


def test_config_can_be_copied() -> None:
    run = rlmboard.init("q", config={"lr": 0.1})
    assert copy.copy(run.config)["lr"] == 0.1


def test_config_set_while_packages_are_captured_is_not_lost() -> None:
    for n in range(20):
        run = rlmboard.init("q")
        for key in range(20):
            run.config[f"k{key}"] = n
        run.finish()
        record = run.folder.record()
        assert record is not None and record.packages
        assert len(record.config.params) == 20


def test_name_tags_and_notes_can_be_set() -> None:
    run = rlmboard.init("q", name="first", tags="one", notes="n")
    assert (run.name, run.tags, run.notes) == ("first", ("one",), "n")
    run.name, run.tags, run.notes = "second", ["a", "b"], None
    record = run.folder.record()
    assert record is not None
    assert (record.config.name, record.config.tags) == ("second", ("a", "b"))
    assert record.config.notes is None


def test_an_artifact_is_kept_by_its_hash(tmp_path: Path, events: Read) -> None:
    file = tmp_path / "table.csv"
    file.write_text("a,b\n")
    run = rlmboard.init("q")
    sha256 = run.artifact(file)
    assert sha256 == hashlib.sha256(b"a,b\n").hexdigest()
    assert run.artifact(file, name="again.csv") == sha256
    first, again = events(run, Artifact)
    assert (first.name, first.bytes, first.media_type) == ("table.csv", 4, "text/csv")
    assert again.name == "again.csv"
    kept = run.folder.artifacts / "files"
    assert [path.name for path in kept.iterdir()] == [sha256]


def test_an_artifact_that_cannot_be_read_is_counted(tmp_path: Path) -> None:
    run = rlmboard.init("q")
    assert run.artifact(tmp_path / "none") is None
    assert run.artifact(tmp_path) is None
    assert run.lost == 2


def test_a_score_says_who_made_it(events: Read) -> None:
    run = rlmboard.init("q")
    run.score("f1", 0.5, scorer="exact", scorer_version="2", task_id="t", by="me", query_id="q-1")
    run.score("f1", float("nan"), scorer="exact")
    (score,) = events(run, Score)
    assert (score.value, score.scorer, score.by, score.query_id) == (0.5, "exact", "me", "q-1")
    assert run.lost == 1


def test_a_note_is_text_whatever_it_is(events: Read) -> None:
    run = rlmboard.init("q")
    run.note(3)  # type: ignore[arg-type]
    run.note("caf\udce9", level="warning")
    assert [(n.message, n.level) for n in events(run, Note)] == [("3", "info"), ("caf?", "warning")]


def test_a_time_that_is_none_is_counted_and_the_event_kept(events: Read) -> None:
    run = rlmboard.init("q")
    for at_ms in (float("nan"), 1e300, "soon"):
        assert run.emit(Note(message="n"), at_ms=at_ms)  # type: ignore[arg-type]
    assert (run.lost, len(events(run, Note))) == (3, 3)


@pytest.mark.parametrize("thing", [{"type": "Note"}, None, "note", rlmboard.Usage(input=1)])
def test_what_is_no_event_is_counted(thing: Any) -> None:
    run = rlmboard.init("q")
    assert not run.emit(thing)
    assert (run.lost, run.problem) == (1, f"{type(thing).__name__} is no event")
