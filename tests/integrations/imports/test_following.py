"""A session appears while it is under way, is over when it is silent, and goes on when it does."""

from __future__ import annotations

import os
from pathlib import Path

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
    return Watched(tmp_path)


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
