"""A file is what is in it, and a hostile one leads nowhere."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from rlmboard.errors import BadInput
from rlmboard.folder import Home
from rlmboard.integrations.imports import find, import_source
from rlmboard.store import Store

FIXTURES = Path(__file__).parents[2] / "formats" / "agents" / "fixtures"
CLAUDE = FIXTURES / "claude-code"
SESSION = next(CLAUDE.glob("*.jsonl"))


def test_a_folder_is_walked_and_every_source_is_found_once() -> None:
    found = find([FIXTURES, FIXTURES])
    titles = sorted(source.format.title for source in found.sources)
    assert titles == ["Claude Code sessions", "Codex sessions", "Codex sessions"]
    assert [path.name for path in found.strangers] == ["README.md"]


def test_the_name_of_a_file_says_nothing(tmp_path: Path) -> None:
    shutil.copy(SESSION, tmp_path / "holiday.png")
    assert len(find([tmp_path]).sources) == 1


def test_a_sub_agent_leads_to_its_session() -> None:
    (agent,) = CLAUDE.rglob("agent-*.jsonl")
    (source,) = find([agent]).sources
    assert source.paths == (SESSION, agent)


def test_a_sub_agent_without_its_session_is_a_run_of_its_own(tmp_path: Path) -> None:
    (agent,) = CLAUDE.rglob("agent-*.jsonl")
    alone = tmp_path / agent.name
    shutil.copy(agent, alone)
    (source,) = find([alone]).sources
    (run,) = import_source(Home(), source).runs
    assert run.key.endswith("/a2898e3")
    with Store(Home()) as store:
        assert len(list(store.run(run.run_id).sub_queries())) == 3


def test_a_session_whose_name_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.jsonl"
    secret.write_text("{}")
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    line = json.loads(next(CLAUDE.rglob("agent-*.jsonl")).read_text().splitlines()[0])
    line["sessionId"] = "../../secret"
    (folder / "agent-x.jsonl").write_text(json.dumps(line))
    (source,) = find([folder]).sources
    assert source.paths == (folder / "agent-x.jsonl",)
    (run,) = import_source(Home(), source).runs
    assert (Home().runs / run.run_id).is_dir()


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link.jsonl").symlink_to(SESSION)
    (tmp_path / "folder").symlink_to(CLAUDE)
    assert find([tmp_path]).sources == []


def test_what_is_not_there_and_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No such file"):
        find([tmp_path / "nothing"])
    with pytest.raises(BadInput, match="neither a file nor a folder"):
        find([Path("/dev/null")])


def test_a_line_without_end_is_skipped_and_the_rest_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rlmboard.integrations.imports.lines.LONGEST_BYTES", 2_000_000)
    lines = SESSION.read_bytes().splitlines(keepends=True)
    path = tmp_path / "long.jsonl"
    path.write_bytes(b"".join([*lines[:5], b"x" * 5_000_000 + b"\n", *lines[5:]]))
    (source,) = find([path]).sources
    imported = import_source(Home(), source)
    assert imported.unread_count == 1
    assert imported.unread[0].where == "long.jsonl line 6"
    assert imported.runs[0].told > 10


def test_a_file_that_is_cut_off_says_so_and_keeps_what_is_whole(tmp_path: Path) -> None:
    raw = SESSION.read_bytes()
    path = tmp_path / "cut.jsonl"
    path.write_bytes(raw[: len(raw) - 400])
    (source,) = find([path]).sources
    imported = import_source(Home(), source)
    assert "cut off" in imported.unread[0].why
    path.write_bytes(raw)
    (again,) = import_source(Home(), source).runs
    assert again.state == "grown"
