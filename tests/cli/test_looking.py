"""The commands that look at what was recorded."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import rlmboard
from rlmboard.folder import Home

Typing = Callable[..., Result]


def test_a_new_home_has_no_runs_and_says_so(type_in: Typing, home: Home) -> None:
    result = type_in("history")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"no runs in {home.path} yet; begin with: rlmboard run QUERY PATH\n"


def test_history_lists_the_newest_first_by_short_ids(type_in: Typing, home: Home) -> None:
    for query in ("the first", "the second"):
        with rlmboard.init(query, config={"method": "rlm-2"}):
            pass
    head, newest, oldest = type_in("history").stdout.splitlines()
    assert head.split() == ["RUN", "STATUS", "QUERY", "ANSWERED", "COST", "TIME", "BEGUN"]
    assert "the second" in newest and "the first" in oldest
    assert "✓ completed" in newest
    short = newest.split()[0]
    assert [run_id for run_id in home.run_ids() if run_id.startswith(short)] == [home.run_ids()[-1]]


def test_history_takes_the_filter_language_word_by_word(type_in: Typing) -> None:
    for n, accuracy in enumerate((0.5, 0.9)):
        with rlmboard.init(f"q{n}", config={"method": f"rlm-{n}"}, tags=["t"]) as run:
            run.log({"accuracy": accuracy})

    def found(*words: str) -> list[str]:
        runs = json.loads(type_in("history", *words, "--json").stdout)
        return [run["query"] for run in runs]

    assert found() == ["q1", "q0"]
    assert found("method:rlm-1") == ["q1"]
    assert found("-method:rlm-1", "tag:t") == ["q0"]
    assert found("accuracy>=0.6", "since:1h") == ["q1"]
    assert found("method:rlm-0 tag:t") == ["q0"]
    assert found("--sort", "accuracy") == ["q0", "q1"]
    assert found("--limit", "1") == ["q1"]


def test_a_bad_filter_says_where_in_what_was_typed(type_in: Typing) -> None:
    result = type_in("history", "cost>much")
    assert result.exit_code == 2
    assert "cost takes a number" in result.stderr
    assert "at character 6, near 'much'" in result.stderr


def test_archived_runs_are_left_out_until_asked_for(type_in: Typing, recorded: str) -> None:
    assert type_in("label", recorded, "--archive").exit_code == 0
    assert type_in("history").stdout == ""
    assert recorded[:8] in type_in("history", "--all").stdout
    assert recorded[:8] in type_in("history", "archived:yes").stdout
    rlmboard.init("Where are archived runs?", id="asks").finish()
    type_in("label", "asks", "--archive")
    assert "no runs match" in type_in("history", "archived").stderr
    type_in("label", recorded, "--unarchive")
    assert recorded[:8] in type_in("history").stdout


def test_show_draws_the_boxes_the_answer_and_the_settings(type_in: Typing, recorded: str) -> None:
    shown = type_in("show").stdout
    for part in ("FANOUT TIMELINE", "BUDGET", "QUORUM", "LATENCY", "QUERY Who holds the lock"):
        assert part in shown
    assert "3/3 collected" in shown
    assert re.search(r"^\[1\] .*owner\.md:3", shown, re.MULTILINE)
    assert re.search(r"^config     method rlm, .*fanout 10", shown, re.MULTILINE)
    assert re.search(r"^tags       #nightly$", shown, re.MULTILINE)
    assert max(map(len, shown.splitlines()[:10])) <= 100
    assert "\x1b" not in shown


def test_show_takes_a_unique_prefix_and_the_word_latest(type_in: Typing, recorded: str) -> None:
    for name in (recorded, recorded[:9], "latest"):
        assert json.loads(type_in("show", name, "--json").stdout)["id"] == recorded


def test_an_id_that_nobody_has_is_refused(type_in: Typing, recorded: str) -> None:
    for command in ("show", "tree", "verify", "watch", "cancel", "rm"):
        result = type_in(command, "nosuchrun")
        assert result.exit_code == 2, command
        assert "nosuchrun" in result.stderr


def test_a_prefix_of_two_runs_is_refused_with_both(type_in: Typing) -> None:
    for name in ("twin-a", "twin-b"):
        rlmboard.init("x", id=name).finish()
    result = type_in("show", "twin")
    assert result.exit_code == 2
    assert "twin-a" in result.stderr and "twin-b" in result.stderr


def test_show_says_what_a_run_could_not_record_and_where_it_is_damaged(
    type_in: Typing, home: Home, recorded: str
) -> None:
    with home.run(recorded).trace.open("ab") as trace:
        trace.write(b'{"run_id":"x","timestamp_ms":1,"event":{"ty\n')
    home.mark(recorded)
    assert "warning: 1 torn line in the trace" in type_in("show").stdout


ORDERS = "\x1b]0;owned\x07\x1b[2J\x9b31m\x08\x7f"


@pytest.fixture
def hostile(home: Home) -> Home:
    """A run in which whatever others may say gives orders to a terminal."""
    settings = {
        "name": f"[bold]x[/bold]{ORDERS}",
        "tags": [f"tag{ORDERS}"],
        "experiment": f"e{ORDERS}",
    }
    with rlmboard.init(f"{ORDERS}hello", id="hostile", **settings) as run:
        with run.subquery(f"p{ORDERS}", provider=f"red{ORDERS}", model=f"m{ORDERS}") as q:
            q.returned(f"gone{ORDERS}")
        with pytest.raises(ZeroDivisionError), run.subquery("p", provider=f"red{ORDERS}"):
            raise ZeroDivisionError(f"fault {ORDERS}")
        run.note(f"beware{ORDERS}", level="warning")
        run.log({f"metric{ORDERS}": 1.0})
        run.output = f"a{ORDERS}b [link=x]c[/link]"
    (home.path / f"log{ORDERS}.jsonl").write_text(ORDERS)
    return home


@pytest.mark.parametrize(
    "words",
    [
        "show",
        "show --json",
        "history",
        "history --json",
        "tree",
        "tree --json",
        "watch",
        "providers",
        "providers --json",
        "experiments",
        "search gone",
        "search gone --json",
        "verify",
        "doctor",
        "label --note x",
        "history unknown{}:1",
        "show no{}",
        "import log{}.jsonl",
        "export hostile --output no{}/where",
        "gateway --upstream ftp{}://x",
    ],
)
def test_texts_of_others_cannot_steer_the_terminal(
    type_in: Typing, hostile: Home, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(hostile.path)
    result = type_in(*(word.replace("{}", ORDERS) for word in words.split()))
    shown = result.stdout + result.stderr
    assert shown
    assert not {letter for letter in shown if letter < " " or "\x7f" <= letter < "\xa0"} - {"\n"}


def test_texts_of_others_are_shown_without_their_orders(type_in: Typing, hostile: Home) -> None:
    assert "ab [link=x]c[/link]" in type_in("show").stdout
    assert "[bold]x[/bold]" in type_in("history").stdout


def test_json_for_a_program_says_every_letter(type_in: Typing, hostile: Home) -> None:
    said = json.loads(type_in("show", "--json").stdout)
    assert said["name"] == f"[bold]x[/bold]{ORDERS}"


def test_unknown_costs_are_said_to_be_unknown(type_in: Typing) -> None:
    with rlmboard.init("q") as run:
        with run.subquery("a", provider="p") as q:
            q.returned("x")
        with run.subquery("b", provider="p") as q:
            q.returned("x", cost_sats=12)
    assert "≥ 12 sats" in type_in("history").stdout
    assert "≥ 12 sats (1 unknown)" in type_in("show").stdout
    with rlmboard.init("q") as run, run.subquery("a", provider="p") as q:
        q.returned("x")
    assert "unknown" in type_in("history", "--limit", "1").stdout.splitlines()[1]


def test_the_tree_says_what_each_one_found(type_in: Typing, recorded: str) -> None:
    lines = type_in("tree").stdout.splitlines()
    assert lines[0].startswith("root-query ───")
    assert any("extractor ── SpanRef[" in line for line in lines)
    assert any(line.endswith("extractor ── (no evidence)") for line in lines)
    assert "    └── verifier" in lines
    assert re.fullmatch(r"Depth: 2    Branches: 2    SpanRefs: \d+    Cost: 0 sats", lines[-1])


def test_watch_ends_when_the_run_has_ended(type_in: Typing, recorded: str) -> None:
    result = type_in("watch")
    assert result.exit_code == 0
    assert result.stdout == "completed, 4 of 4 sub-queries answered, cost 0 sats\n"


def test_watch_ends_with_the_exit_code_of_the_run(type_in: Typing) -> None:
    rlmboard.init("q").finish(exit_code=3)
    assert type_in("watch").exit_code == 1
    rlmboard.init("q").cancel()
    assert type_in("watch").exit_code == 130


def test_search_finds_words_in_answers(type_in: Typing, recorded: str) -> None:
    shown = type_in("search", "heartbeat").stdout
    assert recorded[:8] in shown and "heartbeat" in shown
    hits = json.loads(type_in("search", "heartbeat", "--json").stdout)
    assert {hit["run_id"] for hit in hits} == {recorded}
    nothing = type_in("search", "xylophone")
    assert (nothing.exit_code, nothing.stdout, nothing.stderr) == (0, "", "nothing found\n")


def test_providers_shows_the_leaderboard_and_marks_simulated_ones(
    type_in: Typing, texts: Path
) -> None:
    type_in("run", "Who?", texts, "--provider", "simulated", "--quorum", "best-effort")
    shown = type_in("providers", "--since", "7d").stdout
    assert shown.startswith("╭─ PROVIDER LEADERBOARD (last 7d)")
    rows = [line for line in shown.splitlines() if "swarm-" in line or "local-" in line]
    assert rows and all("simulated" in row for row in rows)
    as_json = json.loads(type_in("providers", "--sort", "success", "--json").stdout)
    assert {row["simulated"] for row in as_json} == {True}
    assert json.loads(type_in("providers", "--venue", "nowhere", "--json").stdout) == []
    assert type_in("providers", "--sort", "luck").exit_code == 2


def test_experiments_are_listed_and_compared(type_in: Typing) -> None:
    for method, accuracy in (("base", 0.72), ("rlm-2", 0.89)):
        with rlmboard.init("q", config={"method": method}, experiment="doc analysis") as run:
            run.log({"accuracy": accuracy, "loss": 1 - accuracy})
    assert re.match(r"doc analysis +2 runs  \d+s ago", type_in("experiments").stdout)
    shown = type_in("experiments", "doc analysis", "--sort", "-accuracy").stdout.splitlines()
    assert shown[0] == "EXPERIMENT doc analysis"
    assert shown[1].split() == ["RUN", "METHOD", "ACCURACY", "LOSS", "TIME", "COST", "TOKENS"]
    assert "rlm-2" in shown[2] and "0.89" in shown[2] and "0.11" in shown[2]
    assert len(json.loads(type_in("experiments", "doc analysis", "--json").stdout)) == 2


def test_an_experiment_is_named_exactly_whatever_its_name(type_in: Typing) -> None:
    for name in ('the "best" of*', "the "):
        rlmboard.init("q", experiment=name, id=f"of-{len(name)}").finish()
    found = json.loads(type_in("experiments", 'the "best" of*', "--json").stdout)
    assert [run["id"] for run in found] == ["of-14"]
    assert [run["id"] for run in json.loads(type_in("experiments", "the ", "--json").stdout)] == [
        "of-4"
    ]


def test_doctor_finds_nothing_wrong_with_a_sound_home(
    type_in: Typing, home: Home, recorded: str
) -> None:
    home.path.chmod(0o700)
    result = type_in("doctor")
    assert result.exit_code == 0
    assert "1 run" in result.stdout and "free" in result.stdout
    assert "✗" not in result.stdout and "→" not in result.stdout
    whole = type_in("doctor", recorded)
    assert whole.exit_code == 0, whole.stdout
    assert whole.stdout.startswith("✓ trace")


def test_doctor_knows_the_texts_of_a_run_that_has_only_long_ones(type_in: Typing) -> None:
    with rlmboard.init("What does it say?", id="long") as run:
        run.subquery("word " * 60_000, provider="p").returned("nothing")
    result = type_in("doctor", "long")
    assert (result.exit_code, "named by events" in result.stdout) == (0, False)


def test_doctor_finds_damage_orphans_and_what_is_gone(
    type_in: Typing, home: Home, recorded: str
) -> None:
    folder = home.run(recorded)
    with folder.trace.open("ab") as trace:
        trace.write(b"\x00\x01damage\n")
    folder.payloads.unlink()
    home.mark(recorded)
    home.mark("ghost")
    home.path.chmod(0o755)
    (home.runs / "empty").mkdir()
    result = type_in("doctor", "--json")
    assert result.exit_code == 1
    said = {(one["level"], one["subject"], one["text"]) for one in json.loads(result.stdout)}
    assert ("damage", "runs", f"with damaged lines in the trace: {recorded}") in said
    assert ("damage", "runs", "without config.json: empty") in said
    assert ("notice", "markers", "in live/ of runs that are not there: ghost") in said
    assert any(subject == "permissions" for _, subject, _ in said)
    one = type_in("doctor", recorded)
    assert one.exit_code == 1
    assert "is damaged" in one.stdout
    assert "are named by events and not there" in one.stdout


def test_doctor_says_that_a_home_is_no_folder(type_in: Typing, home: Home) -> None:
    home.path.write_text("a file")
    result = type_in("doctor")
    assert result.exit_code == 1
    assert "is no folder" in result.stdout and "✓" not in result.stdout


def test_doctor_names_runs_whose_owner_died(type_in: Typing, home: Home) -> None:
    run = rlmboard.init("q", id="orphan")
    run._recorder.writer.owner.release()  # type: ignore[union-attr]  as a kill would
    assert "interrupted: their owner died without an end: orphan" in type_in("doctor").stdout
    assert type_in("watch", "orphan").exit_code == 1
    run.finish()


def test_version_says_what_it_is(type_in: Typing) -> None:
    said = type_in("version").stdout
    assert said.startswith(f"rlmboard {rlmboard.__version__}, trace format 1, Python 3.")


def test_the_version_is_also_an_option(type_in: Typing) -> None:
    assert type_in("--version").stdout == f"rlmboard {rlmboard.__version__}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_each_shell(type_in: Typing, shell: str) -> None:
    script = type_in("completion", shell).stdout
    assert f"_RLMBOARD_COMPLETE={shell}_complete" in script


def test_the_shell_completes_run_ids_and_filter_keys(
    type_in: Typing, recorded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def completed(*words: str) -> str:
        monkeypatch.setenv("_RLMBOARD_COMPLETE", "bash_complete")
        monkeypatch.setenv("COMP_WORDS", " ".join(("rlmboard", *words)))
        monkeypatch.setenv("COMP_CWORD", str(len(words)))
        return type_in(complete_var="_RLMBOARD_COMPLETE", prog_name="rlmboard").stdout

    assert f"plain,{recorded}" in completed("show", recorded[:5]).splitlines()
    assert "plain,latest" in completed("show", "la").splitlines()
    assert "plain,status:" in completed("history", "sta").splitlines()
