"""How far an answer is believed: tiers of verification, and the rules they hold answers against."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias

import fastjsonschema
import msgspec

from ..errors import BadInput

Tier: TypeAlias = Literal["none", "redundancy", "objective", "citations"]

_REDUNDANCY = re.compile(r"(\d+)/(\d+)(?:@(\d*\.?\d+))?")
_CITATION = re.compile(r"\[[^\[\]]*:\d+(?:-\d+)?\]")
_WORD = re.compile(r"\w+")
_SHORT_CHARS = 100


class Verification(msgspec.Struct, frozen=True):
    """What an answer must pass to count.

    redundancy: `workers` answer each fragment and `agreeing` of them must be `threshold` alike.
    objective: the answer fits `schema`, or its SHA-256 is `sha256`.
    citations: it cites, and every span that it cites exists and still has its hash.
    """

    tier: Tier = "none"
    workers: int = 1
    agreeing: int = 1
    threshold: float = 0.8
    schema: dict[str, Any] | None = None
    sha256: str | None = None

    @property
    def replicas(self) -> int:
        return self.workers if self.tier == "redundancy" else 1


NO_VERIFICATION = Verification()


def parse_verification(text: str) -> Verification:
    """A tier from its text.

    `none`, `citations`, `redundancy`, `redundancy:3/2@0.8` (workers, how many agree, how alike),
    `objective:{a JSON Schema}` or `objective:sha256:<hex>`.
    """
    name, _, rest = text.strip().partition(":")
    match name.lower(), rest.strip():
        case "none", "":
            return NO_VERIFICATION
        case "citations", "":
            return Verification("citations")
        case "redundancy", said:
            return _redundancy(said or "3/2@0.8")
        case "objective", said:
            return _objective(said)
        case "attestation" | "validated", _:
            raise BadInput(
                f"verification {name!r} needs validators of the swarm, which cannot be asked here:"
                " say none, redundancy, objective or citations"
            )
    raise BadInput(
        f"verification {text!r} makes no sense: say none, redundancy:3/2@0.8,"
        " objective:<JSON Schema or sha256:hex>, or citations"
    )


def _redundancy(said: str) -> Verification:
    found = _REDUNDANCY.fullmatch(said)
    workers, agreeing = (int(found[1]), int(found[2])) if found else (0, 0)
    threshold = float(found[3] or 0.8) if found else 0.0
    if not (1 <= agreeing <= workers <= 100 and 0 < threshold <= 1):
        raise BadInput(
            f"redundancy {said!r} makes no sense: say workers/agreeing@likeness, such as 3/2@0.8"
        )
    return Verification("redundancy", workers, agreeing, threshold)


def _objective(said: str) -> Verification:
    if said.lower().startswith("sha256:"):
        digest = said[7:].strip().lower()
        if not re.fullmatch(r"[0-9a-f]{64}", digest):
            raise BadInput("objective sha256 must be followed by 64 hexadecimal digits")
        return Verification("objective", sha256=digest)
    try:
        schema = json.loads(said)
    except ValueError as error:
        raise BadInput(f"objective needs a JSON Schema: {error}") from None
    if not isinstance(schema, dict):
        raise BadInput("objective needs a JSON Schema that is an object")
    _compiled(schema)
    return Verification("objective", schema=schema)


# ------------------------------------------------------------------ objective

Rule: TypeAlias = Callable[[str], str | None]
"""What is wrong with an answer; None when it passes."""


def objective_rule(verification: Verification) -> tuple[str, Rule]:
    """The name of the check, as events have it, and the check."""
    if verification.sha256 is not None:
        return "hash", _hash_rule(verification.sha256)
    return "json_schema", _schema_rule(verification.schema or {})


def _hash_rule(sha256: str) -> Rule:
    def wrong(text: str) -> str | None:
        digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
        return None if digest == sha256 else f"sha256 of the answer is {digest}"

    return wrong


def _schema_rule(schema: dict[str, Any]) -> Rule:
    validate = _compiled(schema)

    def wrong(text: str) -> str | None:
        try:
            validate(json.loads(_unfenced(text)))
        except (ValueError, RecursionError) as error:
            return str(error)[:500]
        return None

    return wrong


def _compiled(schema: dict[str, Any]) -> Callable[[Any], Any]:
    try:
        compiled: Callable[[Any], Any] = fastjsonschema.compile(schema, handlers=_ELSEWHERE)
    except (ValueError, TypeError, AttributeError, re.error) as error:
        raise BadInput(f"the JSON Schema of objective cannot be used: {error}") from None
    return compiled


def _refuse(uri: str) -> Any:
    raise ValueError(f"it refers to {uri}; a schema must be whole in itself")


_ELSEWHERE = dict.fromkeys(("http", "https", "ftp", "file"), _refuse)
"""fastjsonschema would open what a schema refers to; a check reads nothing but the answer."""


def _unfenced(text: str) -> str:
    """The answer without the fence that models like to put around JSON."""
    fenced = re.fullmatch(r"\s*```(?:json)?\s*\n(.*)\n\s*```\s*", text, re.DOTALL)
    return fenced[1] if fenced else text


# ------------------------------------------------------------------ redundancy


class Agreement(msgspec.Struct, frozen=True):
    """Which answers are alike: the places of the largest group, and its best member first."""

    winner: int
    agreeing: tuple[int, ...]
    share: float


def agreement(answers: Sequence[str], threshold: float) -> Agreement:
    """The answer that most others agree with; of equals the one most alike to its group.

    `share` is the group's part of all answers. Raises ValueError without an answer.
    """
    alike = [[similarity(one, other) for other in answers] for one in answers]
    groups = [[j for j, value in enumerate(row) if value >= threshold] for row in alike]

    def standing(place: int) -> tuple[int, float, int]:
        group = groups[place]
        return len(group), sum(alike[place][j] for j in group) / max(len(group), 1), -place

    winner = max(range(len(answers)), key=standing)
    return Agreement(winner, tuple(groups[winner]), len(groups[winner]) / len(answers))


def similarity(one: str, other: str) -> float:
    """How alike two answers are, from 0 to 1; case, punctuation and citations do not count.

    Short answers are compared letter by letter, but those with different numbers are not alike at
    all: 42 is not nearly 43. Long ones by the words that they share.
    """
    if one == other:
        return 1.0
    ours, theirs = _words(one), _words(other)
    if ours == theirs:
        return 1.0
    if not ours or not theirs:
        return 0.0
    if max(len(one), len(other)) >= _SHORT_CHARS:
        return len(set(ours) & set(theirs)) / len(set(ours) | set(theirs))
    if _numbers(ours) != _numbers(theirs):
        return 0.0
    # ratio() depends on which comes first; agreement must not
    first, second = sorted((" ".join(ours), " ".join(theirs)))
    return difflib.SequenceMatcher(None, first, second, autojunk=False).ratio()


def _words(text: str) -> list[str]:
    return _WORD.findall(_CITATION.sub(" ", text).casefold())


def _numbers(words: list[str]) -> list[str]:
    return sorted(word for word in words if any(letter.isdigit() for letter in word))
