"""What `run` was asked for: its flags, checked and turned into the conductor's settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

import msgspec

from ..conductor import Settings, Verification, parse_quorum, parse_verification
from ..errors import BadInput
from ..money.units import msat, usd_nanos

METHOD = "rlm"
MOST_COUNTED = 2**63 - 1  # what the index has room for
T = TypeVar("T")
Payloads: TypeAlias = Literal["full", "preview", "none"]


class Flags(msgspec.Struct, frozen=True, kw_only=True):
    """The flags of `rlmboard run`, as typed. What was not said is None."""

    query: str
    paths: tuple[str, ...] = ()
    budget: str | None = None
    budget_usd: str | None = None
    quorum: str | None = None
    fanout: int | None = None
    chunk_size: int | None = None
    max_fragments: int | None = None
    max_depth: int | None = None
    timeout: float | None = None
    per_query_timeout: float | None = None
    hedge: float | Literal["p95"] | None = None
    max_attempts: int | None = None
    max_tokens: int | None = None
    max_prompt_chars: int | None = None
    verification: str | None = None
    schema: str | None = None
    select: str | None = None
    top_k: int | None = None
    provider: tuple[str, ...] = ()
    model: str | None = None
    routing: str | None = None
    allow_unknown_cost: bool = False
    method: str | None = None
    experiment: str | None = None
    tag: tuple[str, ...] = ()
    name: str | None = None
    notes: str | None = None
    seed: int | None = None
    payloads: Payloads = "full"
    log: bool = True
    local_only: bool = False


def settings_of(flags: Flags, room_chars: int | None = None) -> Settings:
    """The conductor's settings. `room_chars`: the longest prompt that all providers take.

    Raises BadInput that names the flag.
    """
    said: dict[str, Any] = {
        "quorum": _parsed(flags.quorum, parse_quorum),
        "verification": verification_of(flags),
        "fanout": flags.fanout,
        "chunk_size": flags.chunk_size,
        "max_fragments": flags.max_fragments,
        "max_depth": flags.max_depth,
        "hedge_after": flags.hedge,
        "max_attempts": flags.max_attempts,
        "max_tokens": flags.max_tokens,
        "max_prompt_chars": flags.max_prompt_chars,
        "select": flags.select,
        "top_k": flags.top_k,
        "routing": flags.routing,
        "seed": flags.seed,
        "budget_msat": _amount("--budget", flags.budget, msat),
        "budget_usd_nanos": _amount("--budget-usd", flags.budget_usd, usd_nanos),
        "allow_unknown_cost": flags.allow_unknown_cost or None,
        "timeout_s": flags.timeout,
        "per_query_timeout_s": flags.per_query_timeout,
    }
    if room_chars is not None and flags.max_prompt_chars is None:
        said["max_prompt_chars"] = min(room_chars, Settings().max_prompt_chars)
    known = {name: value for name, value in said.items() if value is not None}
    for name in ("timeout_s", "per_query_timeout_s"):
        if known.get(name) == float("inf"):
            known[name] = None
    return Settings(**known)


def verification_of(flags: Flags) -> Verification | None:
    """The tier; `--schema FILE` is the rule of the objective one."""
    said = flags.verification
    if flags.schema is None:
        return _parsed(said, parse_verification)
    if said not in (None, "objective"):
        raise BadInput(f"--schema needs --verification objective, not {said}")
    try:
        text = Path(flags.schema).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"--schema {flags.schema} cannot be read: {error}") from error
    try:
        return parse_verification(f"objective:{text}")
    except BadInput as error:
        raise BadInput(f"--schema {flags.schema}: {error}") from error


def config_of(
    flags: Flags, settings: Settings, names: list[str], model: str | None
) -> dict[str, Any]:
    """What is recorded of how the run was asked to go. `names`: the providers; `model`: theirs."""
    verification = settings.verification.tier
    config: dict[str, Any] = {
        "method": flags.method or METHOD,
        "model": flags.model or model,
        "chunk_size": settings.chunk_size,
        "max_depth": settings.max_depth,
        "quorum": _number(str(settings.quorum)),
        "budget_sats": _scaled(settings.budget_msat, 1_000),
        "budget_usd": _scaled(settings.budget_usd_nanos, 1_000_000_000),
        "verification": verification,
        "fanout": settings.fanout,
        "timeout_s": settings.timeout_s,
        "per_query_timeout_s": settings.per_query_timeout_s,
        "hedge_after": settings.hedge_after,
        "routing": settings.routing,
        "seed": settings.seed,
        "providers": names,
        "select": settings.select,
        "top_k": settings.top_k if settings.select != "all" else None,
        "max_attempts": settings.max_attempts,
        "max_tokens": settings.max_tokens,
        "max_prompt_chars": settings.max_prompt_chars,
        "allow_unknown_cost": settings.allow_unknown_cost or None,
    }
    if verification == "redundancy":
        told = settings.verification
        config["redundancy"] = f"{told.workers}/{told.agreeing}@{told.threshold:g}"
    return {name: value for name, value in config.items() if value is not None}


def _parsed(said: str | None, parse: Callable[[str], T]) -> T | None:
    return None if said is None else parse(said)


def _amount(flag: str, said: str | None, scaled: Callable[[str], int]) -> int | None:
    if said is None:
        return None
    try:
        amount = scaled(said)
    except ValueError:
        raise BadInput(f"{flag} {said!r} is no amount; say a number such as 100 or 0.25") from None
    if amount > MOST_COUNTED:
        raise BadInput(f"{flag} {said} is more than can be counted; say a smaller number")
    if amount < 0:
        raise BadInput(f"{flag} {said} is negative; say how much may be spent, from 0")
    return amount


def _scaled(amount: int | None, scale: int) -> float | int | None:
    if amount is None:
        return None
    return amount // scale if amount % scale == 0 else amount / scale


def _number(said: str) -> float | int | str:
    try:
        return int(said) if said.isdigit() else float(said)
    except ValueError:
        return said
