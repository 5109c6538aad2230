"""The filter language: `method:rlm-2 cost>40 status:failed since:24h "text" -tag:draft`.

Terms stand side by side and must all hold; `-` before one denies it. A term is a word or a quoted
text to be searched for, or a key, an operator and a value: `key:value`, `=`, `!=`, `<`, `<=`, `>`,
`>=`. A value may be quoted, may list alternatives (`status:failed,cancelled`), and where it is text
may end in `*`. A key that is not among `KEYS` is a config key or a metric; `config.x` and
`metric.x` say which. Pure: the time is handed in.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from ..errors import BadFilter

Kind: TypeAlias = Literal["text", "number", "flag", "time", "ago"]
Operator: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">="]
Value: TypeAlias = str | float | int | bool


class Key(NamedTuple):
    """A key of the filter: the column it stands for, what its values are, and in which units.

    `times`: what a value is multiplied by to be in the units of the column.
    """

    column: str
    kind: Kind
    hint: str
    times: int = 1
    values: tuple[str, ...] = ()


_STATUSES = ("queued", "running", "completed", "failed", "cancelled", "interrupted")
_FLAG = ("yes", "no")

KEYS: dict[str, Key] = {
    "id": Key("run_id", "text", "run id or its beginning"),
    "name": Key("name", "text", "name of the run"),
    "status": Key("status", "text", "how it stands", values=_STATUSES),
    "experiment": Key("experiment", "text", "experiment it belongs to"),
    "tag": Key("tag", "text", "one of its tags"),
    "method": Key("method", "text", "how the task is attacked"),
    "model": Key("model", "text", "language model"),
    "sub_model": Key("sub_model", "text", "model of the sub-queries"),
    "provider": Key("provider", "text", "a provider that was asked"),
    "venue": Key("venue", "text", "where it was answered", values=("local", "swarm", "datacenter")),
    "dataset": Key("dataset", "text", "dataset of the task"),
    "task": Key("task_id", "text", "task of a benchmark"),
    "producer": Key("producer", "text", "what made the run"),
    "git": Key("git_sha", "text", "commit, or its beginning"),
    "branch": Key("git_branch", "text", "git branch"),
    "user": Key("user", "text", "who started it"),
    "host": Key("host", "text", "where it was started"),
    "parent": Key("parent_run_id", "text", "run that it is a part of"),
    "reason": Key("end_reason", "text", "why it ended"),
    "error": Key("error_type", "text", "class of the error it failed with"),
    "cost": Key("cost_msat", "number", "cost in sats, as recorded", 1000),
    "cost_usd": Key("cost_usd_nanos", "number", "cost in dollars, as recorded", 10**9),
    "tokens": Key("tokens", "number", "input and output tokens"),
    "duration": Key("duration_ms", "number", "seconds, or 500ms, 2s, 3m, 1h", 1000),
    "fragments": Key("fragments", "number", "pieces of input"),
    "sub_queries": Key("sub_queries", "number", "sub-queries asked"),
    "returned": Key("returned", "number", "sub-queries answered"),
    "failed": Key("failed", "number", "sub-queries failed"),
    "timed_out": Key("timed_out", "number", "sub-queries timed out"),
    "attempts": Key("attempts", "number", "attempts made"),
    "retries": Key("retries", "number", "attempts made again"),
    "hedges": Key("hedges", "number", "second attempts beside slow ones"),
    "depth": Key("max_depth", "number", "depth of the recursion"),
    "iterations": Key("iterations", "number", "turns taken"),
    "citations": Key("citations", "number", "SpanRefs of the answer"),
    "missing": Key("citations_missing", "number", "citations that failed their check"),
    "unknown_cost": Key("unknown_cost", "number", "attempts of unknown cost"),
    "lost": Key("lost", "number", "events that could not be written"),
    "holes": Key("holes", "number", "damaged lines of the trace"),
    "star": Key("star", "flag", "starred", values=_FLAG),
    "archived": Key("archived", "flag", "archived", values=_FLAG),
    "simulated": Key("simulated", "flag", "answered by simulated providers", values=_FLAG),
    "partial": Key("partial", "flag", "ended with a partial answer", values=_FLAG),
    "presumed": Key("presumed", "flag", "interrupted, as far as one can see", values=_FLAG),
    "since": Key("created_at_ms", "ago", "started after: 24h, 7d, 2026-11-01"),
    "until": Key("created_at_ms", "ago", "started before: 24h, 7d, 2026-11-01"),
    "started": Key("created_at_ms", "time", "when it started: 2026-11-01"),
    "ended": Key("ended_at_ms", "time", "when it ended: 2026-11-01"),
}


class Words(msgspec.Struct, frozen=True):
    """The run's query, name or output holds the word; with `phrase` exactly this text."""

    text: str
    phrase: bool = False
    denied: bool = False


class Compare(msgspec.Struct, frozen=True):
    """The value of a key is as said, for one of `values`; text may end in `*`.

    `scope`: the key is a column of the run, a config key, a metric, or either of the last two.
    `few`: so few values are as said that listing them costs less than a look at each run.
    """

    key: str
    operator: Operator
    values: tuple[Value, ...]
    scope: Literal["run", "config", "metric", "any"] = "run"
    denied: bool = False
    few: bool = False


class Shares(msgspec.Struct, frozen=True):
    """The run has exactly this value of a column or a setting; None: it has none.

    Not of the language: it is how the runs of a group are asked for.
    """

    key: str
    value: str | float | None


Term: TypeAlias = Words | Compare | Shares

_TERM = re.compile(
    r"""\s*(?P<minus>-?)
    (?: "(?P<phrase>[^"]*)(?P<closed>"?)
      | (?P<key>[A-Za-z_][\w./-]*?)(?P<operator>!=|<=|>=|:|=|<|>)(?P<value>(?:"[^"]*"|[^\s"])*)
      | (?P<word>[^\s"]+)
    )""",
    re.VERBOSE,
)
_AMOUNT = re.compile(r"(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)(ms|s|m|h|d|w)?", re.IGNORECASE)
MOST_VALUES = 500
"""Words and values of one filter: SQLite reads conditions to a certain depth only."""
FAR_MS = 1 << 53
_UNIT_S = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def parse(text: str, now_ms: int) -> tuple[Term, ...]:
    """The terms of a filter. Raises BadFilter, which says where and what to write instead."""
    terms: list[Term] = []
    position = 0
    while text[position:].strip():
        found = _TERM.match(text, position)
        if found is None or found.end() == position:
            raise _bad("here a word or key:value should stand", text, position)
        terms.append(_term(found, text, now_ms))
        if sum(map(_size, terms)) > MOST_VALUES:
            raise _bad(f"these are more than {MOST_VALUES} words and values", text, position)
        position = found.end()
    return tuple(terms)


def _size(term: Term) -> int:
    return len(term.values) if isinstance(term, Compare) else 1


def _term(found: re.Match[str], text: str, now_ms: int) -> Term:
    denied = bool(found["minus"])
    if found["phrase"] is not None:
        if not found["closed"]:
            raise _bad('a quote " is not closed', text, found.start("phrase") - 1)
        return Words(found["phrase"], True, denied)
    if found["word"] is not None:
        if found["word"][0] in ":=<>!":
            raise _bad("a key is missing before the operator", text, found.start("word"))
        return Words(found["word"], False, denied)
    return _compare(found, text, now_ms, denied)


def _compare(found: re.Match[str], text: str, now_ms: int, denied: bool) -> Compare:
    key, value, at = found["key"], found["value"], found.start("value")
    operator = _operator(found["operator"])
    if not value:
        raise _bad(f"a value is missing after {key}{found['operator']}", text, at)
    alternatives = _alternatives(value)
    known = KEYS.get(key)
    if known is None:
        scope, name = _scope(key)
        loose = tuple(_loose(one) for one in alternatives)
        return Compare(name, operator, loose, scope, denied)
    if known.kind == "ago":
        operator = ">=" if key == "since" else "<"
    if known.kind in ("text", "flag") and operator not in ("=", "!="):
        raise _bad(f"{key} is no number: use {key}:value", text, found.start("operator"))
    values = tuple(_value(key, known, one, text, at, now_ms) for one in alternatives)
    if len(values) > 1 and operator not in ("=", "!="):
        raise _bad(f"{key}{operator} takes one value", text, at)
    return Compare(key, operator, values, "run", denied)


def _value(key: str, known: Key, value: str, text: str, at: int, now_ms: int) -> Value:
    if known.kind == "text":
        if key == "status" and value not in known.values and not value.endswith("*"):
            raise _bad(f"status is one of {', '.join(known.values)}", text, at)
        return value
    if known.kind == "flag":
        if value.lower() in ("yes", "true", "1"):
            return True
        if value.lower() in ("no", "false", "0"):
            return False
        raise _bad(f"{key} is yes or no", text, at)
    if known.kind == "number":
        number = seconds(value) if key == "duration" else _number(value)
        if number is None:
            raise _bad(f"{key} takes a number: {known.hint}", text, at)
        return number * known.times
    at_ms = moment(value, now_ms)
    if at_ms is None:
        raise _bad(f"{key} takes a time such as 24h, 7d or 2026-11-01", text, at)
    return at_ms


def _alternatives(value: str) -> list[str]:
    if value.startswith('"'):
        return [value.strip('"')]
    return [one.strip('"') for one in value.split(",") if one.strip('"')] or [value]


def _scope(key: str) -> tuple[Literal["config", "metric", "any"], str]:
    if key.startswith("config."):
        return "config", key.removeprefix("config.")
    if key.startswith("metric."):
        return "metric", key.removeprefix("metric.")
    return "any", key


def _operator(written: str) -> Operator:
    return "=" if written == ":" else written  # type: ignore[return-value]


def _loose(value: str) -> Value:
    """A value of which only the run knows what it should be."""
    number = _number(value)
    if number is not None:
        return number
    return {"true": True, "false": False}.get(value.lower(), value)


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if abs(number) < 1e300 else None


def seconds(value: str) -> float | None:
    """`2s`, `3m`, `24h`, `7d`, `500ms`, or a number of seconds; None when it is none of these."""
    found = _AMOUNT.fullmatch(value)
    if found is None:
        return None
    return float(found[1]) * _UNIT_S[(found[2] or "s").lower()]


def moment(value: str, now_ms: int) -> int | None:
    """A time in ms since 1970: `24h` is so long ago, `2026-11-01` its first moment (UTC)."""
    found = _AMOUNT.fullmatch(value)
    if found is not None and found[2]:
        ago_ms = float(found[1]) * _UNIT_S[found[2].lower()] * 1000
        return now_ms - round(ago_ms) if abs(ago_ms) < FAR_MS else None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)


def _bad(what: str, text: str, position: int) -> BadFilter:
    near = text[position : position + 20] or "the end"
    known = ", ".join(KEYS)
    return BadFilter(
        f"filter: {what} (at character {position + 1}, near '{near}'). "
        f"Keys are {known}; other keys are settings and metrics.",
        position,
    )
