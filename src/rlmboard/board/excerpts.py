"""Cited source, opened: only what a trace names, and only below the root of its run."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import PurePosixPath

from ..sources import Check, check_all
from ..sources.git import blob, top_level
from ..sources.places import located, real, relative
from ..sources.reading import open_regular
from ..trace import SpanRef, content_hash
from .shapes import Citation, Excerpt, Source

OUTSIDE = "it lies outside the root of the run, and is not opened"
NOT_RECORDED_HERE = (
    "it is not known that this run was recorded here, so that no file is opened for it; "
    "--source FOLDER allows those of a folder"
)
MOST_LINES = 2_000
MOST_BYTES = 16 << 20
LANGUAGES = {
    ".c": "c", ".cc": "cpp", ".cpp": "cpp", ".cs": "csharp", ".css": "css", ".go": "go",
    ".h": "c", ".hpp": "cpp", ".html": "html", ".java": "java", ".js": "javascript",
    ".json": "json", ".jsonl": "json", ".jsx": "javascript", ".kt": "kotlin", ".lua": "lua",
    ".md": "markdown", ".php": "php", ".py": "python", ".rb": "ruby", ".rs": "rust",
    ".scala": "scala", ".sh": "shell", ".sql": "sql", ".swift": "swift", ".toml": "toml",
    ".ts": "typescript", ".tsx": "typescript", ".xml": "xml", ".yaml": "yaml", ".yml": "yaml",
}  # fmt: skip


def citations(spans: Sequence[SpanRef], root: str | None, seq: int | None) -> list[Citation]:
    """Each span held against its source now, in order."""
    inside = [span for span in spans if _is_below(span.path, root)]
    checks = iter(check_all(inside, root)) if root is not None else iter(())
    return [
        _citation(next(checks), seq) if _is_below(span.path, root) else _outside(span, root, seq)
        for span in spans
    ]


def source(span: SpanRef, root: str | None, seq: int | None, context: int) -> Source:
    """What a span cites, with some lines around it."""
    (citation,) = citations([span], root, seq)
    suffix = PurePosixPath(span.path).suffix.lower()
    is_open = root is not None and _is_below(span.path, root)
    return Source(
        citation=citation,
        language=LANGUAGES.get(suffix),
        now=_now(citation, root, context) if is_open else None,
        then=_then(span, root, context) if is_open and citation.state != "verified" else None,
    )


def _is_below(path: str, root: str | None) -> bool:
    """Whether a written path stays below the root: an absolute one is followed to be sure."""
    if root is None:
        return False
    try:
        file = located(path, root)
    except FileNotFoundError:
        return not os.path.isabs(path)  # noqa: PTH117  the check says that it leads out
    return file.startswith(real(root).rstrip(os.sep) + os.sep)


def _citation(check: Check, seq: int | None) -> Citation:
    return Citation(
        seq=seq,
        span=check.span,
        state=check.state,
        where=check.where,
        moved_to=check.moved_to,
        detail=check.detail,
    )


def _outside(span: SpanRef, root: str | None, seq: int | None) -> Citation:
    return Citation(
        seq=seq, span=span, state="missing", where=None, moved_to=None,
        detail=NOT_RECORDED_HERE if root is None else OUTSIDE,
    )  # fmt: skip


def _now(citation: Citation, root: str | None, context: int) -> Excerpt | None:
    """The file as it stands, around where the cited bytes are, or were."""
    span = citation.span
    try:
        with open_regular(located(span.path, root)) as file:
            content = file.read(MOST_BYTES)
    except OSError:
        return None
    return _excerpt(content, citation.moved_to or (span.start_line, span.end_line), context)


def _then(span: SpanRef, root: str | None, context: int) -> Excerpt | None:
    """The file as its commit has it, if those are the bytes that were cited."""
    if span.commit is None:
        return None
    try:
        file = located(span.path, root)
    except FileNotFoundError:
        return None
    top = top_level(file)
    held = blob(top, span.commit, relative(file, top)) if top is not None else None
    if held is None:
        return None
    with held:
        content = held.read(MOST_BYTES)
    if content_hash(content[span.start_byte : span.end_byte]) != span.content_hash:
        return None
    return _excerpt(content, (span.start_line, span.end_line), context)


def _excerpt(content: bytes, cited: tuple[int, int], context: int) -> Excerpt:
    lines = content.decode(errors="replace").split("\n")
    first = max(1, min(cited[0] - context, len(lines)))
    wanted = min(cited[1] + context, len(lines))
    last = min(wanted, first + MOST_LINES - 1)
    text = "\n".join(lines[first - 1 : last])
    return Excerpt(first_line=first, text=text, cited=cited, cut=last < wanted)
