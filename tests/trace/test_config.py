"""Settings of a run: whatever a user says, in a form by which runs compare."""

from __future__ import annotations

import datetime
import enum
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.trace import RunConfig, as_text, plain, run_config

NAMES = [name for name in RunConfig.__struct_fields__ if name != "params"]
LEAF = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
    | st.dates() | st.decimals() | st.complex_numbers() | st.builds(object)
)  # fmt: skip
VALUE = st.recursive(
    LEAF,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner)
        | st.dictionaries(st.text() | st.integers() | st.none() | st.tuples(st.booleans()), inner)
    ),
    max_leaves=8,
)
SETTINGS = st.dictionaries(st.sampled_from([*NAMES, "params"]) | st.text(), VALUE, max_size=6)


@given(SETTINGS)
def test_any_settings_make_a_config_that_is_written_and_read_back(said: dict[str, Any]) -> None:
    config = run_config(said)
    assert msgspec.json.decode(msgspec.json.encode(config), type=RunConfig) == config


@given(SETTINGS)
def test_nothing_said_is_lost(said: dict[str, Any]) -> None:
    config = run_config(said)
    for name, value in plain(said).items():
        if name != "params":
            named = getattr(config, name) if name in NAMES else None
            kept = list(named) if isinstance(named, tuple) else named
            assert kept == value or config.params[name] == value


@given(VALUE)
def test_plain_is_what_json_holds(value: Any) -> None:
    once = plain(value)
    assert msgspec.json.decode(msgspec.json.encode(once)) == once
    assert plain(once) == once


def test_named_settings_stand_by_name_and_others_are_params() -> None:
    config = run_config({"method": "rlm", "lr": 0.1, "params": {"top_k": 3}})
    assert (config.method, config.params) == ("rlm", {"top_k": 3, "lr": 0.1})


def test_a_setting_of_another_type_becomes_a_param() -> None:
    config = run_config({"chunk_size": "large", "tags": ["a", "b"]})
    assert config.chunk_size is None
    assert config.params == {"chunk_size": "large"}
    assert config.tags == ("a", "b")


def test_flat_shows_only_what_was_set_with_dots_for_what_is_nested() -> None:
    config = run_config({"seed": 0, "optimizer": {"name": "adam", "beta": {"one": 0.9}}})
    assert config.flat() == {"seed": 0, "optimizer.name": "adam", "optimizer.beta.one": 0.9}


class Scalar:
    """As numpy's: no number, but one by `__float__`."""

    def __float__(self) -> float:
        return 0.5


class Broken:
    def __str__(self) -> str:
        raise RuntimeError("no")

    def __float__(self) -> float:
        raise RuntimeError("no")


@dataclass
class Optimizer:
    name: str
    decay: float | None = None


class Colour(enum.StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Scalar(), 0.5),
        (Broken(), "<Broken>"),
        (Optimizer("adam"), {"name": "adam"}),
        (Colour.RED, "red"),
        (float("nan"), "nan"),
        (-float("inf"), "-inf"),
        (2**64, str(2**64)),
        (Path("a/b"), "a/b"),
        (datetime.date(2026, 1, 2), "2026-01-02"),
        ("\ud800", "?"),
        ({3: (1, {2})}, {"3": [1, [2]]}),
    ],
)
def test_values_of_other_libraries_are_said_plainly(value: object, expected: object) -> None:
    said = plain(value)
    assert said == expected
    assert type(said) is type(expected)


def test_an_object_that_cannot_say_what_it_is_is_shown_by_its_type() -> None:
    assert as_text(Broken()) == "<Broken>"
