"""Which runs were recorded here: the root of such a run is sealed, which no other home can do.

A folder of a run may come from anybody, and names as its root what it likes. Files below a root are
opened where the seal says that this home recorded the run, on this machine.
"""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import HomeUnusable
from .home import Home
from .pulse import host
from .record import RunRecord

SECRET_BYTES = 32


def home_secret(home: Home) -> bytes:
    """32 bytes that this home alone knows, made when first asked for. Raises HomeUnusable."""
    place = home.path / "home.secret"
    try:
        home.make()
        _make(place)
        return place.read_bytes()
    except OSError as error:
        raise HomeUnusable(f"cannot use {place}: {error.strerror or error}") from error


def seal(home: Home, run_id: str, root: str | None) -> str | None:
    """That this run was recorded here with this root; None without one, or where it cannot be."""
    if root is None:
        return None
    try:
        return _sealed(home_secret(home), run_id, root)
    except HomeUnusable:
        return None


def is_sealed(home: Home, run_id: str, record: RunRecord) -> bool:
    """Whether this home recorded this run, on this machine, with the root that the record names."""
    from hmac import compare_digest

    try:
        secret = (home.path / "home.secret").read_bytes()
    except OSError:
        return False
    if len(secret) < SECRET_BYTES or record.root is None or record.seal is None:
        return False
    made = _sealed(secret, run_id, record.root)
    return compare_digest(made.encode(), record.seal.encode(errors="replace"))


def _sealed(secret: bytes, run_id: str, root: str) -> str:
    import hashlib  # beside the run, or for readers

    said = f"{_machine()}\0{run_id}\0{root}".encode(errors="surrogateescape")
    return hashlib.blake2b(said, key=secret, digest_size=16, person=b"rlm root").hexdigest()


def _machine() -> str:
    """What tells this machine from others: a home may be copied with its secret."""
    try:
        return Path("/etc/machine-id").read_text().strip() or host()
    except OSError:
        return host()


def _make(place: Path) -> None:
    if place.exists():
        return
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(os.urandom(SECRET_BYTES))
        place.hardlink_to(beside)
    except FileExistsError:
        pass  # another process was faster
    finally:
        beside.unlink(missing_ok=True)
