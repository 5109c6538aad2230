"""`rlm.db`: opened, made, found damaged, replaced. It is a cache: every way out of trouble is to
make it anew.

Each thread has a connection of its own. A file that was deleted or replaced under a connection is
noticed by its inode before each question.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec

from ..errors import HomeUnusable
from . import texts
from .layout import SCHEMA_VERSION

if TYPE_CHECKING:
    from sqlalchemy import Executable

T = TypeVar("T")
Row = tuple[Any, ...]

BUSY_S = 30
TRIES = 8
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_NO_ROOM = frozenset(
    {
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
    }
)
_NO_FILE = (0, 0)
_PRAGMAS = (
    "PRAGMA synchronous = NORMAL",
    "PRAGMA cache_size = -32000",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA secure_delete = OFF",
    "PRAGMA wal_autocheckpoint = 4000",
)


class OtherSchema(Exception):
    """The file was made by another version."""


class Open(NamedTuple):
    """A connection, the file it was opened on, and the process that opened it."""

    connection: sqlite3.Connection
    inode: tuple[int, int]
    pid: int


class Index:
    """The index file of a home. `notice` says what a user should know: a home that is read-only."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notice: str | None = None
        self.rebuilt = 0
        self._home_path = path
        self._local = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._close = weakref.finalize(self, _close_all, self._all)

    def close(self) -> None:
        """Close the connections of all threads; the next question opens anew."""
        _close_all(self._all)
        self._local = threading.local()

    def asked(self, question: Callable[[], T]) -> T:
        """The answer, also when the file turns out to be deleted, damaged or read-only."""
        for _ in range(TRIES):
            try:
                return question()
            except (sqlite3.DatabaseError, msgspec.DecodeError, OtherSchema) as error:
                self._recover(error)
        return question()

    def rows(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[Row]:
        return self.connection().execute(sql, values).fetchall()

    def select(self, statement: Executable) -> list[Row]:
        """Rows of a statement built with SQLAlchemy."""
        from sqlalchemy.dialects import sqlite

        compiled = statement.compile(  # type: ignore[attr-defined]
            dialect=sqlite.dialect(paramstyle="named"), compile_kwargs={"render_postcompile": True}
        )
        return self.rows(str(compiled), compiled.params)

    @contextmanager
    def step(self) -> Iterator[sqlite3.Connection]:
        """One transaction that writes: all of it or nothing, one process at a time."""
        connection = self.connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        connection.commit()

    @contextmanager
    def glance(self) -> Iterator[None]:
        """Several questions that see one state of the index."""
        connection = self.connection()
        connection.execute("BEGIN")
        try:
            yield
        finally:
            connection.rollback()

    def connection(self) -> sqlite3.Connection:
        """The connection of this thread, to the file that is there now."""
        opened: Open | None = getattr(self._local, "opened", None)
        if opened is not None and opened.pid == os.getpid():
            if opened.inode == _inode(self.path):
                return opened.connection
            self._drop(opened)
        opened = self._open()
        self._local.opened = opened
        return opened.connection

    def was_replaced(self) -> bool:
        """Whether another file took the place of the one that this thread works on."""
        opened: Open | None = getattr(self._local, "opened", None)
        return opened is None or opened.inode != _inode(self.path)

    def remove(self) -> None:
        """Take the file away: it is sound, and is to be built anew."""
        self.rebuilt += 1
        for end in ("", "-wal", "-shm"):
            Path(f"{self.path}{end}").unlink(missing_ok=True)

    def discard(self, inode: tuple[int, int] | None = None) -> None:
        """Move the file aside, unless another process already put a new one in its place."""
        if inode is not None and _inode(self.path) != inode:
            return
        self.rebuilt += 1
        aside = self.path.with_name(self.path.name + ".damaged")
        for end in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                Path(f"{self.path}{end}").replace(f"{aside}{end}")

    # -------------------------------------------------------------- opening

    def _open(self) -> Open:
        with suppress(OSError):  # then connecting fails, and says why
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if _is_emptied(self.path):
            self.discard()
        connection, inode = self._connect()
        self._local.trying = inode
        try:
            _prepare(connection)
        except BaseException:
            connection.close()
            raise
        self._all.append(connection)
        return Open(connection, inode, os.getpid())

    def _connect(self) -> tuple[sqlite3.Connection, tuple[int, int]]:
        """A connection, and the file that it is surely connected to."""
        while True:
            before = _inode(self.path)
            connection = sqlite3.connect(
                self.path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
            )
            inode = _inode(self.path)
            if before in (_NO_FILE, inode):
                return connection, inode
            connection.close()

    def _drop(self, opened: Open) -> None:
        if opened.connection in self._all:
            self._all.remove(opened.connection)
        opened.connection.close()
        self._local.opened = None

    def _recover(self, error: Exception) -> None:
        """Make the next try possible, or raise what a user can mend."""
        opened: Open | None = getattr(self._local, "opened", None)
        inode = opened.inode if opened else getattr(self._local, "trying", None)
        if opened is not None:
            self._drop(opened)
        extended = getattr(error, "sqlite_errorcode", -1)
        code = extended & 0xFF
        if extended == sqlite3.SQLITE_READONLY_DBMOVED:
            return
        if _is_damage(error, code) or (code == sqlite3.SQLITE_IOERR and not self.rebuilt):
            self.discard(inode)
        elif code in _NO_ROOM:
            self._go_elsewhere(error)
        elif code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise HomeUnusable(
                f"the index {self.path} was held by another program for {BUSY_S} s; "
                "end that program, or delete the file: it is rebuilt"
            ) from error
        else:
            raise error

    def _go_elsewhere(self, error: Exception) -> None:
        """The home has no room for an index, or may not be written: keep one elsewhere."""
        elsewhere = _temporary_place(self._home_path)
        if self.path == elsewhere:
            raise HomeUnusable(f"no index can be kept at {elsewhere}: {error}") from error
        self.path = elsewhere
        self.notice = (
            f"{self._home_path} cannot be written ({error}): "
            f"the index is kept at {elsewhere} meanwhile"
        )


def _is_damage(error: Exception, code: int) -> bool:
    """Bytes that make no sense, tables of another version, or none where there were some."""
    if isinstance(error, OtherSchema | msgspec.DecodeError) or code in _DAMAGED:
        return True
    return "no such table" in str(error) or "Could not decode to UTF-8" in str(error)


def _prepare(connection: sqlite3.Connection) -> None:
    """The pragmas, and the schema where there is none. Raises OtherSchema."""
    _use_wal(connection)
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    if _version(connection) == SCHEMA_VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        if _version(connection) is None:
            _create(connection)
    finally:
        connection.commit()
    if _version(connection) != SCHEMA_VERSION:
        raise OtherSchema


def _use_wal(connection: sqlite3.Connection) -> None:
    """Write-ahead log. The change needs the file alone, which no busy timeout covers."""
    until_s = time.monotonic() + BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not is_busy or time.monotonic() > until_s:
                raise
            time.sleep(0.01)


def _version(connection: sqlite3.Connection) -> int | None:
    """The version of the schema; None in an empty file, -1 where the tables are not ours."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
    if not tables:
        return None
    if "meta" not in tables:
        return -1
    found = connection.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()
    return int(found[0]) if found and found[0].isdigit() else -1


def _create(connection: sqlite3.Connection) -> None:
    from sqlalchemy.dialects import sqlite
    from sqlalchemy.schema import CreateIndex, CreateTable

    from .tables import metadata

    dialect = sqlite.dialect()
    for table in metadata.sorted_tables:
        connection.execute(str(CreateTable(table).compile(dialect=dialect)))
        for index in table.indexes:
            connection.execute(str(CreateIndex(index).compile(dialect=dialect)))
    connection.execute(texts.CREATE)
    connection.execute("INSERT INTO meta VALUES ('schema_version', ?)", (str(SCHEMA_VERSION),))


def _inode(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return _NO_FILE
    return (found.st_dev, found.st_ino)


def _is_emptied(path: Path) -> bool:
    """Somebody cut the file to nothing while it was in use: its log is all that is left of it."""
    try:
        return path.stat().st_size == 0 and Path(f"{path}-wal").stat().st_size > 0
    except OSError:
        return False


def _temporary_place(home_path: Path) -> Path:
    """The same place for the same home and user, and nobody else's. Raises HomeUnusable."""
    folder = Path(tempfile.gettempdir()) / f"rlmboard-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise HomeUnusable(f"{folder} belongs to somebody else: remove it, or set TMPDIR")
    return folder / f"{hashlib.sha256(os.fsencode(home_path)).hexdigest()[:16]}.db"


def _close_all(connections: list[sqlite3.Connection]) -> None:
    while connections:
        connections.pop().close()
