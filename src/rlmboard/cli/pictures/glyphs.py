"""The signs that pictures are made of, in Unicode and in plain ASCII. A state has a shape of its
own, so that no picture needs colour to be read."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len, set_cell_size


@dataclass(frozen=True)
class State:
    """How a state looks: its sign, what its bar is filled with, and its colour."""

    sign: str
    bar: str
    style: str


@dataclass(frozen=True)
class Glyphs:
    """One set of signs. `unicode` and `ascii` are all there are."""

    states: dict[str, State]
    levels: str
    full: str
    reserved: str
    empty: str
    arrow: str
    at_least: str
    dash: str
    star: str
    more: str
    live: str
    branch: str
    last_branch: str
    trunk: str
    joint: str
    box: box.Box

    def state(self, status: str) -> State:
        return self.states.get(status, self.states["submitted"])


UNICODE = Glyphs(
    states={
        "returned": State("✓", "█", "green"),
        "completed": State("✓", "█", "green"),
        "verified": State("✓", "█", "green"),
        "moved": State("→", "█", "yellow"),
        "running": State("▸", "━", "cyan"),
        "submitted": State("·", "·", "dim"),
        "queued": State("·", "·", "dim"),
        "timeout": State("⏱", "╱", "yellow"),
        "failed": State("✗", "▚", "red"),
        "changed": State("✗", "▚", "red"),
        "missing": State("?", "▚", "red"),
        "cancelled": State("⊘", "┄", "magenta"),
        "interrupted": State("⊘", "┄", "magenta"),
    },
    levels="▁▂▃▄▅▆▇█",
    full="█",
    reserved="▒",
    empty="░",
    arrow="→",
    at_least="≥",
    dash="–",
    star="★",
    more="…",
    live="◉",
    branch="├── ",
    last_branch="└── ",
    trunk="│   ",
    joint=" ── ",
    box=box.ROUNDED,
)

ASCII = Glyphs(
    states={
        "returned": State("ok", "#", "green"),
        "completed": State("ok", "#", "green"),
        "verified": State("ok", "#", "green"),
        "moved": State("->", "#", "yellow"),
        "running": State(">", "=", "cyan"),
        "submitted": State(".", ".", "dim"),
        "queued": State(".", ".", "dim"),
        "timeout": State("T", "/", "yellow"),
        "failed": State("X", "x", "red"),
        "changed": State("X", "x", "red"),
        "missing": State("?", "x", "red"),
        "cancelled": State("-", "-", "magenta"),
        "interrupted": State("-", "-", "magenta"),
    },
    levels="_.,:-=+#",
    full="#",
    reserved="+",
    empty=".",
    arrow="->",
    at_least=">=",
    dash="-",
    star="*",
    more="...",
    live="*",
    branch="|-- ",
    last_branch="`-- ",
    trunk="|   ",
    joint=" -- ",
    box=box.ASCII,
)


def glyphs_for(encoding: str | None) -> Glyphs:
    """The set that a terminal of this encoding can show."""
    try:
        "█✓⏱→≥╱".encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return UNICODE


_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|\x1b[\]PX^_][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)"  # OSC, DCS and their like, with their end
    r"|\x1b[ -/]*[0-~]?"
)
_HARMFUL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff"  # what controls, and what no encoding has
    r"\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]"  # what turns the direction of text
)


def clean(text: str) -> str:
    """Text from models and files, harmless to a terminal: no escapes, no control characters."""
    return disarmed(_ESCAPES.sub("", text)) if _HARMFUL.search(text) else text


def disarmed(text: str) -> str:
    """The text without the characters that control; what is left of an escape shows."""
    return _HARMFUL.sub("", text)


def in_json(text: str) -> str:
    """The same JSON, harmless to a terminal: what controls is written as its number."""
    return _HARMFUL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def one_line(text: str) -> str:
    """The text clean and on one line."""
    return " ".join(clean(text).split())


def fit(text: str, width: int, more: str = "…", right: bool = False) -> str:
    """One line of exactly `width` cells: cut with `more`, or filled with blanks."""
    if width <= 0:
        return ""
    if cell_len(text) > width:
        room = max(width - cell_len(more), 0)
        return set_cell_size(set_cell_size(text, room).rstrip() + more, width)
    blanks = " " * (width - cell_len(text))
    return blanks + text if right else text + blanks


def fit_end(text: str, width: int, more: str = "…") -> str:
    """Like `fit`, but of a text that is too long the end stays: places are told apart by it."""
    if cell_len(text) <= width:
        return fit(text, width)
    kept = text
    while kept and cell_len(more + kept) > width:
        kept = kept[1:]
    return fit(more + kept, width)
