"""What is shown where, and what is not."""

from __future__ import annotations

import io

import pytest
from rich.live import Live
from rich.table import Table
from rich.text import Text

from rlmboard.cli.terminal import Progressing, Terminal

HOSTILE = "\x1b]52;c;b3duZWQ=\x07a\x1b[2J\x9b31mb\x08\r\x7f\u202ec"


class Screen(io.StringIO):
    """A stream that says of itself that it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    return Screen()


def test_long_work_shows_how_far_how_fast_and_how_long_yet(screen: Screen) -> None:
    with Progressing(Terminal(screen), "indexing", "runs", after_s=0) as told:
        told(250, 1_000)
        told(500, 1_000)
    shown = screen.getvalue()
    assert "indexing" in shown and "500/1,000 runs" in shown
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h") > 0


def test_bytes_are_shown_as_sizes(screen: Screen) -> None:
    with Progressing(Terminal(screen), "copying", "bytes", after_s=0) as told:
        told(2_000_000, 4_000_000)
    assert "2.0/4.0 MB" in screen.getvalue()


def test_short_work_shows_no_bar(screen: Screen) -> None:
    with Progressing(Terminal(screen), "indexing", "runs", after_s=60) as told:
        told(1, 2)
    assert screen.getvalue() == ""


def test_elsewhere_than_in_a_terminal_there_is_no_bar() -> None:
    file = io.StringIO()
    with Progressing(Terminal(file), "indexing", "runs", after_s=0) as told:
        told(1, 2)
    assert file.getvalue() == ""


def test_what_is_no_terminal_gets_a_width_of_its_own_unless_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert Terminal(io.StringIO()).width == 100
    monkeypatch.setenv("COLUMNS", "66")
    assert Terminal(io.StringIO()).width == 66


def test_a_line_is_never_broken_however_long(screen: Screen) -> None:
    for stream in (io.StringIO(), screen):
        Terminal(stream).line("[x]" * 100)
        assert stream.getvalue() == "[x]" * 100 + "\n"


def test_no_text_steers_a_terminal_whichever_way_it_is_shown(screen: Screen) -> None:
    terminal = Terminal(screen)
    terminal.show(HOSTILE, Text(HOSTILE))
    terminal.line(HOSTILE)
    terminal.data(HOSTILE)
    table = Table(HOSTILE)
    table.add_row(HOSTILE)
    with Live(table, console=terminal.console, auto_refresh=False) as live:
        terminal.line(HOSTILE)
        live.refresh()
    shown = screen.getvalue()
    assert shown.count("abc") == 3  # a line, data, a line above the picture
    assert shown.count("]52;c;b3duZWQ=a[2J31mbc") >= 4  # parts of a picture
    assert not set("\x07\x08\x7f\x9b\u202e") & set(shown)
    assert "\x1b]" not in shown and "\x1b[2J" not in shown and "\x1b[31m" not in shown


def test_lines_for_a_pipe_are_clean_and_data_is_as_it_is() -> None:
    pipe = io.StringIO()
    Terminal(pipe).line(HOSTILE)
    Terminal(pipe).data(HOSTILE)
    assert pipe.getvalue() == "abc\n" + HOSTILE
