"""`rlmboard export`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...errors import BadInput, HomeUnusable
from ..parameters import RUN_ID, sources
from ..workplace import Workplace, pass_workplace

if TYPE_CHECKING:
    from ...store import StoredRun

KINDS = ("runs", "sub-queries", "attempts", "metrics", "events")
FORMATS = ("json", "jsonl", "csv", "markdown")
Row = Mapping[str, Any]
MOST_COMPARED = 1_000


@click.command()
@click.argument("run_ids", metavar="[RUN]...", nargs=-1, type=RUN_ID)
@click.option(
    "--filter", "filter_words", metavar="FILTER", help="All runs that match, as in history."
)
@click.option("--what", type=click.Choice(KINDS), default="runs", help="What makes a row. [runs]")
@click.option("--format", "kind", type=click.Choice(FORMATS), default="json", help="[json]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where to, if not stdout.",
)
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="One run as its page, several as their comparison: a file that needs no network.",
)
@click.option(
    "--no-payloads", is_flag=True, help="With --html and --otlp: no whole texts and no sources."
)
@sources
@click.option("--perfetto", is_flag=True, help="One run as Chrome trace JSON for ui.perfetto.dev.")
@click.option("--otlp", metavar="URL", help="Send runs as OpenTelemetry spans to this address.")
@click.option("--otlp-header", multiple=True, metavar="NAME=VALUE", help="Repeatable.")
@pass_workplace
def export(
    here: Workplace,
    /,
    run_ids: tuple[str, ...],
    filter_words: str | None,
    what: str,
    kind: str,
    output: Path | None,
    html: Path | None,
    no_payloads: bool,
    source: tuple[str, ...],
    perfetto: bool,
    otlp: str | None,
    otlp_header: tuple[str, ...],
) -> None:
    """Write runs, or what happened in them, for other programs.

    Cells of CSV that a spreadsheet would take for a formula are made harmless.

    \b
    rlmboard export latest
    rlmboard export --filter "experiment:doc-analysis" --format csv -o runs.csv
    rlmboard export latest --what events --format jsonl
    rlmboard export latest --html run.html
    rlmboard export latest --perfetto -o run.perfetto.json
    rlmboard export latest --otlp http://127.0.0.1:4318
    """
    if not run_ids and filter_words is None:
        raise BadInput('name a run, or say which: rlmboard export --filter "since:7d"')
    _check_together(html, no_payloads, perfetto, output, otlp)
    chosen = _chosen(here, run_ids, filter_words)
    if otlp is not None:
        from ..otlp_export import send_runs

        for line in send_runs(chosen, otlp, otlp_header, not no_payloads):
            here.note(line)
        return
    if html is not None:
        alone = len(run_ids) == 1 and filter_words is None
        runs = list(islice(chosen, MOST_COMPARED + 1))
        about = _page(here, html, runs, alone, filter_words or "", not no_payloads, source)
        here.note(about)
        return
    pieces = (
        _perfetto(list(islice(chosen, 2)))
        if perfetto
        else written(rows_of(here, chosen, what), kind)
    )
    if output is None:
        here.pieces(pieces)
    else:
        _write(output, pieces)


def _chosen(
    here: Workplace, run_ids: tuple[str, ...], filter_words: str | None
) -> Iterator[StoredRun]:
    wanted = [here.store.resolve(run_id) for run_id in run_ids]
    if filter_words is not None:
        rows = here.store.runs(filter=filter_words, order="-created_at", limit=None)
        wanted += [row.run_id for row in rows]
    return (here.store.run(run_id) for run_id in dict.fromkeys(wanted))


def _check_together(
    html: Path | None, no_payloads: bool, perfetto: bool, output: Path | None, otlp: str | None
) -> None:
    if otlp is not None and (html is not None or perfetto or output is not None):
        raise BadInput("--otlp URL says what to send and where to: leave the other options out")
    if html is not None and (perfetto or output is not None):
        other = "--perfetto" if perfetto else "--output"
        raise BadInput(f"--html FILE says what to write and where to: leave {other} out")
    if no_payloads and html is None and otlp is None:
        raise BadInput("--no-payloads goes with --html and --otlp: the others have no whole texts")


def _page(
    here: Workplace, file: Path, runs: Sequence[StoredRun], alone: bool, filter: str,
    payloads: bool, sources: Sequence[str],
) -> str:  # fmt: skip
    """Writes the page of a run, or of a comparison; a line that says what is in it."""
    from ...board.offline import comparison_document, run_document

    if not 0 < len(runs) <= MOST_COMPARED:
        count = f"more than {MOST_COMPARED:,} runs fit" if runs else "no run fits"
        raise BadInput(f"{count}; a page compares 1 to {MOST_COMPARED:,}")
    if alone:
        document = run_document(here.store, runs[0].id, payloads=payloads, sources=sources)
    else:
        document = comparison_document(here.store, [run.row for run in runs], filter)
    _write(file, document.pieces())
    texts = "with" if document.about.payloads else "without"
    size = f"{file.stat().st_size / 1_000_000:.1f} MB"
    below = _below(document.about.runs if alone else [], document.about.left_out)
    return f"{file}: {document.about.of}{below}, {texts} whole prompts and answers, {size}"


def _below(runs: Sequence[str], left_out: int) -> str:
    """What is in a page beside its run, and what had no room."""
    more = len(runs) - 1
    inside = f" and {more:,} {'run' if more == 1 else 'runs'} below it" if more > 0 else ""
    return f"{inside} ({left_out:,} more are left out: too large)" if left_out else inside


def _perfetto(runs: Sequence[StoredRun]) -> Iterator[str]:
    """One run, folded to its picture, as Chrome trace JSON."""
    from ...formats.perfetto import trace_json
    from ...trace.picture import PictureFold

    if len(runs) != 1:
        raise BadInput(
            f"{'several runs fit' if runs else 'no run fits'}; --perfetto takes one: name it"
        )
    return trace_json(PictureFold().take(runs[0].events()))


def rows_of(here: Workplace, runs: Iterable[StoredRun], what: str) -> Iterator[Row]:
    """The rows of one kind, each with the run that it is of."""
    import msgspec

    for run in runs:
        run_id = run.id
        if what == "runs":
            yield run.to_dict()
        elif what == "events":
            yield from _events(run)
        elif what == "metrics":
            yield from _metrics(run)
        else:
            rows = run.attempts() if what == "attempts" else run.sub_queries()
            yield from ({"run_id": run_id, **msgspec.to_builtins(row)} for row in rows)


def _metrics(run: StoredRun) -> Iterator[Row]:
    """Every logged value."""
    for name, points in run.metrics().items():
        for point in points:
            yield {"run_id": run.id, "name": name, **point._asdict()}


def _events(run: StoredRun) -> Iterator[Row]:
    """The lines of the trace with their numbers; a hole says what it is."""
    import msgspec

    from ...trace import Foreign, Stamped

    for line in run.events():
        if isinstance(line, Stamped):
            at = {"seq": line.seq, "run_id": line.run_id, "timestamp_ms": line.timestamp_ms}
            yield {**at, "event": msgspec.to_builtins(line.event)}
        elif isinstance(line, Foreign):
            yield {"seq": line.seq, **msgspec.json.decode(line.raw)}
        else:
            yield {"seq": line.seq, "run_id": run.id, "hole": line.reason}


def written(rows: Iterable[Row], kind: str) -> Iterable[str]:
    """The rows in one of FORMATS."""
    from ...formats import table

    if kind == "json":
        return table.json_array(rows)
    if kind == "jsonl":
        return table.json_lines(rows)
    flat = [flattened(row) for row in rows]
    columns = list(dict.fromkeys(name for row in flat for name in row))
    return (table.csv_lines if kind == "csv" else table.markdown_lines)(flat, columns)


def flattened(row: Row, prefix: str = "") -> dict[str, Any]:
    """A row on one level, names joined by dots; lists stay whole."""
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            flat |= flattened(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _write(output: Path, pieces: Iterable[str]) -> None:
    """The file whole or not at all."""
    beside = output.with_name(f".{output.name}.part")
    try:
        with beside.open("w", encoding="utf-8", errors="replace", newline="") as file:
            file.writelines(pieces)
        beside.replace(output)
    except OSError as error:
        raise HomeUnusable(f"{output} cannot be written: {error.strerror or error}") from error
    finally:
        beside.unlink(missing_ok=True)
