"""The file: the page's code and style, the answers that it asks for, and a policy without network.

Nothing of a run is ever markup here: what is said of the file is escaped JSON, and the answers are
base64. The policy lets only this script run, by its hash, and connects to nothing.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import quote

import msgspec

from ...errors import BadInput
from ...store import RunRow, Store
from ...trace import VERSION
from ..api.many import experiment_items
from ..page import STATIC
from ..reading import Reading
from ..scope import EVERYTHING, Scope
from .answers import Answer, blocks
from .family import family
from .of_comparison import answers_of_comparison
from .of_run import answers_of_runs

BUILT = STATIC / "export"
"""Where `make ui` leaves the page as one script and one style sheet."""
_MARKUP = re.compile(r"<(?=/?script|!--)", re.IGNORECASE)


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """What the file says of itself. `opens` is the address of the page that it shows first.

    `runs`: whose pages are in it. `left_out`: runs below that one which are too large or too many.
    """

    of: Literal["run", "comparison"]
    title: str
    opens: str
    at: str
    payloads: bool
    runs: list[str]
    left_out: int = 0
    version: str = VERSION


class Code(NamedTuple):
    """The page as it was built: one script, one style sheet."""

    script: str
    style: str


class Document(NamedTuple):
    """A file that is written piece by piece."""

    about: Exported
    code: Code
    answers: Iterable[Answer]

    def pieces(self) -> Iterator[str]:
        script, style = _in_script(self.code.script), _in_style(self.code.style)
        yield _head(self.about, _policy(script, style))
        yield f'<style>{style}</style></head><body><div id="page"></div>\n'
        yield f'<script type="application/json" id="exported">{_as_data(self.about)}</script>\n'
        for block in blocks(self.answers):
            yield f'<script type="application/gzip" class="answers">{block}</script>\n'
        yield "<noscript>This page is drawn by a script that stands in it: allow it.</noscript>\n"
        yield f'<script type="module">{script}</script></body></html>\n'


def run_document(
    store: Store, run_id: str, *, payloads: bool = True, at: datetime | None = None,
    built: Path | None = None, scope: Scope = EVERYTHING, sources: Iterable[str] = (),
) -> Document:  # fmt: skip
    """The page of a run, with those of the runs that it began.

    `sources` are folders whose files are in it where any of these runs cites them. Raises
    UnknownRun, and BadInput while the page is not built.
    """
    reading = Reading(store, scope, sources=sources)
    run = reading.run(run_id)
    runs, left_out = family(reading, run)
    about = Exported(
        of="run",
        title=run.row.name or run.row.query or run.id,
        opens=f"/rlm/runs/{quote(run.id, safe='')}",
        at=_moment(at),
        payloads=payloads,
        runs=[one.id for one in runs],
        left_out=left_out,
    )
    return Document(about, _code(built or BUILT), answers_of_runs(reading, runs, payloads))


def comparison_document(
    store: Store, rows: Sequence[RunRow], filter: str = "", *, at: datetime | None = None,
    built: Path | None = None, scope: Scope = EVERYTHING,
) -> Document:  # fmt: skip
    """The page that compares runs; `filter` is what they were found by. Raises BadInput."""
    reading = Reading(store, scope)
    about = Exported(
        of="comparison",
        title=filter or f"{len(rows)} runs",
        opens=_opens(reading, rows, filter),
        at=_moment(at),
        payloads=False,
        runs=[row.run_id for row in rows],
    )
    return Document(about, _code(built or BUILT), answers_of_comparison(reading, rows))


def _opens(reading: Reading, rows: Sequence[RunRow], filter: str) -> str:
    """The page of an experiment where these are all its runs; else that of a comparison."""
    names = {row.experiment for row in rows}
    counts = {item.name: item.runs for item in experiment_items(reading)}
    for name in names if len(names) == 1 else ():
        if name is not None and counts.get(name) == len(rows):
            return f"/rlm/experiments/{quote(name, safe='')}"
    if filter:
        return f"/rlm/compare?filter={quote(filter, safe='')}"
    runs = msgspec.json.encode([row.run_id for row in rows]).decode()
    return f"/rlm/compare?runs={quote(runs, safe='')}"


def _code(built: Path) -> Code:
    try:
        return Code((built / "page.js").read_text(), (built / "page.css").read_text())
    except OSError as error:
        raise BadInput(
            f"the page is not built: {error.filename} is missing; build it with `make ui`"
        ) from error


def _head(about: Exported, policy: str) -> str:
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="dark light">\n'
        '<meta name="referrer" content="no-referrer"><link rel="icon" href="data:,">\n'
        f"<title>{html.escape(about.title[:200])}</title>\n"
    )


def _policy(script: str, style: str) -> str:
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "img-src data: blob:; font-src data:; connect-src 'none'; base-uri 'none'; "
        "form-action 'none'"
    )


def _hash(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


def _in_script(source: str) -> str:
    """JavaScript that the parser of HTML reads to its end. In strings `\\x3C` is `<`."""
    return _MARKUP.sub(r"\\x3C", source)


def _in_style(source: str) -> str:
    return source.replace("</", r"<\/")


def _as_data(about: Exported) -> str:
    """JSON without a character that HTML could take for markup."""
    return msgspec.json.encode(about).decode().replace("<", "\\u003c")


def _moment(at: datetime | None) -> str:
    return (at or datetime.now(UTC)).isoformat(timespec="seconds")
