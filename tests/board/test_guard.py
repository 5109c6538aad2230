"""Who may ask, and what each answer carries."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

import rlmboard
from rlmboard.board import Everything
from rlmboard.folder import throw_away


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "127.0.0.1.evil.example", "", "localhost@evil", "evil@localhost",
        "localhost.", "[::1", "[::1]x", "[::1]:x", "localhost:80:80", "localhost:x", "127.1",
        "2130706433", "[::ffff:127.0.0.1]", "localhost/evil", "localhost#evil", "localhost?evil",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["rlm", "api/rlm/runs", "assets/index-3f2a.js", "nowhere"])
def test_a_name_that_leads_here_from_elsewhere_is_refused(board: Any, host: str, path: str) -> None:
    answer = board.http.get(path, headers={"Host": host})
    assert answer.status_code in (400, 403)
    assert "runs" not in answer.text or "problem" in answer.headers["content-type"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9", "[::1]:80", "LOCALHOST:1"])
def test_the_names_of_this_machine_are_good(board: Any, host: str) -> None:
    assert board.http.get("api/rlm/home", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "x"])
def test_a_page_of_another_site_may_neither_act_nor_listen(board: Any, origin: str) -> None:
    headers = {"Origin": origin, "X-Rlmboard-Token": board.token}
    answer = board.http.post("api/rlm/trash", json={"runs": ["run-1"]}, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (403, "refused")
    with pytest.raises(InvalidStatus) as refusal, board.socket(origin=origin):
        pass
    assert refusal.value.response.status_code == 403


def test_a_socket_under_a_foreign_name_is_refused(board: Any) -> None:
    with (
        pytest.raises(InvalidStatus),
        board.socket(additional_headers={"Host": "evil.example"}),
    ):
        pass


@pytest.mark.parametrize("token", ["", "x", "ü"])
def test_an_action_needs_the_token_of_the_page(board: Any, token: str) -> None:
    headers = {"X-Rlmboard-Token": token.encode()} if token else {}
    answer = board.http.post("api/rlm/trash", json={"runs": ["run-1"]}, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (403, "refused")
    assert board.get("runs")["count"] == 5


def test_the_own_page_acts(serve: Any, tmp_path: Path) -> None:
    rlmboard.init("x", home=tmp_path, id="x").finish()
    board = serve(tmp_path)
    headers = {"Origin": f"http://127.0.0.1:{board.port}", "X-Rlmboard-Token": board.token}
    answer = board.http.patch("api/rlm/runs/x/labels", json={"star": True}, headers=headers)
    assert answer.json()["star"] is True


@pytest.mark.parametrize(
    "path", ["rlm", "api/rlm/runs", "api/rlm/nope", "api/rlm/runs?limit=x", "nowhere", "assets/x"]
)
def test_every_answer_carries_the_policy(board: Any, path: str) -> None:
    headers = board.http.get(path).headers
    policy = headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "null"}, {}])
def test_what_is_refused_carries_it_too(board: Any, headers: dict[str, str]) -> None:
    answer = board.http.post("api/rlm/trash", json={"runs": ["run-1"]}, headers=headers)
    assert answer.status_code == 403
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_body_beyond_a_megabyte_is_refused(board: Any) -> None:
    answer = board.act("POST", "runs/run-1/comments", {"text": "x" * 1_100_000})
    assert (answer.status_code, answer.json()["type"]) == (413, "too-large")


@pytest.mark.parametrize("path", ["api/rlm/nope", "api", "api/rlm/runs/x/y/z", "nowhere", "rlmx"])
def test_an_address_that_there_is_not_is_a_problem(board: Any, path: str) -> None:
    answer = board.http.get(path)
    assert (answer.status_code, answer.json()["type"]) == (404, "not-found")


def test_a_method_that_there_is_not_is_a_problem(board: Any) -> None:
    answer = board.act("DELETE", "runs")
    assert (answer.status_code, answer.json()["type"]) == (405, "bad-input")


@pytest.mark.parametrize(
    "name", ["..%2f..%2fetc", "%2e%2e", "%00", "a%0d%0aSet-Cookie:x", "x" * 5_000, "%ff%fe"]
)
def test_a_hostile_id_is_no_run(board: Any, name: str) -> None:
    for path in (name, f"{name}/events", f"{name}/trace", f"{name}/picture"):
        answer = board.http.get(f"api/rlm/runs/{path}")
        assert answer.status_code in (400, 404)
        assert "Traceback" not in answer.text
        assert "set-cookie" not in answer.headers


def test_json_is_gzipped_where_that_is_taken(board: Any) -> None:
    for path in ("api/rlm/runs", "api/rlm/runs/run-4/picture"):
        answer = board.http.get(path, headers={"Accept-Encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip"
        plain = board.http.get(path, headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.json() == answer.json()


# ------------------------------------------------------------------ the page


@pytest.mark.parametrize("path", ["rlm", "rlm/runs", "rlm/runs/x%2Fy", "rlm/experiments/a/b"])
def test_the_page_stands_under_all_its_addresses(board: Any, path: str) -> None:
    answer = board.http.get(path)
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    assert '<base href="/">' in answer.text
    assert "<script>" not in answer.text


def test_the_page_of_a_run_names_its_picture_before_any_code_is_there(board: Any) -> None:
    told = board.http.get("rlm/runs/run-4").text
    (address,) = re.findall('<link rel="preload" as="fetch" crossorigin href="([^"]+)">', told)
    assert address == "/api/rlm/runs/run-4/picture?texts=false"
    assert board.http.get(address).status_code == 200


@pytest.mark.parametrize("name", ["", "a%22b", "a%2Fb", "%3Cscript%3E", "run-4/x", "..", "a b"])
def test_a_name_that_no_run_can_have_is_not_written_into_the_page(board: Any, name: str) -> None:
    assert "preload" not in board.http.get(f"rlm/runs/{name}").text


def test_the_front_leads_to_the_page(board: Any) -> None:
    answer = board.http.get("")
    assert (answer.status_code, answer.headers["location"]) == (307, "/rlm")


def test_files_of_the_page_are_kept_for_ever(board: Any, static: Path) -> None:
    answer = board.http.get("assets/index-3f2a.js")
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.content == (static / "assets/index-3f2a.js").read_bytes()


@pytest.mark.parametrize(
    "name", ["..%2findex.html", "%2fetc%2fpasswd", "nope.js", "index-3f2a.js%00"]
)
def test_only_files_of_the_page_are_served(board: Any, name: str) -> None:
    assert board.http.get(f"assets/{name}").status_code in (400, 404)


def test_a_page_that_is_not_built_says_how(serve: Any, tmp_path: Path) -> None:
    from rlmboard.board.page import Page

    assert "make ui" in Page("token", "", tmp_path).index()


def test_it_works_below_a_prefix(serve: Any, tmp_path: Path) -> None:
    rlmboard.init("x", home=tmp_path, id="x").finish()
    board = serve(tmp_path, base_path="/lab/a")
    assert '<base href="/lab/a/">' in board.http.get("rlm").text
    (run,) = board.get("runs")["runs"]
    assert run["trace"] == "/lab/a/api/rlm/runs/x/trace"
    whole = httpx.get(f"http://127.0.0.1:{board.port}{run['trace']}")
    assert whole.status_code == 200
    assert board.act("PATCH", "runs/x/labels", {"star": True}).json()["star"]
    with board.socket() as socket:
        socket.send('{"sub": "run", "run": "x"}')
        assert '"lines"' in socket.recv(5)
    front = httpx.get(f"http://127.0.0.1:{board.port}/lab/a/")
    assert front.headers["location"] == "/lab/a/rlm"


@pytest.mark.parametrize("name", ["Größe 512", "a/b", "..", "50%25", "名前", "a?b#c"])
def test_names_are_the_same_below_a_prefix(serve: Any, tmp_path: Path, name: str) -> None:
    from urllib.parse import quote

    rlmboard.init("x", home=tmp_path, id="x", experiment=name).finish()
    board = serve(tmp_path, base_path="/lab")
    place = quote(name, safe="").replace(".", "%2E")
    assert board.get(f"experiments/{place}")["name"] == name
    assert board.act("PUT", f"experiments/{place}", {"description": "y"}).json()["name"] == name


def test_a_proxy_may_have_cut_the_prefix_off(serve: Any, tmp_path: Path) -> None:
    board = serve(tmp_path, base_path="/lab")
    assert httpx.get(f"http://127.0.0.1:{board.port}/api/rlm/runs").status_code == 200


def test_every_question_is_held_to_the_scope(serve: Any, tmp_path: Path) -> None:
    class Shared(Everything):
        filter = "tag:shared"

        def shows(self, row: Any) -> bool:
            return "shared" in row.tags

    for name in ("open", "closed", "closed-2"):
        tags = ["shared"] if name == "open" else []
        with rlmboard.init(name, home=tmp_path, id=name, tags=tags, experiment=name) as run:
            run.subquery("ask", provider="p").returned("secret")
    board = serve(tmp_path, scope=Shared())
    assert [run["id"] for run in board.get("runs")["runs"]] == ["open"]
    assert board.get("runs")["total"] == 1
    assert board.problem("runs/closed")["status"] == 404
    assert board.problem("runs/closed/events")["status"] == 404
    assert {hit["run_id"] for hit in board.get("search", text="secret")["hits"]} == {"open"}
    assert board.get("facets/experiment")[0]["value"] == "open"
    assert board.get("overview")["total"]["runs"] == 1
    assert "closed" not in board.http.get("api/rlm/export").text
    assert board.problem("runs/clo")["detail"] == "no run is called 'clo'"
    assert [one["name"] for one in board.get("experiments")] == ["open"]
    assert board.problem("experiments/closed")["status"] == 404
    throw_away(board.store.home, "closed-2")
    assert board.get("home")["trash"] == []
    with board.socket() as socket:
        socket.send('{"sub": "run", "run": "closed"}')
        assert '"unknown-run"' in socket.recv(5)
