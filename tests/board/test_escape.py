"""No name, address or link leads out of the home, on any route."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

import rlmboard
from rlmboard.folder import Home
from rlmboard.trace import Artifact

SECRET = "the-secret-of-the-neighbour"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home, and beside it what nobody may see: a file, and a whole run."""
    place = tmp_path_factory.mktemp("place")
    with rlmboard.init("x", home=place / "home", id="run-1", experiment="e") as run:
        run.subquery("ask", provider="p").returned("answer")
        run.output = "fine"
    with rlmboard.init(SECRET, home=place / "other", id="neighbour") as run:
        run.output = SECRET
    (place / "secret.txt").write_text(SECRET)
    (place / "home" / "views").mkdir()
    (place / "home" / "secret.json").write_text(f'{{"name": "{SECRET}"}}')
    return place


@pytest.fixture(scope="module")
def board(serve_long: Any, place: Path) -> Any:
    return serve_long(place / "home")


TARGETS = (
    "../secret.txt", "../../secret.txt", "../../../secret.txt", "../other/runs/neighbour",
    "../../other/runs/neighbour", "../secret", "../secret.json", "..", ".", "../runs/run-1",
    "/etc/passwd", "run-1/../../secret.txt", "....//....//secret.txt", "..\\..\\secret.txt",
    "trash/../runs/run-1", "~", "run-1\0", "C:\\secret.txt",
)  # fmt: skip


def written(name: str) -> Iterator[str]:
    """A name as it may stand in an address: bare, escaped, dots escaped, escaped twice."""
    once = quote(name, safe="")
    yield from {
        name.replace("\0", "%00"), once, once.replace(".", "%2E"), quote(once, safe=""),
        name.replace("/", "%c0%af").replace("\0", "%00"), name.replace("/", ";/").replace("\0", ""),
    }  # fmt: skip


@pytest.fixture(scope="module")
def routes(board: Any) -> list[tuple[str, str]]:
    """Method and path of every route that has a name in its path."""
    paths = board.get("openapi.json")["paths"]
    found = [
        (method.upper(), path) for path, methods in paths.items() for method in methods
        if "{" in path
    ]  # fmt: skip
    assert len(found) >= 25
    return found


def asked(board: Any, method: str, path: str, **more: Any) -> httpx.Response:
    """An address as it is written: a client that tidies it up would hide what is tried."""
    headers = {"X-Rlmboard-Token": board.token}
    url = httpx.URL(f"http://127.0.0.1:{board.port}")
    raw = url.copy_with(raw_path=path.encode())
    return board.http.request(method, raw, headers=headers, **more)  # type: ignore[no-any-return]


def files(place: Path) -> dict[str, bytes]:
    """All that lies there, but the index and its marks."""
    return {
        str(path.relative_to(place)): path.read_bytes()
        for path in place.rglob("*")
        if path.is_file() and "rlm.db" not in path.name and path.parent.name != "live"
    }


@pytest.mark.parametrize("target", TARGETS)
def test_no_name_in_an_address_leads_out(
    board: Any, place: Path, routes: list[tuple[str, str]], target: str
) -> None:
    before = files(place)
    for method, path in routes:
        if method == "PUT" and path.endswith("{name}"):
            continue  # an experiment may have any name: see below
        for hostile in written(target):
            own = path.replace("{run_id}", "run-1") if path.count("{") > 1 else path
            address = own.split("{")[0] + hostile + own.split("}")[-1]
            body = {} if method == "GET" else {"json": {"name": "x", "text": "x", "value": 1}}
            answer = asked(board, method, address, **body)
            assert answer.status_code < 500, (method, address, answer.text)
            assert SECRET not in answer.text, (method, address)
            assert "root:" not in answer.text, (method, address)
    assert files(place) == before


@pytest.mark.parametrize("target", TARGETS)
def test_no_name_in_a_question_or_body_leads_out(board: Any, place: Path, target: str) -> None:
    before = files(place)
    for path, name in (
        ("latency", "run"), ("compare", "run"), ("export", "run"),
        ("runs/run-1/source", "span"), ("runs/run-1/sub-query", "id"),
    ):  # fmt: skip
        answer = board.http.get(f"api/rlm/{path}", params={name: target})
        assert answer.status_code < 500
        assert SECRET not in answer.text
    for path in ("trash", "restore", "label"):
        answer = board.act("POST", path, {"runs": [target], "set": {"star": True}})
        assert answer.status_code in (200, 400)
        assert SECRET not in answer.text
        assert answer.status_code == 400 or answer.json()["done"] == []
    assert files(place) == before


@pytest.mark.parametrize("target", TARGETS)
def test_an_experiment_of_any_name_is_written_in_its_own_folder(
    serve: Any, place: Path, tmp_path: Path, target: str
) -> None:
    shutil.copytree(place, tmp_path, dirs_exist_ok=True)
    before = files(tmp_path)
    board = serve(tmp_path / "home")
    for hostile in written(target):
        answer = asked(board, "PUT", f"/api/rlm/experiments/{hostile}", json={"description": "d"})
        assert answer.status_code < 500
    after = files(tmp_path)
    assert {path for path in after if path not in before} == {
        path for path in after if path.startswith("home/experiments/")
    }
    assert {path: after[path] for path in before} == before


def test_nothing_of_a_run_is_read_through_a_link(serve: Any, tmp_path: Path) -> None:
    """A run folder may come from anywhere: what lies in it cannot point at files of its reader."""
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET)
    kept = tmp_path / "table.csv"
    kept.write_text("a,b\n")
    with rlmboard.init("x", home=tmp_path / "home", id="x") as run:
        sha256 = run.artifact(str(kept))
        run.subquery("p" * 300_000, provider="p").returned("a")
        run.output = "fine"
    folder = Home(tmp_path / "home").run("x")
    assert sha256 is not None
    for place in (folder.artifacts / "files" / sha256, folder.output):
        place.unlink()
        place.symlink_to(secret)
    whole = hashlib.sha256(SECRET.encode()).hexdigest()
    (tmp_path / "packed").write_bytes(gzip.compress(b"not what its name says"))
    (folder.artifacts / whole).symlink_to(tmp_path / "packed")
    board = serve(tmp_path / "home")
    answers = [
        board.http.get(f"api/rlm/runs/x/{path}")
        for path in (f"artifacts/{sha256}", "output", f"payloads/{whole}")
    ]
    assert [answer.status_code for answer in answers] == [404, 200, 404]
    assert answers[1].text == "fine"  # as the trace says it
    assert all(SECRET not in answer.text for answer in answers)
    assert board.get("runs/x/artifacts")[0]["state"] == "lost"


@pytest.mark.parametrize("link", ["artifacts", "artifacts/files"])
def test_nothing_is_read_where_a_folder_of_a_run_is_a_link(
    serve: Any, tmp_path: Path, link: str
) -> None:
    home, elsewhere = Home(tmp_path / "home"), tmp_path / "elsewhere"
    kept = tmp_path / "table.csv"
    kept.write_text("a,b\n")
    with rlmboard.init("x", home=home.path, id="x") as run:
        sha256 = run.artifact(str(kept))
        run.subquery("p" * 5_000, provider="p").returned(SECRET * 5_000)
        run.emit(Artifact(name="passwd", sha256="passwd", bytes=1))
    place = home.run("x").path / link
    place.rename(elsewhere)
    (elsewhere / "passwd").write_text(SECRET)
    place.symlink_to(elsewhere)
    board = serve(home.path)
    for name in ("passwd", str(sha256)):
        answer = board.http.get(f"api/rlm/runs/x/artifacts/{name}")
        assert answer.status_code == 404, answer.text
    assert {one["state"] for one in board.get("runs/x/artifacts")} == {"lost"}
    if link == "artifacts":
        assert not board.get("runs/x/search", text=SECRET)["searched"]
        assert board.get("runs/x")["payload_bytes"] == 0


@pytest.mark.parametrize("file", ["labels.jsonl", "cancel"])
def test_nothing_is_written_through_a_link(serve: Any, tmp_path: Path, file: str) -> None:
    run = rlmboard.init("x", home=tmp_path / "home", id="x")
    victim = tmp_path / "profile"
    (run.folder.path / file).symlink_to(victim)
    board = serve(tmp_path / "home")
    actions = {"labels.jsonl": ("comments", {"text": "echo"}), "cancel": ("cancel", None)}
    what, said = actions[file]
    answer = board.act("POST", f"runs/x/{what}", said)
    assert (answer.status_code, answer.json()["type"]) == (503, "home-unusable")
    assert not victim.exists()
    run.finish()


def test_a_text_that_unpacks_beyond_all_texts_is_lost(
    serve: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rlmboard.folder.payloads.LONGEST_TEXT_BYTES", 1_000_000)
    with rlmboard.init("x", home=tmp_path, id="x") as run:
        run.subquery("p" * 1_000_000, provider="p").returned("q" * 1_000_001)
    board = serve(tmp_path)
    for text, status in (("p" * 1_000_000, 200), ("q" * 1_000_001, 404)):
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        assert (run.folder.artifacts / sha256).exists()
        assert board.http.get(f"api/rlm/runs/x/payloads/{sha256}").status_code == status


def test_a_trace_that_is_a_link_is_not_sent(serve: Any, tmp_path: Path) -> None:
    rlmboard.init("x", home=tmp_path / "home", id="x").finish()
    board = serve(tmp_path / "home")
    assert board.get("runs/x")["run"]["id"] == "x"
    trace = Home(tmp_path / "home").run("x").trace
    (tmp_path / "secret.txt").write_text(SECRET)
    trace.unlink()
    trace.symlink_to(tmp_path / "secret.txt")
    answer = board.http.get("api/rlm/runs/x/trace")
    assert answer.status_code == 404
    assert SECRET not in answer.text


def test_a_pipe_in_a_run_folder_holds_up_nobody(serve: Any, tmp_path: Path) -> None:
    with rlmboard.init("x", home=tmp_path, id="x") as run:
        run.output = "fine"
    folder = Home(tmp_path).run("x")
    for place in (folder.output, folder.labels_file):
        place.unlink(missing_ok=True)
        os.mkfifo(place)
    board = serve(tmp_path)
    assert board.http.get("api/rlm/runs/x/output", timeout=5).text == "fine"
    assert board.http.get("api/rlm/runs/x/labels", timeout=5).json() == []


@pytest.mark.parametrize("asked_for", [{"run": "nope"}, {"filter": "cost>"}, {"format": "exe"}])
def test_a_file_that_cannot_be_made_is_a_problem_and_no_torn_file(
    board: Any, asked_for: dict[str, str]
) -> None:
    assert board.problem("export", **asked_for)["status"] in (400, 404)


@pytest.mark.parametrize("sha256", ["..", "files", ".", "x" * 64, "../payloads.jsonl"])
def test_an_artifact_is_found_by_its_hash_and_by_nothing_else(
    serve: Any, tmp_path: Path, sha256: str
) -> None:
    rlmboard.init("x", home=tmp_path, id="x").finish()
    folder = Home(tmp_path).run("x")
    folder.artifacts.mkdir(exist_ok=True)
    lines = folder.trace.read_text().splitlines()
    event = f'{{"type":"Artifact","name":"n","sha256":"{sha256}","bytes":1}}'
    line = f'{{"run_id":"x","timestamp_ms":1,"event":{event}}}'
    folder.trace.write_text("\n".join([*lines[:-1], line, lines[-1], ""]))
    board = serve(tmp_path)
    place = quote(sha256, safe="").replace(".", "%2E")
    answer = asked(board, "GET", f"/api/rlm/runs/x/artifacts/{place}")
    assert answer.status_code == 404
    assert board.get("runs/x/artifacts")[0]["state"] == "lost"
