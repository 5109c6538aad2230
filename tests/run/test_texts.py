"""What is kept of texts: all, previews, nothing; and only as a mask lets them through."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

import rlmboard
from rlmboard import Failure, Note, RunInit, SubQueryReturn, SubQuerySubmit, TraceEvent
from rlmboard.errors import RecordingFailed
from rlmboard.run import recorder
from rlmboard.run.recorder import MASK_FAILED

Read = Callable[..., list[Any]]
SECRET = "sk-very-secret"


def everything_on_disk(run: rlmboard.Run) -> bytes:
    return b"".join(file.read_bytes() for file in run.folder.path.rglob("*") if file.is_file())


def hide(text: str) -> str:
    return re.sub(re.escape(SECRET), "[hidden]", text)


def speak_of(secret: str, **options: Any) -> rlmboard.Run:
    """A run that says the secret wherever a user can say something."""
    run = rlmboard.init(
        f"q {secret}", config={"api": secret, "nested": {"key": [secret]}}, name=secret,
        context={"who": secret}, **options,
    )  # fmt: skip
    run.config["later"] = secret
    run.notes = secret
    with run.subquery(f"p {secret} " * 50) as q:
        q.returned(f"a {secret} " * 50)
    run.subquery([{"role": "user", "content": secret}]).failed(ValueError(secret))
    run.note(secret)
    run.alert(secret, secret)
    run.summary["best"] = secret
    run.output = f"o {secret}" * 50
    run.fail(ValueError(secret))
    return run


def test_a_mask_sees_every_text_before_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["program", SECRET])
    run = speak_of(SECRET, mask=hide)
    on_disk = everything_on_disk(run)
    assert SECRET.encode() not in on_disk
    assert on_disk.count(b"[hidden]") > 15


def test_without_a_mask_texts_stand_as_they_were_said() -> None:
    assert everything_on_disk(speak_of(SECRET)).count(SECRET.encode()) > 15


def test_a_mask_that_raises_keeps_the_text_out_and_counts(events: Read) -> None:
    def broken(text: str) -> str:
        raise RuntimeError("no")

    run = speak_of(SECRET, mask=broken)
    assert SECRET.encode() not in everything_on_disk(run)
    assert run.lost > 0 and "mask" in (run.problem or "")
    assert events(run, SubQuerySubmit)[0].prompt_preview == MASK_FAILED


def test_strict_hears_of_a_mask_that_raises() -> None:
    def broken(text: str) -> str:
        raise RuntimeError("no")

    with pytest.raises(RecordingFailed, match="the mask failed: no"):
        rlmboard.init("q", mask=broken, strict=True)


@pytest.mark.parametrize("event", get_args(TraceEvent), ids=lambda event: event.__name__)
def test_no_mask_can_make_an_event_unreadable(event: type[Any], events: Read) -> None:
    run = rlmboard.init("q", mask=lambda text: "***")
    fields = msgspec.inspect.type_info(event).fields  # type: ignore[attr-defined]
    one: dict[type, Any] = {
        msgspec.inspect.StrType: "x", msgspec.inspect.IntType: 1, msgspec.inspect.FloatType: 1.0,
        msgspec.inspect.BoolType: True, msgspec.inspect.TupleType: (1, 2),
        msgspec.inspect.DictType: {"a": "x"},
    }  # fmt: skip

    def value(kind: Any) -> Any:
        if isinstance(kind, msgspec.inspect.UnionType):
            return value(next(k for k in kind.types if type(k) is not msgspec.inspect.NoneType))
        if isinstance(kind, msgspec.inspect.LiteralType):
            return kind.values[0]
        if isinstance(kind, msgspec.inspect.StructType):
            return kind.cls(**{f.name: value(f.type) for f in kind.fields if f.required})
        return one.get(type(kind), ())

    assert run.emit(event(**{field.name: value(field.type) for field in fields}))
    assert len(events(run, event)) == (2 if event is RunInit else 1) or run.ended


@pytest.mark.parametrize("event", get_args(TraceEvent), ids=lambda event: event.__name__)
def test_a_mask_sees_every_field_that_may_hold_words(event: type[Any]) -> None:
    wordy = (msgspec.inspect.StrType, msgspec.inspect.DictType)

    def holds_words(kind: Any) -> bool:
        kinds = getattr(kind, "types", (kind,))
        return any(isinstance(k, wordy) or getattr(k, "cls", None) is Failure for k in kinds)

    fields = msgspec.inspect.type_info(event).fields  # type: ignore[attr-defined]
    names = {field.name for field in fields if holds_words(field.type)} - recorder._NAMES
    words = {name for name in names if not name.endswith(("_id", "_ref", "_at"))}
    assert words <= set(recorder._PROSE[event])


def test_a_failure_is_masked_with_its_traceback(events: Read) -> None:
    run = rlmboard.init("q", mask=hide)
    error = Failure(type="ValueError", message=SECRET, traceback=SECRET)
    run.emit(SubQueryReturn(query_id="q", error=error))
    (answer,) = events(run, SubQueryReturn)
    assert answer.error == Failure(type="ValueError", message="[hidden]", traceback="[hidden]")


def test_previews_only_keeps_no_whole_text(events: Read) -> None:
    run = speak_of("word", payloads="preview")
    submits = events(run, SubQuerySubmit)
    assert len(submits[0].prompt_preview) == 100
    assert all(submit.prompt_ref is None for submit in submits)
    assert not run.folder.artifacts.exists()


def test_none_keeps_no_word_of_prompts_and_answers(events: Read) -> None:
    run = rlmboard.init(f"q {SECRET}", payloads="none")
    run.subquery(SECRET).returned(SECRET)
    run.subquery([{"role": "user", "content": SECRET}]).returned(SECRET * 100)
    run.note("a note is meant to be read")
    run.output = SECRET
    run.finish()
    assert SECRET.encode() not in everything_on_disk(run)
    assert events(run, Note) == [Note(message="a note is meant to be read")]
    assert len(events(run, SubQueryReturn)) == 2


def test_a_text_that_cannot_be_kept_leaves_its_preview(events: Read) -> None:
    run = rlmboard.init("q")
    Path(run.folder.artifacts).write_text("in the way")
    run.subquery("p" * 500).returned("a")
    (submit,) = events(run, SubQuerySubmit)
    assert (submit.prompt_ref, submit.prompt_preview[:3]) == (None, "ppp")
    assert run.lost == 1
