"""`rlmboard run`, carried out for real over real files."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

import rlmboard
from rlmboard.cli.commands.run import run as run_command
from rlmboard.conductor import Settings
from rlmboard.folder import Home
from rlmboard.sources import check_all
from rlmboard.store import Store

Typing = Callable[..., Result]
QUERY = "Who holds the lock of a run?"


def told(result: Result) -> dict[str, Any]:
    """What `--json` printed: one object and nothing else."""
    said: dict[str, Any] = json.loads(result.stdout)
    return said


def test_the_answer_goes_to_stdout_and_everything_else_beside_it(
    type_in: Typing, texts: Path, home: Home
) -> None:
    result = type_in("run", QUERY, texts)
    assert result.exit_code == 0
    assert result.stdout.startswith("Extractive answer (no language model):\n")
    assert '"The owner of a run holds a lock on its heartbeat.' in result.stdout
    assert re.search(r"^\[1\] .*owner\.md:3", result.stdout, re.MULTILINE)
    (run_id,) = home.run_ids()
    first, *_, facts, then = result.stderr.splitlines()
    assert first == f"run {run_id}: 3 fragments of 3 files, asking extractive"
    assert facts.startswith("✓ completed · 4/4 sub-queries · 1/1 citation verified · 0 sats · ")
    assert facts.endswith(f"ms · run {run_id}")
    assert then == f"next: rlmboard show {run_id}"


def test_the_run_is_recorded_as_it_was_asked_for(type_in: Typing, texts: Path, home: Home) -> None:
    result = type_in(
        "run", QUERY, texts, "--quorum", "80%", "--fanout", "3", "--chunk-size", "200",
        "--max-depth", "2", "--timeout", "2m", "--per-query-timeout", "5", "--hedge", "p95",
        "--budget", "100", "--budget-usd", "0.5", "--verification", "citations",
        "--routing", "cheapest", "--method", "rlm-2", "--experiment", "trial", "--tag", "a",
        "--tag", "b", "--seed", "7", "--name", "first", "--notes", "try", "--select", "bm25",
        "--top-k", "1", "--max-attempts", "4", "--max-tokens", "99", "--json",
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    row = Store(home).run(told(result)["run_id"]).row
    config = row.config.flat()
    expected = {
        "method": "rlm-2", "quorum": 0.8, "fanout": 3, "chunk_size": 200, "max_depth": 2,
        "timeout_s": 120.0, "per_query_timeout_s": 5.0, "hedge_after": "p95", "budget_sats": 100,
        "budget_usd": 0.5, "verification": "citations", "routing": "cheapest", "seed": 7,
        "experiment": "trial", "tags": ("a", "b"), "name": "first", "notes": "try",
        "select": "bm25", "top_k": 1, "max_attempts": 4, "max_tokens": 99,
        "providers": ["extractive"], "prices": "built-in",
    }  # fmt: skip
    assert {name: config.get(name) for name in expected} == expected
    assert (row.experiment, row.tags, row.name) == ("trial", ("a", "b"), "first")
    assert row.producer == "conductor"
    assert row.summary.selected == 1


def test_one_json_object_says_what_show_says_later(
    type_in: Typing, texts: Path, home: Home
) -> None:
    result = type_in(
        "run", QUERY, texts, "--provider", "simulated", "--seed", "3", "--budget", "100",
        "--quorum", "best-effort", "--per-query-timeout", "0.4", "--json",
    )  # fmt: skip
    said = told(result)
    run = Store(home).run(said["run_id"])
    row = run.row.summary
    assert said["counts"] == {
        "fragments": row.fragments,
        "sub_queries": row.sub_queries,
        "returned": row.returned,
        "failed": row.failed,
        "timed_out": row.timed_out,
        "cancelled": row.cancelled,
        "attempts": row.attempts,
    }
    assert said["cost"] == {
        "msat": row.cost_msat, "usd_nanos": row.cost_usd_nanos, "unknown": row.unknown_cost
    }  # fmt: skip
    assert said["status"] == run.row.status
    assert said["answer"] == run.output()
    assert [span["path"] for span in said["span_refs"]] == [s.path for s in row.span_refs]
    assert said["simulated"] is row.simulated is True
    assert said["lost"] == 0


def test_every_citation_of_the_answer_holds(type_in: Typing, texts: Path, home: Home) -> None:
    said = told(type_in("run", QUERY, texts, "--json"))
    run = Store(home).run(said["run_id"])
    record = run.record()
    assert record is not None
    checks = check_all(run.row.summary.span_refs, record.root)
    assert checks and all(check.holds for check in checks)


def test_no_log_records_nothing_and_still_answers(type_in: Typing, texts: Path, home: Home) -> None:
    result = type_in("run", QUERY, texts, "--no-log")
    assert result.exit_code == 0
    assert "lock" in result.stdout
    assert not home.path.exists()
    assert "not recorded" in result.stderr
    assert "next:" not in result.stderr
    assert told(type_in("run", QUERY, texts, "--no-log", "--json"))["run_id"] is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_that_is_read_only_does_not_stop_the_run(
    type_in: Typing, texts: Path, tmp_path: Path
) -> None:
    (tmp_path / "sealed").mkdir(mode=0o500)
    result = type_in("--home", tmp_path / "sealed" / "home", "run", QUERY, texts)
    assert result.exit_code == 0
    assert result.stderr.count("warning: this run is not recorded") == 1


def test_a_home_that_cannot_be_written_is_said_once_and_the_run_goes_on(
    type_in: Typing, texts: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("not a folder")
    result = type_in("--home", tmp_path / "file" / "home", "run", QUERY, texts)
    assert result.exit_code == 0
    assert "lock" in result.stdout
    assert result.stderr.count("warning:") == 1
    assert "this run is not recorded: cannot write to" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_quorum_that_cannot_be_met_fails_with_what_is_known(
    type_in: Typing, texts: Path, home: Home
) -> None:
    home.path.mkdir(parents=True)
    (home.path / "providers.toml").write_text(
        '[weak]\nkind = "simulated"\nfailure_rate = 1.0\nvenue = "swarm"\n'
    )
    result = type_in("run", QUERY, texts, "--provider", "weak", "--max-attempts", "1")
    assert result.exit_code == 1
    assert "failed (quorum)" in result.stderr
    assert "QuorumNotMet: 0 of 3 sub-queries succeeded" in result.stderr
    assert Store(home).run("latest").row.status == "failed"


def test_a_budget_that_is_used_up_fails_and_is_never_overdrawn(
    type_in: Typing, texts: Path, home: Home
) -> None:
    home.path.mkdir(parents=True)
    (home.path / "providers.toml").write_text(
        '[dear]\nkind = "simulated"\ninput_sats = 1000000\noutput_sats = 1000000\n'
    )
    result = type_in("run", QUERY, texts, "--provider", "dear", "--budget", "1", "--json")
    assert result.exit_code == 1
    said = told(result)
    assert said["end_reason"] == "budget"
    assert (said["cost"]["msat"] or 0) <= 1_000


@pytest.mark.parametrize("flag", ["--budget", "--budget-usd"])
def test_a_budget_beyond_counting_is_refused(type_in: Typing, texts: Path, flag: str) -> None:
    refused = type_in("run", QUERY, texts, flag, "1e400")
    assert refused.exit_code == 2
    assert f"{flag} 1e400 is more than can be counted" in refused.stderr


def test_a_provider_without_a_price_is_refused_under_a_budget_unless_allowed(
    type_in: Typing, texts: Path, home: Home
) -> None:
    home.path.mkdir(parents=True)
    (home.path / "providers.toml").write_text('[lab]\nkind = "simulated"\n')
    refused = type_in("run", QUERY, texts, "--provider", "lab", "--budget", "5")
    assert refused.exit_code in (1, 2)
    allowed = type_in(
        "run", QUERY, texts, "--provider", "lab", "--budget", "5", "--allow-unknown-cost"
    )
    assert allowed.exit_code == 0
    assert "unknown" in allowed.stderr


def test_simulated_providers_are_marked(type_in: Typing, texts: Path) -> None:
    result = type_in("run", QUERY, texts, "--provider", "simulated", "--quorum", "best-effort")
    first, *_ = result.stderr.splitlines()
    assert "(simulated)" in first
    assert "· simulated ·" in result.stderr


def test_a_schema_is_the_rule_of_the_objective_tier(
    type_in: Typing, texts: Path, tmp_path: Path
) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text('{"type": "object", "required": ["answer"]}')
    result = type_in("run", QUERY, texts, "--schema", schema)
    assert result.exit_code == 1
    assert "failed (quorum)" in result.stderr


def test_payloads_none_keeps_no_word_of_the_texts(type_in: Typing, texts: Path, home: Home) -> None:
    said = told(type_in("run", QUERY, texts, "--payloads", "none", "--json"))
    folder = home.run(said["run_id"])
    kept = b"".join(path.read_bytes() for path in folder.path.rglob("*") if path.is_file())
    assert b"holds a lock" not in kept
    assert QUERY.encode() not in folder.trace.read_bytes()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", ""), "the query is empty"),
        (("run", QUERY, "nowhere"), "there is no file or folder nowhere"),
        (("run", QUERY, ".", "--quorum", "most"), "quorum 'most' makes no sense"),
        (("run", QUERY, ".", "--budget", "lots"), "--budget 'lots' is no amount"),
        (("run", QUERY, ".", "--budget", "-1"), "--budget -1 is negative"),
        (("run", QUERY, ".", "--verification", "hope"), "verification 'hope' makes no sense"),
        (("run", QUERY, ".", "--fanout", "0"), "fanout is 0; it must be"),
        (("run", QUERY, ".", "--chunk-size", "1"), "chunk_size is 1; it must be"),
        (("run", QUERY, ".", "--provider", "oracle"), "there is no provider 'oracle'; known are"),
        (("run", QUERY, ".", "--model", "m"), "extractive cannot be asked for another model"),
        (("run", QUERY, ".", "--max-fragments", "2"), "3 fragments of 3 files"),
        (("run", QUERY, ".", "--timeout", "soon"), "'soon' is no time"),
        (("run", QUERY, ".", "--hedge", "late"), "'late': say p95"),
        (("run", QUERY, ".", "--schema", "no.json"), "--schema no.json cannot be read"),
        (("run",), "Missing argument 'QUERY'"),
        (("run", QUERY, "--no-such"), "No such option"),
    ],
)
def test_bad_input_exits_with_2_and_one_clear_message(
    type_in: Typing, texts: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(texts)
    result = type_in(*words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_a_bad_providers_file_is_named_with_line_and_reason(
    type_in: Typing, texts: Path, home: Home
) -> None:
    home.path.mkdir(parents=True)
    (home.path / "providers.toml").write_text('[lab]\nkind = "openai"\nmodle = "x"\n')
    result = type_in("run", QUERY, texts)
    assert result.exit_code == 2
    assert re.search(r"^error: .*providers\.toml line 3: .*modle", result.stderr)


def test_inside_a_recorded_program_it_is_a_run_of_its_own(
    type_in: Typing, texts: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with rlmboard.init("outer") as outer:
        for name, value in outer.env.items():
            monkeypatch.setenv(name, value)
        run_id = told(type_in("run", QUERY, texts, "--json"))["run_id"]
    assert run_id != outer.id
    row = Store(home).run(run_id).row
    assert (row.status, row.parent_run_id) == ("completed", outer.id)


def test_an_empty_folder_is_nothing_to_read(type_in: Typing, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = type_in("run", QUERY, tmp_path / "empty")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: nothing to read in")


def test_without_a_path_the_current_folder_is_read(
    type_in: Typing, texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(texts)
    assert told(type_in("run", QUERY, "--json"))["counts"]["fragments"] == 3


def test_a_name_that_is_not_utf_8_is_read_and_cited(
    type_in: Typing, texts: Path, home: Home
) -> None:
    name = os.fsencode(texts) + b"/caf\xe9.md"
    Path(os.fsdecode(name)).write_text("A run has a lock that its owner holds.\n")
    result = type_in("run", QUERY, texts)
    assert result.exit_code == 0
    assert r"caf\xe9.md" in result.stdout
    assert type_in("verify").exit_code == 0


def test_the_defaults_in_the_help_are_those_of_the_conductor() -> None:
    settings = Settings()
    for option in run_command.params:
        field = {"timeout": "timeout_s", "per_query_timeout": "per_query_timeout_s"}.get(
            str(option.name), str(option.name)
        )
        shown = re.search(r"\[(\d+)\]$", getattr(option, "help", None) or "")
        if shown:
            assert float(shown[1]) == float(getattr(settings, field)), option.name
