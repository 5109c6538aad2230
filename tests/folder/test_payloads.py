"""Whole texts: kept once by hash, proven when read."""

from __future__ import annotations

import gzip
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.folder import PayloadWriter, RunFolder
from rlmboard.folder.payloads import INLINE_BYTES, read_payload
from rlmboard.trace import content_hash


@pytest.fixture
def keeper(folder: RunFolder) -> Iterator[PayloadWriter]:
    keeper = PayloadWriter(folder.artifacts)
    yield keeper
    keeper.close()


@pytest.fixture(scope="session")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("payloads") / "artifacts"


@given(st.lists(st.text(st.characters() | st.sampled_from('\n"{\ud800\0')), max_size=8))
def test_any_text_is_kept_and_read_back(artifacts: Path, texts: list[str]) -> None:
    keeper = PayloadWriter(artifacts)
    names = [keeper.keep(text) for text in texts]
    keeper.close()
    for name, text in zip(names, texts, strict=True):
        content = text.encode(errors="replace")
        assert name == content_hash(content)
        assert read_payload(artifacts, name) == content.decode()


@pytest.mark.parametrize("size", [INLINE_BYTES - 1, INLINE_BYTES, 3 * INLINE_BYTES])
def test_a_large_text_is_a_file_of_its_own(
    folder: RunFolder, keeper: PayloadWriter, size: int
) -> None:
    name = keeper.keep("x" * size)
    assert folder.payload(name) == "x" * size
    assert (folder.artifacts / name).exists() == (size >= INLINE_BYTES)


def test_the_same_text_is_kept_once(folder: RunFolder, keeper: PayloadWriter) -> None:
    assert len({keeper.keep("the same") for _ in range(10)}) == 1
    assert len(folder.payloads.read_bytes().splitlines()) == 1


def test_threads_keep_the_same_large_text_without_harm(
    folder: RunFolder, keeper: PayloadWriter
) -> None:
    text = "large " * INLINE_BYTES
    names: list[str] = []
    threads = [threading.Thread(target=lambda: names.append(keeper.keep(text))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names) == 8 and len(set(names)) == 1
    assert folder.payload(names[0]) == text
    assert [path.name for path in folder.artifacts.iterdir()] == [names[0]]


def test_a_text_after_a_torn_one_is_found(folder: RunFolder, keeper: PayloadWriter) -> None:
    first = keeper.keep("first")
    keeper.close()
    with folder.payloads.open("ab") as file:
        file.write(b'{"sha256":"torn o')
    again = PayloadWriter(folder.artifacts)
    second = again.keep("second")
    again.close()
    assert (folder.payload(first), folder.payload(second)) == ("first", "second")


def test_a_text_that_was_changed_on_disk_is_not_given_out(
    folder: RunFolder, keeper: PayloadWriter
) -> None:
    name = keeper.keep("the truth")
    large = keeper.keep("truth " * INLINE_BYTES)
    folder.payloads.write_bytes(folder.payloads.read_bytes().replace(b"truth", b"lies!"))
    assert folder.payload(name) is None
    for forged in (b"\x1f\x8b nonsense", gzip.compress(b"lies! " * INLINE_BYTES)):
        (folder.artifacts / large).write_bytes(forged)
        assert folder.payload(large) is None


@pytest.mark.parametrize("name", ["", "../config.json", "a" * 63, "A" * 64, "0" * 64])
def test_what_is_no_hash_or_not_there_is_none(folder: RunFolder, name: str) -> None:
    assert folder.payload(name) is None
    PayloadWriter(folder.artifacts).keep("x")
    assert folder.payload(name) is None


def test_a_closed_descriptor_is_opened_anew(folder: RunFolder, keeper: PayloadWriter) -> None:
    keeper.keep("first")
    os.close(keeper._number)
    name = keeper.keep("second")
    assert folder.payload(name) == "second"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    keeper = PayloadWriter(tmp_path / "file" / "artifacts")
    with pytest.raises(OSError, match="Not a directory"):
        keeper.keep("x")


def test_gathered_texts_are_there_when_they_are_flushed(
    folder: RunFolder, keeper: PayloadWriter
) -> None:
    keeper.gather()
    names = [keeper.keep(text) for text in ("one", "two", "one")]
    assert not folder.payloads.exists()
    keeper.flush()
    assert [read_payload(folder.artifacts, name) for name in names] == ["one", "two", "one"]
    assert len(folder.payloads.read_bytes().splitlines()) == 2


def test_gathered_texts_that_found_no_room_are_kept_when_they_come_again(
    folder: RunFolder, keeper: PayloadWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(file: int, lines: bytes) -> int:
        raise OSError(28, "No space left on device")

    keeper.gather()
    name = keeper.keep("a text")
    with monkeypatch.context() as full:
        full.setattr("os.write", refuse)
        with pytest.raises(OSError, match="No space left"):
            keeper.flush()
    assert keeper.keep("a text") == name
    assert read_payload(folder.artifacts, name) == "a text"
