"""What `show` says of a run below its boxes: the answer, how it was asked to go, what to know."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from . import amounts
from .answer import answer_text
from .glyphs import Glyphs, clean, one_line

if TYPE_CHECKING:
    from ...folder import Label, Pruned
    from ...store import RunRow

_SHOWN_IN_BOXES = ("name", "tags", "notes", "experiment")


def answer_lines(row: RunRow, output: str | None) -> list[str]:
    """The answer whole, or what is left of it."""
    text = output if output is not None else row.summary.output_preview
    if text is None and row.status in ("running", "queued"):
        return ["(no answer yet)"]
    return answer_text(text or "", row.summary.span_refs).split("\n")


def detail_lines(row: RunRow, now: datetime, glyphs: Glyphs) -> list[str]:
    """`word  value` lines; what is not known has none."""
    run = row.summary
    separator = " · " if glyphs.more == "…" else " | "
    git = separator.join(
        part
        for part in (row.git_branch, (row.git_sha or "")[:10], "dirty" if row.git_dirty else "")
        if part
    )
    said = {
        "run": row.run_id,
        "name": row.name,
        "tags": " ".join(f"#{tag}" for tag in row.tags),
        "experiment": row.experiment,
        "note": row.note,
        "begun": f"{row.created_at} ({amounts.ago(amounts.moment(row.created_at), now)})",
        "by": separator.join(part for part in (row.user, row.host, row.producer) if part),
        "git": git,
        "config": settings_text(row),
        "metrics": ", ".join(f"{n} {v:,.4g}" for n, v in row.metrics.items() if v is not None),
        "tokens": amounts.tokens([run.input_tokens, run.output_tokens], run.unknown_usage, glyphs),
        "cost": amounts.money(run.cost_msat, run.cost_usd_nanos, run.unknown_cost, glyphs),
        "citations": citations_text(row),
        "parent": row.parent_run_id,
    }
    return [f"{word:<11}{one_line(value)}" for word, value in said.items() if value]


def comment_lines(labels: Iterable[Label]) -> list[str]:
    """What people said of the run, in the order in which they did."""
    return [
        f"{'comment':<11}{one_line(str(label.value))} ({one_line(label.by or 'somebody')})"
        for label in labels
        if label.field == "comment" and label.value
    ]


def settings_text(row: RunRow) -> str:
    settings = row.config.flat()
    return ", ".join(
        f"{name} {_setting(value)}"
        for name, value in settings.items()
        if name not in _SHOWN_IN_BOXES
    )


def _setting(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return str(value)


def citations_text(row: RunRow) -> str:
    run = row.summary
    if run.citations_checked is None:
        return f"{run.citations} not checked" if run.citations else ""
    held = run.citations_checked - (run.citations_missing or 0)
    return f"{held:,} of {run.citations_checked:,} held when the run ended"


def warning_lines(row: RunRow, notes: Iterable[str], pruned: Pruned | None) -> list[str]:
    """What a reader must know before believing the rest."""
    run = row.summary
    said = [f"warning: {clean(note)}" for note in notes]
    if pruned is not None:
        said.append(f"whole texts removed on {pruned.at:%Y-%m-%d}: {amounts.size(pruned.bytes)}")
    if run.lost:
        said.append(f"warning: {amounts.count(run.lost, 'event')} could not be recorded")
    for reason, number in run.holes.items():
        said.append(f"warning: {amounts.count(number, f'{reason} line')} in the trace")
    if run.foreign:
        said.append(f"{amounts.count(run.foreign, 'event')} of a later version, not shown")
    if row.presumed:
        said.append("it is presumed interrupted: its heartbeat comes from elsewhere and is old")
    if run.error_type:
        said.append(f"{run.error_type}: {one_line(run.error_message or '')}")
    return said
