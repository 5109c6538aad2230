"""A line of a trace: strict when written, total when read."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import inspect

from rlmboard.trace import (
    LINE_START,
    Environment,
    Foreign,
    Hole,
    Note,
    RunInit,
    Score,
    Stamped,
    TraceEvent,
    Usage,
    at_us,
    decode_line,
    encode_line,
)

EVENTS = get_args(TraceEvent)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
WHOLE = st.integers(-(2**53), 2**53)
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
LEAVES: dict[type, st.SearchStrategy[Any]] = {
    inspect.NoneType: st.none(),
    inspect.BoolType: st.booleans(),
    inspect.IntType: WHOLE,
    inspect.FloatType: NUMBER,
    inspect.StrType: TEXT,
    inspect.AnyType: st.none() | st.booleans() | WHOLE | TEXT | st.lists(TEXT, max_size=3),
}


def values(kind: inspect.Type) -> st.SearchStrategy[Any]:
    """Values of a type, as msgspec tells of it."""
    match kind:
        case inspect.UnionType():
            return st.one_of(*map(values, kind.types))
        case inspect.LiteralType():
            return st.sampled_from(kind.values)
        case inspect.ListType():
            return st.lists(values(kind.item_type), max_size=3)
        case inspect.VarTupleType():
            return st.lists(values(kind.item_type), max_size=3).map(tuple)
        case inspect.TupleType():
            return st.tuples(*map(values, kind.item_types))
        case inspect.DictType():
            return st.dictionaries(values(kind.key_type), values(kind.value_type), max_size=3)
        case inspect.StructType():
            return st.builds(kind.cls, **{f.name: values(f.type) for f in kind.fields})
        case _:
            return LEAVES[type(kind)]


EVENT = st.one_of(*(values(inspect.type_info(event)) for event in EVENTS))
TIME_US = st.integers(-(10**15), 10**15)


@given(EVENT, TIME_US, TEXT)
def test_what_is_written_is_read_back(event: Any, time_us: int, run_id: str) -> None:
    raw = encode_line(run_id, time_us, event)
    line = decode_line(raw[:-1], seq=7, offset=100)
    assert line == Stamped(7, run_id, time_us / 1000, event, 100, len(raw) - 1)
    assert at_us(line.timestamp_ms) == time_us


@given(EVENT)
def test_a_line_is_one_line_and_begins_as_lines_do(event: Any) -> None:
    raw = encode_line("r", 0, event)
    assert raw.startswith(LINE_START)
    assert raw.count(b"\n") == 1 and raw.endswith(b"\n")


@given(TEXT)
def test_the_start_of_a_line_cannot_stand_inside_a_text(text: str) -> None:
    raw = encode_line("r", 0, Note(message=text + LINE_START.decode() + text))
    assert raw.count(LINE_START) == 1


@given(st.binary(max_size=200))
def test_any_bytes_are_some_line(raw: bytes) -> None:
    line = decode_line(raw, 3)
    assert isinstance(line, Stamped | Foreign | Hole)
    assert (line.seq, line.length) == (3, len(raw))


@given(EVENT, st.data())
def test_an_event_that_was_torn_off_is_a_hole(event: Any, data: st.DataObject) -> None:
    raw = encode_line("r", 0, event)[:-1]
    kept = raw[: data.draw(st.integers(len(LINE_START), len(raw) - 1))]
    line = decode_line(kept, 1)
    assert isinstance(line, Hole) and line.reason in ("torn", "damaged")


def test_a_blank_line_says_so() -> None:
    assert decode_line(b"  ", 1) == Hole(1, "blank", 0, 2)


def test_an_event_of_a_later_version_is_kept_as_it_is() -> None:
    raw = b'{"run_id":"r","timestamp_ms":1.5,"event":{"type":"Teleport","to":["mars"]}}'
    line = decode_line(raw, 4)
    assert isinstance(line, Foreign)
    assert (line.type, bytes(line.raw)) == ("Teleport", raw)


def test_fields_of_a_later_version_are_passed_over() -> None:
    raw = b'{"run_id":"r","timestamp_ms":1,"event":{"type":"Note","message":"m","colour":1},"x":2}'
    line = decode_line(raw, 1)
    assert isinstance(line, Stamped) and line.event == Note(message="m")


@pytest.mark.parametrize("time", ["1e300", "-1e14", "1e400", "9" * 400, '"1"', "null"])
def test_a_time_that_cannot_be_is_damage(time: str) -> None:
    raw = f'{{"run_id":"r","timestamp_ms":{time},"event":{{"type":"Note","message":"m"}}}}'
    assert isinstance(decode_line(raw.encode(), 1), Hole)


def test_depth_without_end_is_damage() -> None:
    raw = b'{"run_id":"r","timestamp_ms":1,"event":{"type":"New","x":' + b"[" * 100_000
    assert isinstance(decode_line(raw, 1), Hole)


def test_lone_surrogates_are_written_as_question_marks() -> None:
    line = decode_line(encode_line("r", 1000, Note(message="caf\udce9"))[:-1], 1)
    assert isinstance(line, Stamped) and line.event == Note(message="caf?")


def test_values_that_json_cannot_say_are_said_as_near_as_can_be() -> None:
    loop: list[Any] = []
    loop.append(loop)
    said = {"object": Ellipsis, ("a", 1): {2}, "loop": loop, "deep": Usage(input=3)}
    line = decode_line(encode_line("r", 0, RunInit(context=said))[:-1], 1)  # type: ignore[arg-type]
    assert isinstance(line, Stamped) and isinstance(line.event, RunInit)
    assert line.event.context is not None
    assert line.event.context["object"] == "Ellipsis"
    assert line.event.context["('a', 1)"] == [2]
    assert line.event.context["deep"] == {"input": 3}


def test_what_would_not_read_back_is_refused() -> None:
    with pytest.raises(ValueError, match="another type"):
        encode_line("r", 0, Score(name="f1", value=..., scorer="s"))  # type: ignore[arg-type]


def test_what_is_no_event_is_refused_where_json_cannot_say_it() -> None:
    with pytest.raises(ValueError, match="no event"):
        encode_line("r", 0, object())  # type: ignore[arg-type]


def test_what_is_not_known_is_not_written() -> None:
    raw = encode_line("r", 0, Environment())
    assert msgspec.json.decode(raw)["event"] == {"type": "Environment"}


def test_every_event_has_its_name_on_the_wire() -> None:
    assert len({event.__name__ for event in EVENTS}) == len(EVENTS) == 33
    assert all(event.__struct_config__.tag == event.__name__ for event in EVENTS)
