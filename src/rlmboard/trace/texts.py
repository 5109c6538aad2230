"""Which fields of which events hold text, where the whole text is named, and how long a preview is.

Limits of the first fourteen events are the ancestor's (research: 100 to 500 bytes); a preview is
cut on a character boundary and ends in `...`, the limit counting bytes of UTF-8.
"""

from __future__ import annotations

from typing import NamedTuple

from . import events as e


class Text(NamedTuple):
    """A text field, the field that names the whole text, and the preview's limit in bytes."""

    field: str
    ref: str | None
    limit: int


TEXTS: dict[type[e.Event], tuple[Text, ...]] = {
    e.RunInit: (Text("program", None, 200), Text("query", "query_ref", 1000)),
    e.RunDone: (Text("output", "output_ref", 500),),
    e.RunFailed: (Text("output", "output_ref", 500),),
    e.RunCancelled: (Text("output", "output_ref", 500),),
    e.EnvSelectFragments: (Text("query", None, 200),),
    e.SubQuerySubmit: (Text("prompt_preview", "prompt_ref", 100),),
    e.SubQueryReturn: (Text("result_preview", "result_ref", 200),),
    e.Aggregate: (Text("output_preview", "output_ref", 200),),
    e.RlmStart: (Text("query", "query_ref", 200),),
    e.RlmEnd: (Text("answer", "answer_ref", 200),),
    e.CellStart: (Text("code_preview", "code_ref", 200),),
    e.CellEnd: (
        Text("stdout_preview", "stdout_ref", 200),
        Text("stderr_preview", "stderr_ref", 200),
    ),
    e.ToolStart: (Text("args_preview", "args_ref", 200),),
    e.ToolEnd: (Text("result_preview", "result_ref", 200),),
    e.Note: (Text("message", None, 4000),),
}


def preview(text: str, limit: int) -> str:
    """The text, or its beginning and `...`: `limit` bytes of UTF-8 at most, whole characters."""
    if len(text) <= limit and (text.isascii() or len(text.encode(errors="replace")) <= limit):
        return text
    begun = text[: limit - 3]
    if begun.isascii():
        return begun + "..."
    return begun.encode(errors="replace")[: limit - 3].decode(errors="ignore") + "..."
