"""What a person says and does: written to the folders of runs, never to the index."""

from __future__ import annotations

import functools
import hashlib
import math
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET

from ..errors import BadInput, HomeUnusable, RlmboardError
from ..folder import Label, empty_trash, take_back, throw_away, write_whole
from ..store import StoredRun
from ..trace import json_decoder
from .problems import NotFound
from .reading import Reading
from .shapes import (
    BulkLabel,
    CommentSaid,
    Done,
    ExperimentSaid,
    LabelChange,
    Rate,
    RateSaid,
    Refusal,
    RunItem,
    ScoreSaid,
    Statement,
    View,
    ViewSaid,
)

MOST_LEVELS = 30
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def change_labels(reading: Reading, run_id: str, change: LabelChange) -> RunItem:
    """Say what is in the change, and nothing else."""
    run = reading.run(run_id)
    for field in change.__struct_fields__:
        value = getattr(change, field)
        if value is not UNSET:
            _say(reading, run, field, _tags(value) if field == "tags" else value)
    return reading.item(reading.run(run.id).row)


def change_many(reading: Reading, said: BulkLabel) -> Done:
    """The same change to each run; tags are added and removed run by run."""

    def one(run_id: str) -> None:
        change_labels(reading, run_id, said.set)
        if said.add_tags or said.remove_tags:
            run = reading.run(run_id)
            kept = [tag for tag in run.row.tags if tag not in said.remove_tags]
            _say(reading, run, "tags", _tags([*kept, *said.add_tags]))

    return _each(said.runs, one)


def score(reading: Reading, run_id: str, said: ScoreSaid) -> Statement:
    """A judgement by hand. Raises BadInput for one that is no finite number."""
    if not math.isfinite(said.value):
        raise BadInput("a score is a finite number")
    value = {"name": said.name, "value": said.value}
    return _say(reading, reading.run(run_id), "score", value, said.by, said.query_id)


def comment(reading: Reading, run_id: str, said: CommentSaid) -> Statement:
    """A remark."""
    return _say(reading, reading.run(run_id), "comment", said.text, said.by, said.query_id)


def ask_to_stop(reading: Reading, run_id: str) -> RunItem:
    """Ask the owner of a run to end it. Raises BadInput where nobody would hear it."""
    run = reading.run(run_id)
    if run.folder.liveness() not in ("owned", "fresh"):
        raise BadInput(f"run {run.id} is {run.row.status}: there is nothing to stop")
    try:
        run.folder.ask_to_stop()
    except OSError as error:
        raise _unusable(reading, error) from error
    return reading.item(run.row)


def throw_many(reading: Reading, run_ids: Sequence[str]) -> Done:
    """Move runs to the trash; what lay there for more than a week is erased."""
    done = _each(run_ids, lambda run_id: throw_away(reading.store.home, reading.run(run_id).id))
    empty_trash(reading.store.home)
    return done


def restore_many(reading: Reading, run_ids: Sequence[str]) -> Done:
    """Take runs out of the trash."""
    home = reading.store.home
    return _each(run_ids, lambda run_id: take_back(home, home.run(run_id).run_id))


def statement_of(label: Label) -> Statement:
    """What a person said, as the page gets it."""
    return Statement(
        at=label.at, field=label.field, value=label.value, by=label.by, query_id=label.query_id
    )


# ------------------------------------------------------------------ views and experiments


class _StoredView(msgspec.Struct):
    name: str
    filter: str = ""
    page: str = "runs"
    state: dict[str, Any] = {}


@functools.cache
def _stored_views() -> msgspec.json.Decoder[_StoredView]:
    return json_decoder(_StoredView)


def views(reading: Reading) -> list[View]:
    """Every saved view, by name; a file that is none is passed over."""
    found = list(_views(reading.store.home.views))
    return sorted(found, key=lambda view: (view.name.lower(), view.slug))


def save_view(reading: Reading, slug: str, said: ViewSaid) -> View:
    """Raises BadInput for a slug that could not be the name of a file."""
    if _is_deeper(said.state, MOST_LEVELS):
        raise BadInput(f"the state of a view has at most {MOST_LEVELS} levels")
    view = _StoredView(said.name, said.filter, said.page, said.state)
    _write(reading, reading.store.home.views / f"{_checked(slug)}.json", view)
    return View(slug=slug, **msgspec.structs.asdict(view))


def remove_view(reading: Reading, slug: str) -> None:
    """Raises NotFound where there is none."""
    try:
        (reading.store.home.views / f"{_checked(slug)}.json").unlink()
    except FileNotFoundError:
        raise NotFound(f"there is no view '{slug}'") from None
    except OSError as error:
        raise _unusable(reading, error) from error


def record_rate(reading: Reading, said: RateSaid) -> Rate:
    """The rate from now on; what was there before is replaced."""
    recorded = Rate(
        usd_per_btc=said.usd_per_btc,
        on=said.on.isoformat(),
        source=said.source or None,
        said_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    _write(reading, reading.store.home.rate, recorded)
    return recorded


def forget_rate(reading: Reading) -> None:
    """Raises NotFound where none is recorded."""
    try:
        reading.store.home.rate.unlink()
    except FileNotFoundError:
        raise NotFound("no exchange rate is recorded") from None
    except OSError as error:
        raise _unusable(reading, error) from error


def describe_experiment(reading: Reading, name: str, said: ExperimentSaid) -> None:
    """What is said of an experiment goes beside what was said before."""
    if not 0 < len(name) <= 200:
        raise BadInput("the name of an experiment has 1 to 200 characters")
    folder = reading.store.home.experiments
    path = folder / f"{slug_of(name)}.json"
    before = _json_object(path) or {}
    changes = {field: getattr(said, field) for field in said.__struct_fields__}
    after = {**before, "name": name, **{k: v for k, v in changes.items() if v is not UNSET}}
    _write(reading, path, {key: value for key, value in after.items() if value is not None})


def slug_of(name: str) -> str:
    """A file name for this name: readable, and no other name's."""
    if _SLUG.fullmatch(name):
        return name
    readable = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "x"
    return f"{readable}-{hashlib.sha256(name.encode(errors='replace')).hexdigest()[:8]}"


# ------------------------------------------------------------------ how it is done


def _say(
    reading: Reading, run: StoredRun, field: str, value: Any, by: str | None = None,
    query_id: str | None = None,
) -> Statement:  # fmt: skip
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    label = Label(at=at, field=field, value=value, by=by, query_id=query_id)
    try:
        run.folder.label(label)
        reading.store.home.mark(run.id)  # after it was said, or a reader could miss it
    except OSError as error:
        raise _unusable(reading, error) from error
    return statement_of(label)


def _tags(tags: Sequence[str] | None) -> list[str] | None:
    return None if tags is None else list(dict.fromkeys(tags))


def _each(run_ids: Sequence[str], act: Callable[[str], object]) -> Done:
    done: list[str] = []
    refused: list[Refusal] = []
    for run_id in dict.fromkeys(run_ids):
        try:
            act(run_id)
            done.append(run_id)
        except RlmboardError as error:
            refused.append(Refusal(run=run_id, why=str(error)))
    return Done(done=done, refused=refused)


def _views(folder: Path) -> Iterator[View]:
    for path in sorted(folder.glob("*.json")):
        try:
            view = _stored_views().decode(path.read_bytes())
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        yield View(slug=path.stem, **msgspec.structs.asdict(view))


def _is_deeper(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels < 0 or any(_is_deeper(one, levels - 1) for one in inner)


def _json_object(path: Path) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _checked(slug: str) -> str:
    if not _SLUG.fullmatch(slug):
        raise BadInput(
            f"'{slug[:80]}' cannot name a view: use lower-case letters, digits, '-' and '_', "
            "at most 64, beginning with a letter or digit"
        )
    return slug


def _write(reading: Reading, path: Path, value: Any) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
    except OSError as error:
        raise _unusable(reading, error) from error


def _unusable(reading: Reading, error: OSError) -> HomeUnusable:
    return HomeUnusable(
        f"cannot write to {reading.store.home.path}: {error.strerror or error}; "
        "what you said was not kept"
    )
