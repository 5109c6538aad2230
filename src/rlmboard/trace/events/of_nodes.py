"""Recursion, turns, code and tools: the nodes of the tree that sub-queries hang on."""

from __future__ import annotations

from typing import Any

from .base import Event, Failure, Ref


class RlmStart(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A child RLM begins. The root's node is `root` and has no RlmStart.

    `name`: what its program calls it, such as an agent or a step of a chain.
    """

    node_id: str
    parent_id: str | None = None
    name: str | None = None
    depth: int | None = None
    model: str | None = None
    config: dict[str, Any] | None = None
    query: str | None = None
    query_ref: Ref | None = None


class RlmEnd(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A child RLM ended. `attributes`: what its producer said of it beyond this format."""

    node_id: str
    answer: str | None = None
    answer_ref: Ref | None = None
    end_reason: str | None = None
    error: Failure | None = None
    attributes: dict[str, Any] | None = None


class IterationStart(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A turn of an RLM begins; `n` counts from 1."""

    n: int
    node_id: str = "root"
    max_n: int | None = None


class IterationEnd(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A turn of an RLM ended."""

    n: int
    node_id: str = "root"
    max_n: int | None = None


class CellStart(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A piece of code begins to run in the REPL."""

    cell_id: str
    node_id: str = "root"
    code_preview: str = ""
    code_ref: Ref | None = None


class CellEnd(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A piece of code has run. `variables` maps names to short descriptions."""

    cell_id: str
    stdout_preview: str = ""
    stdout_ref: Ref | None = None
    stderr_preview: str = ""
    stderr_ref: Ref | None = None
    error: Failure | None = None
    duration_ms: float | None = None
    variables: dict[str, str] | None = None


class ToolStart(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A tool is called."""

    tool_id: str
    name: str
    parent_id: str | None = None
    args_preview: str = ""
    args_ref: Ref | None = None


class ToolEnd(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A tool answered or failed. `attributes`: what its producer said beyond this format."""

    tool_id: str
    result_preview: str = ""
    result_ref: Ref | None = None
    error: Failure | None = None
    attributes: dict[str, Any] | None = None
