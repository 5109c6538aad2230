"""How a run was asked to go: the settings by which two runs are compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from .plain import plain


class RunConfig(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Settings of a run. What is not set is absent; `params` takes everything else.

    `chunk_size` is in characters, budgets in sats and dollars, times in seconds. `quorum` is
    `all`, `best-effort`, a fraction such as `0.8`, or a count such as `5`. `hedge_after` is `p95`
    or a number of seconds. `verification` is `none`, `redundancy`, `objective` or `citations`.
    """

    method: str | None = None
    model: str | None = None
    sub_model: str | None = None
    chunk_size: int | None = None
    max_depth: int | None = None
    quorum: float | int | str | None = None
    budget_sats: int | float | None = None
    budget_usd: float | None = None
    verification: str | None = None
    fanout: int | None = None
    timeout_s: float | None = None
    per_query_timeout_s: float | None = None
    hedge_after: float | str | None = None
    routing: str | None = None
    seed: int | None = None
    dataset: str | None = None
    task_id: str | None = None
    experiment: str | None = None
    tags: tuple[str, ...] = ()
    name: str | None = None
    notes: str | None = None
    params: dict[str, Any] = {}

    def flat(self) -> dict[str, Any]:
        """Every setting on one level, `params` with dotted keys: what a column can show."""
        fields = {
            name: value
            for name in self.__struct_fields__
            if name != "params" and (value := getattr(self, name)) not in (None, ())
        }
        return fields | _dotted(self.params)


NAMED = frozenset(RunConfig.__struct_fields__) - {"params"}


def run_config(settings: Mapping[str, Any]) -> RunConfig:
    """A config from loose settings: the named ones by name where they fit, all others as `params`.

    Total: a named setting of a wrong type becomes a param, so that nothing said is lost, and what
    JSON cannot say is said as near as it can.
    """
    said = dict(settings)
    tree = said.pop("params", {})
    params = plain(tree) if isinstance(tree, Mapping) else {"params": plain(tree)}
    named: dict[str, Any] = {}
    for key, value in plain(said).items():
        if key in NAMED and _fits(key, value):
            named[key] = value
        else:
            params[key] = value
    return msgspec.convert({**named, "params": params}, RunConfig)


def _fits(key: str, value: Any) -> bool:
    try:
        msgspec.convert({key: value}, RunConfig)
    except msgspec.ValidationError:
        return False
    return True


def _dotted(tree: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            flat |= _dotted(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat
