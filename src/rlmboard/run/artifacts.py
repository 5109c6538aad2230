"""Files that a user wants kept with the run, by their hash."""

from __future__ import annotations

import os
from pathlib import Path

from ..trace import Artifact


def keep_artifact(artifacts: Path, source: Path, name: str | None = None) -> Artifact:
    """A copy under `artifacts/files/<sha256>`; the same content is kept once. Raises OSError."""
    import hashlib  # these cost 5 ms, and few runs keep files
    import mimetypes
    import shutil

    folder = artifacts / "files"
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f".{os.getpid()}.{os.urandom(4).hex()}"
    try:
        shutil.copyfile(source, beside)
        with beside.open("rb") as copy:
            sha256 = hashlib.file_digest(copy, "sha256").hexdigest()
        size = beside.stat().st_size
        beside.replace(folder / sha256)
    finally:
        beside.unlink(missing_ok=True)
    media_type, _ = mimetypes.guess_type(source.name)
    return Artifact(name=name or source.name, sha256=sha256, bytes=size, media_type=media_type)
