"""`pylon rlm`: the design document's commands under its ancestor's flags."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from rlmboard.cli.pylon import main as pylon
from rlmboard.folder import Home
from rlmboard.store import Store

Typing = Callable[..., Result]
QUERY = "Who holds the lock of a run?"


def test_a_question_is_asked_and_recorded(type_in: Typing, texts: Path, home: Home) -> None:
    result = type_in(
        "rlm", QUERY, "--file", texts, "--budget", "100", "--log", program=pylon
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert "holds a lock" in result.stdout
    config = Store(home).run("latest").row.config
    assert (config.budget_sats, config.fanout, config.chunk_size) == (100, 10, 2000)
    assert (config.per_query_timeout_s, config.timeout_s) == (60.0, None)


def test_each_of_the_ancestors_flags_has_its_effect(
    type_in: Typing, texts: Path, home: Home
) -> None:
    result = type_in(
        "rlm", "--fanout", "3", "--chunk-size", "64", "--timeout", "5", "--backend", "simulated",
        QUERY, "--file", texts / "owner.md", "--file", texts / "recorder.md", program=pylon,
    )  # fmt: skip
    row = Store(home).run("latest").row
    assert row.summary.fragments is not None and row.summary.fragments > 2
    assert row.summary.simulated
    assert (row.config.fanout, row.config.per_query_timeout_s) == (3, 5.0)
    assert "(simulated)" in result.stderr


def test_logging_can_be_switched_off(type_in: Typing, texts: Path, home: Home) -> None:
    result = type_in("rlm", QUERY, "--file", texts, "--no-log", program=pylon)
    assert result.exit_code == 0
    assert home.run_ids() == []


def test_history_shows_ids_by_which_a_run_can_be_named(
    type_in: Typing, texts: Path, home: Home
) -> None:
    type_in("rlm", QUERY, "--file", texts, program=pylon)
    shown = type_in("rlm", "history", "--limit", "5", program=pylon).stdout.splitlines()
    short = shown[1].split()[0]
    assert type_in("rlm", "show", short, program=pylon).exit_code == 0
    assert type_in("rlm", "verify", short, program=pylon).exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("rlm", QUERY, "--relay", "wss://example.org"), "--relay needs the swarm"),
        (("rlm", "sync", "latest"), "sync is not in this version"),
        (
            ("rlm", QUERY, "--local-only", "--backend", "simulated"),
            "would be asked; choose a local",
        ),
        (("rlm", QUERY, "--backend", "codex"), "there is no provider 'codex'"),
    ],
)
def test_what_is_not_to_be_had_exits_with_2_and_one_line(
    type_in: Typing, words: tuple[str, ...], said: str
) -> None:
    result = type_in(*words, program=pylon)
    assert result.exit_code == 2
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_local_only_lets_the_built_in_provider_answer(type_in: Typing, texts: Path) -> None:
    result = type_in("rlm", QUERY, "--file", texts, "--local-only", program=pylon)
    assert result.exit_code == 0


def test_the_help_names_the_flags(type_in: Typing) -> None:
    shown = type_in("rlm", "ask", "--help", program=pylon).stdout
    for flag in ("file", "fanout", "budget", "local-only", "backend", "relay", "chunk-size"):
        assert re.search(rf"--{flag}\b", shown)
    assert "ask" in type_in("rlm", "--help", program=pylon).stdout
