"""`rlmboard label`."""

from __future__ import annotations

import getpass
import math
from collections.abc import Iterator
from typing import Any

import click

from ...errors import BadInput
from ..parameters import RUN_ID
from ..workplace import Workplace, pass_workplace


@click.command()
@click.argument("run_id", metavar="RUN", type=RUN_ID)
@click.option("--name", help="Its name; an empty one takes the name away.")
@click.option("--tag", multiple=True, help="A tag more; may be given several times.")
@click.option("--untag", multiple=True, metavar="TAG", help="A tag less.")
@click.option("--note", metavar="TEXT", help="A note; an empty one takes the note away.")
@click.option("--star/--unstar", default=None, help="Mark it, or not any more.")
@click.option("--archive/--unarchive", default=None, help="Leave it out of history, or not.")
@click.option("--score", multiple=True, metavar="NAME=VALUE", help="Your judgement as a number.")
@click.option("--experiment", metavar="NAME", help="Move it to this experiment; empty for none.")
@click.option("--comment", metavar="TEXT", help="Something to say about it.")
@pass_workplace
def label(here: Workplace, /, run_id: str, **said: Any) -> None:
    """Say something of a run: what was recorded stays as it is.

    \b
    rlmboard label latest --name "first try" --tag nightly --star
    rlmboard label 0198f2 --score quality=0.8 --note "cites the wrong chapter"
    """
    found = here.store.resolve(run_id)
    statements = list(_statements(here, found, said))
    if not statements:
        raise BadInput("say what to label it with, such as --name, --tag or --star")
    for field, value in statements:
        here.store.label(found, field, value, by=_person())
    here.out.line(f"run {found}: {', '.join(field for field, _ in statements)}")


def _statements(here: Workplace, run_id: str, said: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for field in ("name", "note", "experiment", "comment"):
        if said[field] is not None:
            yield field, said[field] or None
    if said["tag"] or said["untag"]:
        before = here.store.run(run_id).row.tags
        after = [tag for tag in dict.fromkeys((*before, *said["tag"])) if tag not in said["untag"]]
        yield "tags", after
    if said["star"] is not None:
        yield "star", said["star"]
    if said["archive"] is not None:
        yield "archived", said["archive"]
    if said["score"]:
        yield from (("score", score) for score in map(_score, said["score"]))


def _score(text: str) -> dict[str, str | float]:
    name, equals, value = text.partition("=")
    try:
        if equals and name.strip() and math.isfinite(float(value)):
            return {"name": name.strip(), "value": float(value)}
    except ValueError:
        pass
    raise BadInput(f"--score {text!r}: say NAME=VALUE with a number, such as quality=0.8")


def _person() -> str | None:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return None
