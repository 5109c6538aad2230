"""What is known of where a run ran, and what must not be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.run.surroundings import masked_argv, packages


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (["--api-key", "abc", "x"], ["--api-key", "***", "x"]),
        (["--token=abc"], ["--token=***"]),
        (["--password", "abc", "--verbose"], ["--password", "***", "--verbose"]),
        (["--openai-key", "abc"], ["--openai-key", "***"]),
        (["OPENAI_API_KEY=abc"], ["OPENAI_API_KEY=***"]),
        (["--max-tokens", "512"], ["--max-tokens", "512"]),
        (["--author", "ada"], ["--author", "ada"]),
        (["sk-abcdefghijklmnop"], ["***"]),
        (["https://ada:secret@host/x"], ["https://***@host/x"]),
        (["--secret", "--verbose"], ["--secret", "--verbose"]),
        (["run", "what is a token?"], ["run", "what is a token?"]),
    ],
)
def test_values_that_look_secret_are_hidden(given: list[str], shown: list[str]) -> None:
    assert masked_argv(given) == tuple(shown)


@given(st.lists(st.text()))
def test_there_are_as_many_arguments_as_were_given(argv: list[str]) -> None:
    assert len(masked_argv(argv)) == len(argv)


def test_packages_are_known_by_name_and_version() -> None:
    found = packages()
    assert found["msgspec"].count(".") >= 1
    assert list(found) == sorted(found)
