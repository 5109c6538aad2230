"""Rows as CSV, JSON and Markdown."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.formats.table import cell, csv_lines, json_array, json_lines, markdown_lines

ROWS = [{"id": "a", "cost": 1.5, "note": 'say "hi",\nthen go'}, {"id": "b", "cost": None}]


def test_csv_quotes_what_needs_it_and_leaves_the_unknown_empty() -> None:
    text = "".join(csv_lines(ROWS, ["id", "cost", "note"]))
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["id", "cost", "note"],
        ["a", "1.5", 'say "hi",\nthen go'],
        ["b", "", ""],
    ]


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-x", "@SUM(A1)", "\tx", "\rx", "-1+2", "+-1"])
def test_a_cell_that_a_spreadsheet_would_run_is_defused(text: str) -> None:
    assert cell(text) == f"'{text}"
    for line in csv_lines([{text: text}], [text]):
        assert line.startswith(("'", "\"'"))


@pytest.mark.parametrize("number", ["-1", "+1.5", "-1e-7", "-.5", "12"])
def test_a_number_stays_a_number_with_its_sign(number: str) -> None:
    assert cell(number) == number


@given(st.text() | st.integers() | st.floats() | st.booleans() | st.lists(st.integers()))
def test_no_cell_ever_begins_as_a_formula(value: object) -> None:
    text = cell(value)
    if text.startswith(("=", "+", "-", "@", "\t", "\r")):
        float(text)


def test_json_is_one_object_a_line_or_one_array() -> None:
    assert [json.loads(line) for line in json_lines(ROWS)] == ROWS
    assert json.loads("".join(json_array(ROWS))) == ROWS
    assert json.loads("".join(json_array([]))) == []
    assert json.loads("".join(json_lines([{"x": float("nan"), "y": float("inf")}]))) == {
        "x": None,
        "y": None,
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("![x](http://a/i.png)", "!\\[x\\](http://a/i.png)"),
        ("<img src=x>", "\\<img src=x>"),
        ("`a` *b* &lt;", "\\`a\\` \\*b\\* \\&lt;"),
        ("\\|", "\\\\\\|"),
        ("chunk_size", "chunk_size"),
    ],
)
def test_a_cell_of_markdown_is_no_picture_no_link_and_no_element(text: str, told: str) -> None:
    *_, row = markdown_lines([{"a": text}], ["a"])
    assert row == f"| {told} |\n"


def test_markdown_keeps_a_row_on_one_line_and_its_bars_harmless() -> None:
    assert list(markdown_lines([{"a": "x|y\nz", "b": True}], ["a", "b"])) == [
        "| a | b |\n",
        "| --- | --- |\n",
        "| x\\|y z | true |\n",
    ]
