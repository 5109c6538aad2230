"""Values that people type: times, filters, ids of runs; and how the shell completes them."""

from __future__ import annotations

import re
from typing import Any

import click
from click.shell_completion import CompletionItem

_TIME = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*(ms|s|m|h|d|w)?", re.IGNORECASE)
_DENIED = re.compile(r"-[A-Za-z_][\w./-]*(:|=|!=|<|>)")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def seconds_of(text: str) -> float | None:
    """`90`, `1.5s`, `5m`, `24h`, `7d` as seconds; None for what is no time."""
    found = _TIME.fullmatch(text.strip())
    return float(found[1]) * _SECONDS[(found[2] or "s").lower()] if found else None


class Seconds(click.ParamType[Any]):
    """A time in seconds; `none` is for ever."""

    name = "time"

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        if isinstance(value, int | float):
            return float(value)
        if str(value).strip().lower() == "none":
            return float("inf")
        seconds = seconds_of(str(value))
        if not seconds:
            self.fail(f"{value!r} is no time; say seconds, or 90s, 5m, 2h, 7d", param, ctx)
        return seconds


class Hedge(click.ParamType[Any]):
    """`p95`, or a number of seconds."""

    name = "when"

    def convert(self, value: Any, param: Any, ctx: Any) -> float | str:
        if value == "p95":
            return "p95"
        seconds = seconds_of(str(value))
        if not seconds:
            self.fail(f"{value!r}: say p95, or a number of seconds such as 2.5", param, ctx)
        return seconds


class RunId(click.ParamType[Any]):
    """The id of a run, a prefix that only one has, or `latest`."""

    name = "run"

    def shell_complete(self, ctx: Any, param: Any, incomplete: str) -> list[CompletionItem]:
        """The newest ids that begin so, shown with what was asked."""
        from ..folder import Home

        home = Home(_home_of(ctx))
        found = [run_id for run_id in home.run_ids() if run_id.startswith(incomplete)]
        items = [CompletionItem(run_id, help=_query_of(home, run_id)) for run_id in found[:-51:-1]]
        latest = [CompletionItem("latest", help="the newest run")]
        return items + (latest if "latest".startswith(incomplete) else [])


class Filter(click.ParamType[Any]):
    """Words of a filter: `method:rlm-2 cost>40 status:failed since:24h "text"`."""

    name = "filter"

    def shell_complete(self, ctx: Any, param: Any, incomplete: str) -> list[CompletionItem]:
        from ..store.filter import KEYS

        return [
            CompletionItem(f"{key}:", help=known.hint)
            for key, known in KEYS.items()
            if key.startswith(incomplete)
        ]


SECONDS, HEDGE, RUN_ID, FILTER = Seconds(), Hedge(), RunId(), Filter()
sources = click.option(
    "--source",
    multiple=True,
    metavar="FOLDER",
    type=click.Path(exists=True, file_okay=False),
    help="A folder whose files may be shown where a run that was recorded elsewhere cites them.",
)


class FilterCommand(click.Command):
    """A command with a filter: `-status:failed` is a term of it, and no option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        terms = [arg for arg in args if _DENIED.match(arg)]
        if terms and "--" not in args:
            args = [*(arg for arg in args if arg not in terms), "--", *terms]
        return super().parse_args(ctx, args)


def filter_text(words: tuple[str, ...]) -> str:
    """The words of a command line as one filter; a word with blanks in it was quoted there."""
    return " ".join(word if not _needs_quotes(word) else f'"{word}"' for word in words)


def keys_of(filter_said: str) -> set[str]:
    """The keys that a filter names.

    Raises BadFilter with the position in what was typed, before anything is added to it.
    """
    from ..store.filter import Compare, parse

    return {term.key for term in parse(filter_said, 0) if isinstance(term, Compare)}


def _needs_quotes(word: str) -> bool:
    return " " in word and '"' not in word and not re.search(r"[:<>=]", word)


def _home_of(ctx: Any) -> str | None:
    root = ctx.find_root() if ctx is not None else None
    return root.params.get("home") if root is not None else None


def _query_of(home: Any, run_id: str) -> str | None:
    from .pictures.glyphs import one_line

    record = home.run(run_id).record()
    return one_line(record.query)[:60] if record is not None else None
