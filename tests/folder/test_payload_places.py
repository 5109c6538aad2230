"""Many texts of one run, found by one look."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from rlmboard.folder import Payloads, PayloadWriter
from rlmboard.folder.payloads import INLINE_BYTES, read_payload
from rlmboard.trace import content_hash


def test_every_text_is_read_as_it_is_read_alone(tmp_path: Path) -> None:
    writer = PayloadWriter(tmp_path)
    texts = ["short", "über\nzwei Zeilen", '{"sha256":"not a line"}', "x" * INLINE_BYTES]
    names = [writer.keep(text) for text in texts]
    writer.close()
    payloads = Payloads(tmp_path)
    assert [payloads.read(name) for name in names] == texts
    assert [read_payload(tmp_path, name) for name in names] == texts


def test_what_is_damaged_or_was_never_kept_is_not_there(tmp_path: Path) -> None:
    name = content_hash(b"said")
    (tmp_path / "payloads.jsonl").write_text(f'{{"sha256":"{name}","text":"another"}}\n')
    payloads = Payloads(tmp_path)
    assert payloads.read(name) is None
    assert payloads.read("0" * 64) is None
    assert payloads.read("../secret") is None
    assert Payloads(tmp_path / "nowhere").read(name) is None


@given(st.binary(max_size=300))
def test_nothing_in_the_file_can_make_it_fail(tmp_path_factory: object, noise: bytes) -> None:
    folder = tmp_path_factory.mktemp("artifacts")  # type: ignore[attr-defined]
    (folder / "payloads.jsonl").write_bytes(noise)
    assert Payloads(folder).read("0" * 64) is None
