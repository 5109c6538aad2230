"""Paths as they are written in SpanRefs, and back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.sources.places import inside, located, on_disk, printable, written

NAMES = st.binary(min_size=1, max_size=20).filter(lambda name: b"\0" not in name).map(os.fsdecode)


@given(NAMES | st.sampled_from([r"a\xe9", r"\x5c", r"\x5cx5c", "\\x", "\\"]))
def test_every_name_is_written_as_valid_unicode_and_leads_back_to_itself(name: str) -> None:
    printable(name).encode()
    assert on_disk(printable(name)) == name


@given(NAMES, NAMES)
def test_two_names_are_never_written_alike(one: str, other: str) -> None:
    assert (printable(one) == printable(other)) == (one == other)


@pytest.mark.parametrize("path", ["../x", "a/../../x", "out/x", "a/../out/x"])
def test_a_relative_path_never_leads_out_of_the_root(tmp_path: Path, path: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "out").symlink_to(tmp_path)
    (tmp_path / "x").write_text("secret")
    with pytest.raises(FileNotFoundError, match="leads out of"):
        located(path, root)


@pytest.mark.parametrize("path", ["a\0b", "a\ud800b"])
def test_what_can_be_no_name_is_no_file(path: str) -> None:
    with pytest.raises(FileNotFoundError, match="the name of no file"):
        located(path, ".")


def test_a_folder_beside_the_root_with_a_longer_name_is_not_inside_it() -> None:
    assert inside("/a/b/c", "/a/b") and inside("/a/b", "/a/b") and inside("/a", "/")
    assert not inside("/a/bc", "/a/b")
    assert written("/a/bc/d", "/a/b") == "/a/bc/d"
    assert written("/a/b/d", "/a/b") == "d"
