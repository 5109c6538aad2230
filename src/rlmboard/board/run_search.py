"""A text sought in all that a run keeps whole, and in the previews of what it does not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from ..errors import BadInput
from ..folder import RunFolder, open_own, own_names, read_trace
from ..folder.payloads import payloads, unpacked
from ..trace import TEXTS, Stamped
from .shapes import RunHit, RunSearch

AROUND_CHARS = 80
_HASH = re.compile(r"[0-9a-f]{64}")


def search_run(folder: RunFolder, text: str, limit: int) -> RunSearch:
    """Where the text stands, in the order of the trace; case does not matter."""
    if not text.strip():
        raise BadInput("nothing to search for: give a text")
    wanted = re.compile(re.escape(text), re.IGNORECASE)
    snippets: dict[str, tuple[str, tuple[int, int]]] = {}
    there: set[str] = set()
    for sha256, whole in _payloads(folder.artifacts):
        there.add(sha256)
        if sha256 not in snippets and (found := wanted.search(whole)):
            snippets[sha256] = _snippet(whole, found)
    hits: list[RunHit] = []
    named: set[str] = set()
    told: set[tuple[str | None, int, str]] = set()
    for hit, ref in _mentions(folder, wanted, snippets):
        if ref is not None:
            named.add(ref)
        if hit is not None and (hit.sha256, hit.seq, hit.field) not in told:
            told.add((hit.sha256, hit.seq, hit.field))
            hits.append(hit)
    return RunSearch(
        hits=hits[:limit],
        searched=len(there),
        of=len(named | there),
        removed=len(named - there),
        cut=len(hits) > limit,
    )


def _mentions(
    folder: RunFolder, wanted: re.Pattern[str], snippets: dict[str, tuple[str, tuple[int, int]]]
) -> Iterator[tuple[RunHit | None, str | None]]:
    """Every text of the trace with the hash that names it, and the hit if it is one."""
    for line in read_trace(folder.trace):
        if not isinstance(line, Stamped):
            continue
        for field, ref_field, _ in TEXTS.get(type(line.event), ()):
            ref = getattr(line.event, ref_field) if ref_field else None
            refs: list[str | None] = list(ref) if isinstance(ref, list) else [ref]
            for sha256 in refs:
                yield _hit(line, field, sha256, wanted, snippets), sha256


def _hit(
    line: Stamped, field: str, sha256: str | None, wanted: re.Pattern[str],
    snippets: dict[str, tuple[str, tuple[int, int]]],
) -> RunHit | None:  # fmt: skip
    if sha256 is not None:
        known = snippets.get(sha256)
    else:
        text = getattr(line.event, field) or ""
        found = wanted.search(text)
        known = _snippet(text, found) if found else None
    if known is None:
        return None
    return RunHit(
        sha256=sha256,
        seq=line.seq,
        query_id=getattr(line.event, "query_id", None),
        field=field.removesuffix("_preview"),
        snippet=known[0],
        found=known[1],
    )


def _snippet(text: str, found: re.Match[str]) -> tuple[str, tuple[int, int]]:
    start = max(0, found.start() - AROUND_CHARS)
    shown = text[start : found.end() + AROUND_CHARS]
    return shown, (found.start() - start, found.end() - start)


def _payloads(artifacts: Path) -> Iterator[tuple[str, str]]:
    yield from _from_lines(artifacts / "payloads.jsonl")
    names = sorted(filter(_HASH.fullmatch, own_names(artifacts)))
    yield from _from_files(artifacts / name for name in names)


def _from_lines(path: Path) -> Iterator[tuple[str, str]]:
    try:
        with open_own(path) as file:
            for line in file:
                try:
                    payload = payloads().decode(line)
                except (msgspec.DecodeError, UnicodeDecodeError):
                    continue  # torn by a kill
                yield payload.sha256, payload.text
    except OSError:
        return


def _from_files(files: Iterable[Path]) -> Iterator[tuple[str, str]]:
    for path in files:
        content = unpacked(path)
        if content is not None:
            yield path.name, content.decode(errors="replace")
