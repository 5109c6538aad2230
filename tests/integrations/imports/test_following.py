"""A session appears while it is under way, is over when it is silent, and goes on when it does."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import msgspec
import pytest

from rlmboard.folder import Home
from rlmboard.integrations.imports import Follower, Landed, find, import_source
from rlmboard.store import Store

FIXTURES = Path(__file__).parents[2] / "formats" / "agents" / "fixtures"
SESSION = next((FIXTURES / "claude-code").glob("*.jsonl"))
(AGENT,) = (FIXTURES / "claude-code").rglob("agent-*.jsonl")
MAIN, SUB = (path.read_bytes().splitlines(keepends=True) for path in (SESSION, AGENT))


class Watched:
    """A folder that grows, and who looks at it on a clock of the test."""

    def __init__(self, folder: Path) -> None:
        self.now_s = 1_000_000.0
        self.news: list[tuple[str, str]] = []
        self.home = Home()
        self.home.make()
        self.main = folder / SESSION.name
        self.agent = folder / SESSION.stem / "subagents" / AGENT.name
        self.agent.parent.mkdir(parents=True)
        self.follower = Follower(self.home, [folder], self._told, lambda: self.now_s)

    def write(self, path: Path, *lines: bytes) -> None:
        with path.open("ab") as file:
            file.writelines(lines)
        os.utime(path, (self.now_s, self.now_s))

    def look(self, later_s: float = 3.0) -> None:
        self.now_s += later_s
        self.follower.look()

    def status(self) -> str:
        with Store(self.home) as store:
            return store.run("latest").row.status

    def _told(self, what: str, run: Landed) -> None:
        self.news.append((what, run.query))


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    folder = tmp_path / "watched"
    folder.mkdir()
    return Watched(folder)


def test_a_session_is_seen_running_while_it_grows(watched: Watched) -> None:
    watched.write(watched.main, *MAIN[:4])
    watched.look()
    assert watched.news == [("began", "Why do totals of orders differ by a cent?")]
    assert watched.status() == "running"
    watched.write(watched.main, *MAIN[4:8])
    watched.write(watched.agent, *SUB[:3])
    watched.look()
    with Store(watched.home) as store:
        asked = [row.query_id for row in store.run("latest").sub_queries()]
    assert asked == ["msg_01A", "msg_01S"]


def test_half_a_line_waits_for_its_other_half(watched: Watched) -> None:
    watched.write(watched.main, *MAIN[:4], MAIN[4][:100])
    watched.look()
    watched.write(watched.main, MAIN[4][100:], *MAIN[5:])
    watched.write(watched.agent, *SUB)
    watched.look()
    watched.look(200)
    assert watched.status() == "completed"
    (run_id,) = watched.home.run_ids()
    assert b"skipped" not in watched.home.run(run_id).trace.read_bytes()


def test_silence_ends_it_and_the_next_word_resumes_it(watched: Watched) -> None:
    watched.write(watched.main, *MAIN)
    watched.write(watched.agent, *SUB)
    watched.look()
    watched.look(200)
    assert watched.status() == "completed"
    watched.write(watched.main, MAIN[2].replace(b"02:01.0", b"09:01.0").replace(b"03", b"f3"))
    answer = MAIN[-2].replace(b"02:12.0", b"09:02.0").replace(b"01B", b"01C")
    watched.write(watched.main, answer.replace(b'"uuid": "0', b'"uuid": "9'))
    watched.look()
    assert watched.status() == "running"
    assert [what for what, _ in watched.news] == ["began", "is over", "goes on"]


def test_what_was_followed_is_what_an_import_tells(watched: Watched) -> None:
    for n, line in enumerate(MAIN):
        watched.write(watched.main, line)
        if n == 7:
            watched.write(watched.agent, *SUB)
        watched.look()
    watched.look(200)
    (source,) = find([watched.main]).sources
    (run,) = import_source(watched.home, source).runs
    assert (run.state, run.added) == ("unchanged", 0)


def test_sessions_that_were_over_before_are_left_alone(watched: Watched) -> None:
    watched.write(watched.main, *MAIN)
    os.utime(watched.main, (1.0, 1.0))
    watched.look()
    assert watched.news == []
    assert watched.follower.older == 1


def test_an_import_beside_a_watch_leaves_the_run_to_it(watched: Watched) -> None:
    watched.write(watched.main, *MAIN[:4])
    watched.look()
    watched.write(watched.main, *MAIN[4:])
    (source,) = find([watched.main]).sources
    (run,) = import_source(watched.home, source).runs
    assert run.state == "taken"


def test_a_watch_that_ends_lets_go_of_what_is_not_over(watched: Watched) -> None:
    watched.write(watched.main, *MAIN[:8])
    watched.look()
    watched.follower.close()
    assert watched.status() == "interrupted"


def all_told(home: Home) -> list[bytes]:
    """Every line of every run, without those that say that it went on or was over."""
    traces = [home.run(run_id).trace.read_bytes() for run_id in home.run_ids()]
    lines = [line for trace in traces for line in trace.splitlines()]
    return [line for line in lines if not any(end in line for end in (b"RunResumed", b"RunDone"))]


def line_id(line: bytes) -> str | None:
    """The id of the answer that a line is of."""
    said = msgspec.json.decode(line)
    return said["message"]["id"] if said["type"] == "assistant" else None


def asked(home: Home) -> list[str]:
    with Store(home) as store:
        return [row.query_id for row in store.run("latest").sub_queries()]


def test_a_watch_that_is_started_again_tells_nothing_twice(watched: Watched) -> None:
    watched.write(watched.main, *MAIN[:8])
    watched.look()
    watched.follower.close()
    before = all_told(watched.home)
    watched.follower = Follower(
        watched.home, [watched.main.parent], watched._told, lambda: watched.now_s
    )
    watched.look()
    assert watched.status() == "running"
    assert len(set(all_told(watched.home))) == len(all_told(watched.home))
    assert set(before) <= set(all_told(watched.home))
    watched.write(watched.main, *MAIN[8:])
    watched.write(watched.agent, *SUB)
    watched.look()
    watched.look(200)
    assert watched.status() == "completed"
    (source,) = find([watched.main]).sources
    (run,) = import_source(watched.home, source).runs
    assert (run.state, run.added) == ("unchanged", 0)


def test_a_file_that_was_cut_off_and_written_again_is_read_from_its_beginning(
    watched: Watched,
) -> None:
    watched.write(watched.main, *MAIN[:8])
    watched.look()
    watched.main.write_bytes(b"")
    watched.look()
    watched.write(watched.main, *MAIN[:4])
    watched.look()
    assert watched.status() == "running"
    watched.write(watched.main, *MAIN[4:])
    watched.write(watched.agent, *SUB)
    watched.look()
    watched.look(200)
    assert watched.status() == "completed"
    assert sorted(asked(watched.home)) == sorted({line_id(line) for line in MAIN + SUB} - {None})


def test_a_file_that_another_took_the_place_of_is_read_from_its_beginning(
    watched: Watched, tmp_path: Path
) -> None:
    watched.write(watched.main, *MAIN[:8])
    watched.look()
    other = tmp_path / "other"
    other.write_bytes(b"".join(MAIN).replace(b"cent", b"euro"))
    other.rename(watched.main)
    watched.write(watched.main)
    watched.write(watched.agent, *SUB)
    watched.look()
    assert watched.status() == "running"
    watched.look(200)
    assert watched.status() == "completed"
    with Store(watched.home) as store:
        (row,) = store.runs()
        assert row.summary.attempts == 5
        assert "euro" in watched.home.run(row.run_id).payloads.read_text()


def test_a_file_that_is_gone_for_a_while_is_waited_for(watched: Watched) -> None:
    watched.write(watched.main, *MAIN[:8])
    watched.look()
    away = watched.main.parent.parent / "away"
    watched.main.rename(away)
    watched.look()
    away.rename(watched.main)
    watched.write(watched.main, *MAIN[8:])
    watched.write(watched.agent, *SUB)
    watched.look()
    watched.look(200)
    assert watched.status() == "completed"
    assert len(watched.home.run_ids()) == 1


CODEX = sorted((FIXTURES / "codex").glob("*.jsonl"))


@pytest.mark.parametrize("session", CODEX, ids=lambda path: path.stem[:24])
def test_a_session_of_codex_that_grows_line_by_line_is_what_an_import_tells(
    watched: Watched, session: Path
) -> None:
    path = watched.main.parent / session.name
    for line in session.read_bytes().splitlines(keepends=True):
        watched.write(path, line[:40])
        watched.look(0.5)
        watched.write(path, line[40:])
        watched.look(0.5)
    assert watched.status() == "running"
    watched.look(200)
    (source,) = find([path]).sources
    (run,) = import_source(watched.home, source).runs
    assert (run.state, run.added) == ("unchanged", 0)


TABLE = b"Step,run-a - loss\n1,0.5\n2,0.25\n"


def test_a_file_that_is_read_whole_is_imported_when_it_is_finished(watched: Watched) -> None:
    path = watched.main.parent / "history.csv"
    watched.write(path, TABLE)
    watched.look(3)
    assert watched.home.run_ids() == []
    watched.look(3)
    (run_id,) = watched.home.run_ids()
    assert [what for what, _ in watched.news] == ["imported"]
    before = watched.home.run(run_id).trace.read_bytes()
    watched.look(30)
    assert watched.home.run(run_id).trace.read_bytes() == before
    watched.write(path, b"3,0.125\n")
    watched.look(3)
    watched.look(3)
    with Store(watched.home) as store:
        assert max(len(points) for points in store.run(run_id).metrics().values()) == 3


def test_a_damaged_file_is_told_of_once_and_the_others_are_followed(watched: Watched) -> None:
    complaints: list[str] = []
    watched.follower = Follower(
        watched.home, [watched.main.parent], watched._told, lambda: watched.now_s,
        complain=complaints.append,
    )  # fmt: skip
    path = watched.main.parent / "log.eval"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("header.json", "[1]")
        archive.writestr("samples/1.json", "{}")
    watched.write(path)
    watched.write(watched.main, *MAIN[:4])
    for _ in range(5):
        watched.look(4)
    assert len(complaints) == 1
    assert "log.eval" in complaints[0]
    assert watched.status() == "running"
