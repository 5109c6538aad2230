"""What a person does to runs, and what comes of it."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Words = Annotated[str, Meta(max_length=100_000)]
RunId = Annotated[str, Meta(min_length=1, max_length=128)]
Many = Annotated[list[RunId], Meta(min_length=1, max_length=10_000)]


class LabelChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Labels of a run: only the fields that are there change; None takes back."""

    name: Name | UnsetType | None = UNSET
    tags: list[Name] | UnsetType | None = UNSET
    note: Words | UnsetType | None = UNSET
    star: bool | UnsetType | None = UNSET
    archived: bool | UnsetType | None = UNSET
    experiment: Name | UnsetType | None = UNSET


class BulkLabel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same change to many runs; tags may also be added and removed one by one."""

    runs: Many
    set: LabelChange = LabelChange()
    add_tags: list[Name] = []
    remove_tags: list[Name] = []


class ScoreSaid(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person's judgement of a run, or of one of its sub-queries."""

    name: Name
    value: float
    query_id: str | None = None
    by: Name | None = None


class CommentSaid(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person's remark on a run, or on one of its sub-queries."""

    text: Annotated[str, Meta(min_length=1, max_length=100_000)]
    query_id: str | None = None
    by: Name | None = None


class RunIds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Runs that something is to be done to."""

    runs: Many


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """A run to which it was not done."""

    run: str
    why: str


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """To which runs it was done, and to which not."""

    done: list[str]
    refused: list[Refusal]


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A saved view: a filter, and what the page keeps beside it."""

    slug: str
    name: str
    filter: str
    page: str
    state: dict[str, Any]


class ViewSaid(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a view is to be."""

    name: Name
    filter: Annotated[str, Meta(max_length=4_000)] = ""
    page: Name = "runs"
    state: dict[str, Any] = {}


class ExperimentSaid(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said of an experiment; a field that is absent stays, None takes back."""

    description: Words | UnsetType | None = UNSET
    baseline: RunId | UnsetType | None = UNSET
