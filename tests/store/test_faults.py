"""The index is a cache: deleted, damaged, shared or unwritable, the answers stay right."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rlmboard.errors import HomeUnusable
from rlmboard.folder import Home
from rlmboard.store import Store, index, layout


def ids(store: Store) -> list[str]:
    return [row.run_id for row in store.runs(order="id", limit=None)]


def delete(home: Home) -> None:
    home.db.unlink()


def delete_with_log(home: Home) -> None:
    for file in home.path.glob("rlm.db*"):
        file.unlink()


def overwrite(home: Home) -> None:
    with home.db.open("r+b") as file:
        file.write(b"this is no database" * 5_000)


def truncate(home: Home) -> None:
    os.truncate(home.db, 5_000)


def empty(home: Home) -> None:
    os.truncate(home.db, 0)


def replace_by_text(home: Home) -> None:
    home.db.unlink()
    home.db.write_text("hello")


def replace_by_another_database(home: Home) -> None:
    home.db.unlink()
    other = sqlite3.connect(home.db)
    other.execute("CREATE TABLE mine (x)")
    other.close()


def drop_a_table(home: Home) -> None:
    other = sqlite3.connect(home.db)
    other.execute("DROP TABLE run_details")
    other.close()


def scramble_rows(home: Home) -> None:
    other = sqlite3.connect(home.db)
    other.execute("UPDATE run_details SET state = x'00ff'")
    other.commit()
    other.close()


FAULTS: list[Callable[[Home], None]] = [
    delete,
    delete_with_log,
    overwrite,
    truncate,
    empty,
    replace_by_text,
    replace_by_another_database,
    drop_a_table,
    scramble_rows,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_reader_answers_right_whatever_happens_to_the_index(
    store: Store, home: Home, record: Any, small_run: Any, fault: Callable[[Home], None]
) -> None:
    for n in range(5):
        record(f"r{n}", small_run())
    assert len(ids(store)) == 5
    providers = store.providers()
    fault(home)
    record("r5", small_run())
    assert ids(store) == ["r0", "r1", "r2", "r3", "r4", "r5"]
    assert store.providers()[0].attempts == providers[0].attempts + 2
    with Store(home) as other:
        assert len(ids(other)) == 6


def test_a_damaged_index_is_moved_aside(store: Store, home: Home, record: Any) -> None:
    record("r1")
    home.db.write_bytes(b"no database at all, but long enough to look like one" * 100)
    assert ids(store) == ["r1"]
    assert home.db.with_name("rlm.db.damaged").exists()


def test_an_index_of_another_version_is_rebuilt_with_progress(
    home: Home, record: Any, small_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    record("r1", small_run())
    with Store(home) as store:
        store.runs()
    monkeypatch.setattr(index, "SCHEMA_VERSION", layout.SCHEMA_VERSION + 1)
    told: list[tuple[int, int]] = []
    with Store(home, progress=lambda done, of: told.append((done, of))) as store:
        assert ids(store) == ["r1"]
    assert told == [(1, 1)]


def test_reindexing_gives_the_same_answers(store: Store, record: Any, small_run: Any) -> None:
    for n in range(3):
        record(f"r{n}", small_run())
    before = store.runs(), store.providers(), store.search("result")
    told: list[int] = []
    assert store.reindex(lambda done, of: told.append(done)) == 3
    assert (store.runs(), store.providers(), store.search("result")) == before
    assert told[-1] == 3


def test_reindexing_leaves_no_second_index_behind(store: Store, home: Home, record: Any) -> None:
    record("r1")
    store.runs()
    store.reindex()
    assert [path.name for path in home.path.glob("rlm.db*") if "damaged" in path.name] == []


def test_an_index_in_use_by_another_program_for_too_long_is_said(
    store: Store, home: Home, record: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    record("r1")
    store.runs()
    record("r2")
    monkeypatch.setattr(index, "BUSY_S", 0.05)
    holder = sqlite3.connect(home.db, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    store.close()
    with pytest.raises(HomeUnusable, match=r"rlm\.db was held by another program"):
        store.runs()
    holder.rollback()
    holder.close()
    assert ids(store) == ["r1", "r2"]


# ---------------------------------------------------------------- several readers


def test_threads_share_a_store(store: Store, record: Any, small_run: Any) -> None:
    found: list[list[str]] = []

    def read() -> None:
        for _ in range(20):
            found.append(ids(store))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for n in range(10):
        record(f"r{n}", small_run())
    for thread in threads:
        thread.join()
    assert len(found) == 80
    assert ids(store) == [f"r{n}" for n in range(10)]
    assert store.providers()[0].attempts == 20


READER = """
import sys
from rlmboard.store import Store
with Store(sys.argv[1]) as store:
    for _ in range(int(sys.argv[2])):
        rows = store.runs(limit=None)
        attempts = sum(row.attempts for row in store.providers())
    print(len(rows), attempts, sum(row.summary.sub_queries for row in rows))
"""


def reader(home: Home, rounds: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", READER, str(home.path), str(rounds)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_processes_that_catch_up_at_once_count_everything_once(
    home: Home, record: Any, small_run: Any
) -> None:
    for n in range(30):
        record(f"r{n:02d}", small_run(20))
    readers = [reader(home, 1) for _ in range(4)]
    answers = [process.communicate(timeout=60) for process in readers]
    assert answers == [("30 600 600\n", "")] * 4
    with Store(home) as store:
        assert store.providers()[0].attempts == 600


def test_an_index_deleted_again_and_again_under_running_readers_is_no_error(
    home: Home, record: Any, small_run: Any
) -> None:
    for n in range(5):
        record(f"r{n}", small_run(10))
    readers = [reader(home, 15) for _ in range(3)]
    faults = [delete, delete_with_log, overwrite, replace_by_text, truncate]
    for round in range(100):
        if all(process.poll() is not None for process in readers):
            break
        try:
            faults[round % len(faults)](home)
        except FileNotFoundError:
            pass
        try:
            readers[0].wait(0.03)
        except subprocess.TimeoutExpired:
            pass
    answers = [process.communicate(timeout=60) for process in readers]
    assert answers == [("5 50 50\n", "")] * 3


# ---------------------------------------------------------------- a home that cannot be written


def test_where_no_index_can_be_kept_it_is_kept_elsewhere_and_said(
    home: Home, record: Any, small_run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    record("r1", small_run())
    home.db.mkdir()
    with Store(home) as store:
        assert ids(store) == ["r1"]
        assert store.notice is not None
        assert f"{home.db} cannot be written" in store.notice
        record("r2", small_run())
        assert ids(store) == ["r1", "r2"]
    assert list(tmp_path.glob("rlmboard-*/*.db"))


AS_NOBODY = """
import os, sys
sys.dont_write_bytecode = True
import rlmboard.store.paging, sqlalchemy.dialects.sqlite
os.setgid(65534); os.setuid(65534)
store = rlmboard.store.Store(sys.argv[1])
print([row.run_id for row in store.runs()], store.notice)
store.close()
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("indexed", [False, True])
def test_a_read_only_home_is_read_from_a_temporary_index(
    home: Home, record: Any, small_run: Any, tmp_path: Path, indexed: bool
) -> None:
    record("r1", small_run())
    if indexed:
        with Store(home) as store:
            store.runs()
    place = Path("/tmp") / f"rlmboard-read-only-{os.getpid()}"
    shutil.copytree(home.path, place / "home")
    (place / "tmp").mkdir()
    for folder, _, files in os.walk(place):
        os.chmod(folder, 0o555)
        for file in files:
            os.chmod(Path(folder) / file, 0o444)
    os.chmod(place / "tmp", 0o777)
    try:
        done = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, str(place / "home")],
            env=os.environ | {"TMPDIR": str(place / "tmp")},
            capture_output=True,
            text=True,
            cwd="/",
        )
        assert done.stderr == ""
        assert done.stdout.startswith("['r1'] ")
        assert "cannot be written" in done.stdout
    finally:
        shutil.rmtree(place)
