"""A run from elsewhere names a root of its own choice: nothing of its reader's is opened for it."""

from __future__ import annotations

import base64
import gzip
import re
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

import rlmboard
from rlmboard.board.offline import run_document
from rlmboard.folder import Home, home_secret, seal
from rlmboard.sources import cite
from rlmboard.store import Store

SECRET = "the secret of the reader"


@pytest.fixture
def reader(tmp_path: Path) -> Path:
    """The folder of a reader, with a secret in it and a home beside."""
    folder = tmp_path / "reader"
    folder.mkdir()
    (folder / "secret.txt").write_text(f"{SECRET}\n")
    return folder


def theirs(reader: Path, home: Path) -> Path:
    """A stranger's run over the reader's folder, as if recorded there; its folder is returned."""
    span = cite(reader / "secret.txt", 1, 1, reader)
    with rlmboard.init("x", home=home, id="theirs", root=str(reader)) as run:
        run.span_refs = [span]
    return run.folder.path


def brought(folder: Path, home: Path, name: str = "", **changes: Any) -> None:
    """The folder of a run is copied into a home; some of its record may be forged."""
    Home(home).make()
    place = Home(home).run(name or folder.name)
    shutil.copytree(folder, place.path)
    place.write_record(msgspec.structs.replace(place.record(), **changes))


def shown(board: Any, run_id: str = "theirs") -> list[Any]:
    """What the board opens of the citations of a run."""
    cited = board.get(f"runs/{run_id}/citations")
    assert len(cited) == 1
    source = board.get(f"runs/{run_id}/source", span=cited[0]["span"]["id"])
    return [cited[0]["state"], source["now"], source["then"]]


def texts(page: str) -> str:
    """Everything that is packed in an exported page."""
    packed = re.findall(r'class="answers">([^<]*)<', page)
    return "".join(gzip.decompress(base64.b64decode(one)).decode() for one in packed)


def test_what_this_home_recorded_is_opened(serve: Any, reader: Path, tmp_path: Path) -> None:
    theirs(reader, tmp_path / "home")
    state, now, _ = shown(serve(tmp_path / "home"))
    assert (state, now["text"].strip()) == ("verified", SECRET)


def test_a_run_that_was_brought_here_opens_nothing(
    serve: Any, reader: Path, tmp_path: Path
) -> None:
    home = tmp_path / "mine"
    brought(theirs(reader, tmp_path / "away"), home)
    board = serve(home)
    assert shown(board) == ["missing", None, None]
    assert "--source" in board.get("runs/theirs/citations")[0]["detail"]


def test_its_exported_page_holds_nothing_of_the_reader(reader: Path, tmp_path: Path) -> None:
    home, built = tmp_path / "mine", tmp_path / "built"
    brought(theirs(reader, tmp_path / "away"), home)
    built.mkdir()
    for name in ("page.js", "page.css"):
        (built / name).write_text("")
    with Store(Home(home)) as store:
        closed = "".join(run_document(store, "theirs", built=built).pieces())
        allowed = run_document(store, "theirs", built=built, sources=[str(reader)])
        opened = "".join(allowed.pieces())
    assert SECRET not in closed + texts(closed)
    assert SECRET in texts(opened)


@pytest.mark.parametrize("forged", ["", "0" * 32, "é"])
def test_a_seal_cannot_be_guessed(serve: Any, reader: Path, tmp_path: Path, forged: str) -> None:
    home = tmp_path / "mine"
    home_secret(Home(home))
    brought(theirs(reader, tmp_path / "away"), home, seal=forged)
    assert shown(serve(home)) == ["missing", None, None]


def test_the_seal_of_one_run_opens_no_other(serve: Any, reader: Path, tmp_path: Path) -> None:
    """It holds for its run and its root alone."""
    home = tmp_path / "mine"
    folder = theirs(reader, tmp_path / "away")
    over_another_root = seal(Home(home), "other-root", "/harmless")
    brought(folder, home, "other-root", run_id="other-root", seal=over_another_root)
    of_another_run = seal(Home(home), "mine", str(reader))
    brought(folder, home, "other-run", run_id="mine", seal=of_another_run)
    board = serve(home)
    assert shown(board, "other-root") == shown(board, "other-run") == ["missing", None, None]


def test_a_home_that_was_copied_with_its_secret_opens_nothing_on_another_machine(
    serve: Any, reader: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs(reader, tmp_path / "home")
    monkeypatch.setattr("rlmboard.folder.sealing._machine", lambda: "another")
    assert shown(serve(tmp_path / "home")) == ["missing", None, None]


@pytest.mark.parametrize(("allowed", "opens"), [("reader", True), ("", True), ("other", False)])
def test_a_reader_may_allow_a_folder(
    serve: Any, reader: Path, tmp_path: Path, allowed: str, opens: bool
) -> None:
    home = tmp_path / "mine"
    (tmp_path / "other").mkdir()
    brought(theirs(reader, tmp_path / "away"), home)
    state, now, _ = shown(serve(home, sources=[str(tmp_path / allowed)]))
    assert (state, now is not None) == (("verified", True) if opens else ("missing", False))


def test_a_root_leads_out_of_an_allowed_folder_by_no_link(
    serve: Any, reader: Path, tmp_path: Path
) -> None:
    home, allowed = tmp_path / "mine", tmp_path / "allowed"
    allowed.mkdir()
    (allowed / "link").symlink_to(reader)
    for number, root in enumerate((allowed / "link", allowed / ".." / "reader")):
        brought(theirs(reader, tmp_path / f"away-{number}"), home, root=str(root))
        assert shown(serve(home, sources=[str(allowed)])) == ["missing", None, None]
        shutil.rmtree(Home(home).run("theirs").path)
