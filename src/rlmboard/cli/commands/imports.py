"""`rlmboard import`."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...errors import BadInput
from ..pictures import amounts
from ..pictures.glyphs import clean
from ..terminal import Progressing
from ..workplace import Workplace, pass_workplace

if TYPE_CHECKING:
    from ...integrations.imports import Found, Imported, Landed

LOOK_EVERY_S = 0.5
MOST_LINES = 12


@click.command("import")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--watch",
    "folders",
    metavar="DIR",
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Follow a folder until Ctrl-C: sessions and other records that are JSON lines appear "
    "while they are under way, all else when it is finished.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be imported, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="What became of each run as JSON.")
@pass_workplace
def import_(
    here: Workplace, /, paths: tuple[Path, ...], folders: tuple[Path, ...], dry_run: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Bring records of other programs in as runs; folders are walked.

    What a file is, is told by its content. An import may be repeated: what is there is skipped, and
    what grew is added.

    \b
    rlmboard import ~/.claude/projects
    rlmboard import --watch ~/.claude/projects
    """
    if not paths and not folders:
        raise BadInput("say what to import: rlmboard import PATH, or --watch DIR")
    if folders and (dry_run or as_json):
        raise BadInput("--watch goes on until Ctrl-C: leave --dry-run and --json out")
    if paths:
        _import(here, paths, dry_run, as_json)
    if folders:
        _watch(here, folders)


def _import(here: Workplace, paths: tuple[Path, ...], dry_run: bool, as_json: bool) -> None:
    from ...integrations.imports import find, import_source, sweep

    with Progressing(here.err, "looking", "files") as told:
        found = find(paths, told)
    _check(found, paths)
    if not dry_run and here.home.runs.is_dir():
        sweep(here.home)
    done, total = 0, sum(source.size for source in found.sources)
    imported: list[Imported] = []
    refused: list[BadInput] = []
    with Progressing(here.err, "importing", "bytes") as told:

        def progress(more: int) -> None:
            nonlocal done
            done += more
            told(done, total)

        for source in found.sources:
            try:
                imported.append(import_source(here.home, source, dry=dry_run, progress=progress))
            except BadInput as error:
                refused.append(error)
    _tell(here, imported, found, dry_run, as_json)
    if refused:
        for other in refused[:-1]:
            here.note(clean(f"error: {other}"))
        raise refused[-1]


def _tell(
    here: Workplace, imported: list[Imported], found: Found, dry_run: bool, as_json: bool
) -> None:
    runs = [run for one in imported for run in one.runs]
    if as_json:
        here.json(_as_json(runs, imported, found))
        return
    _list(here, runs, dry_run)
    _complain(here, imported, found)


def _check(found: Found, paths: tuple[Path, ...]) -> None:
    """A file that was named must be one that can be read; in a folder there must be one."""
    from ...integrations.imports import understood

    named = [path for path in found.strangers if path in paths]
    if named or not found.sources:
        what = str(named[0]) if named else ", ".join(map(str, paths))
        holds = "is no record" if named else "holds no record"
        raise BadInput(f"{what} {holds} that rlmboard reads; it reads {understood()}")


def _list(here: Workplace, runs: list[Landed], dry_run: bool) -> None:
    news = [run for run in runs if run.state != "unchanged"]
    for run in news[:MOST_LINES]:
        here.out.line(_line(run))
    if len(news) > MOST_LINES:
        here.out.line(f"… and {amounts.count(len(news) - MOST_LINES, 'more run')}")
    states = [run.state for run in runs]
    parts = [f"{states.count(state)} {state}" for state in ("new", "grown", "unchanged", "taken")]
    counts = ", ".join(part for part in parts if not part.startswith("0 "))
    verb = "would import" if dry_run else "imported"
    here.out.line(f"{verb} {amounts.count(len(runs), 'run')}: {counts or 'nothing'}")


def _line(run: Landed) -> str:
    query = " ".join(clean(run.query).split())[:60]
    events = f"{amounts.count(run.added, 'event')}{' more' if run.state == 'grown' else ''}"
    why = "is being recorded by another process" if run.state == "taken" else events
    return f"{run.run_id}  {run.producer}  {why}  {query}".rstrip()


def _complain(here: Workplace, imported: list[Imported], found: Found) -> None:
    """What was passed over, on the side."""
    unread = [line for one in imported for line in one.unread]
    skipped = sum(one.unread_count for one in imported)
    for line in unread[:5]:
        here.note(clean(f"skipped {line.where}: {line.why}"))
    if skipped > 5:
        here.note(f"skipped {amounts.count(skipped, 'record')} in all")
    if found.strangers:
        files = amounts.count(len(found.strangers), "file")
        here.note(clean(f"passed over {files} of other kinds, such as {found.strangers[0]}"))


def _as_json(runs: list[Landed], imported: list[Imported], found: Found) -> dict[str, Any]:
    import msgspec

    return {
        "runs": msgspec.to_builtins(runs),
        "skipped": [line._asdict() for one in imported for line in one.unread],
        "skipped_count": sum(one.unread_count for one in imported),
        "passed_over": list(map(str, found.strangers)),
    }


def _watch(here: Workplace, folders: tuple[Path, ...]) -> None:
    from ...integrations.imports import Follower, sweep

    here.home.make()
    sweep(here.home)
    follower = Follower(
        here.home,
        folders,
        lambda what, run: here.out.line(_news(what, run)),
        complain=lambda why: here.note(clean(f"left alone: {why}")),
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a service is ended so
    try:
        follower.look()
        here.note(f"watching {', '.join(map(str, folders))}; Ctrl-C ends it")
        for folder in folders:
            if not folder.is_dir():
                here.note(f"{folder} is not there yet: it is followed from when it is")
        if follower.older:
            older, named = amounts.count(follower.older, "older file"), " ".join(map(str, folders))
            here.note(f"left alone: {older}; rlmboard import {named} brings them in")
        while True:
            time.sleep(LOOK_EVERY_S)
            follower.look()
    except KeyboardInterrupt:
        pass
    finally:
        follower.close()


def _news(what: str, run: Landed) -> str:
    query = " ".join(clean(run.query).split())[:60]
    return f"{run.run_id}  {run.producer}  {what}  {query}".rstrip()
