"""Write `golden/`: traces, the rows and the picture that must come of them, and pictures as sent.

    golden/<name>/trace.jsonl     the events; gzipped where there are many
                 /rows.json       the rows of the summary
                 /picture.json    the picture, column by column
                 /sent.jsonl.gz   the picture after each line, as the board sends it
                 /digest.json     instead of rows and picture where they would be large

`make golden` writes them. Look at what changed before you commit it: a trace of today must read
the same in every later version.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from golden_stories import STORIES

from rlmboard.folder.reader import read_trace
from rlmboard.trace import TraceLine
from rlmboard.trace.picture import PictureFold, encode_picture
from rlmboard.trace.summary import summarize

FOLDER = Path(__file__).parents[1] / "golden"
MANY = 1000
"""Lines from which on digests stand for rows and pictures."""


def written() -> Iterator[tuple[str, bytes]]:
    """Each file by its path below `golden/`, as it should be."""
    for name, tell in STORIES.items():
        trace = b"".join(tell().lines)
        files = large(trace) if trace.count(b"\n") > MANY else small(trace)
        for file, content in files.items():
            yield f"{name}/{file}", content


def small(trace: bytes) -> dict[str, bytes]:
    lines = read(trace)
    fold = PictureFold()
    sent = [encode_picture(fold.take([line])) for line in lines]
    return {
        "trace.jsonl": trace,
        "rows.json": tabled(rows(lines)),
        "picture.json": tabled(fold.picture.as_dict()),
        "sent.jsonl.gz": zipped(b"".join(compact(one) + b"\n" for one in sent)),
    }


def large(trace: bytes) -> dict[str, bytes]:
    lines = read(trace)
    fold = PictureFold()
    sent = encode_picture(fold.take(lines[: len(lines) // 2]), texts=False)
    picture = fold.take(lines).as_dict()
    digests = {
        "rows": {name: digest(value) for name, value in rows(lines).items()},
        "picture": {name: digest(value) for name, value in picture.items()},
    }
    return {
        "trace.jsonl.gz": zipped(trace),
        "digest.json": tabled(digests),
        "sent.jsonl.gz": zipped(compact(sent) + b"\n"),
    }


def read(trace: bytes) -> list[TraceLine]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "trace.jsonl"
        path.write_bytes(trace)
        return list(read_trace(path))


def rows(lines: list[TraceLine]) -> dict[str, Any]:
    return dict(msgspec.to_builtins(summarize(lines)))


def digest(value: Any) -> str:
    """SHA-256 of the value as compact JSON."""
    return hashlib.sha256(compact(value)).hexdigest()


def compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def tabled(value: dict[str, Any]) -> bytes:
    """JSON with a line for each column or row, so that a change can be read."""
    parts = ",\n".join(f"{json.dumps(key)}: {part(inner)}" for key, inner in value.items())
    return f"{{\n{parts}\n}}\n".encode()


def part(value: Any) -> str:
    if isinstance(value, dict) and value:
        inner = ",\n".join(f"  {json.dumps(k)}: {plain(v)}" for k, v in value.items())
        return f"{{\n{inner}\n}}"
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"  {plain(one)}" for one in value) + "\n]"
    return plain(value)


def plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def zipped(content: bytes) -> bytes:
    """The same bytes every time."""
    return gzip.compress(content, 9, mtime=0)


def main() -> None:
    for name, content in written():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    main()
