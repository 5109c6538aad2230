"""`run.config` and `run.summary`: mappings that say what was said to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import Any

import msgspec

from ..trace import RunConfig, as_text


class Config(MutableMapping[str, Any]):
    """Settings of a run, by item or attribute: `run.config["lr"]`, `run.config.lr`."""

    def __init__(self, settings: Mapping[str, Any], changed: Callable[[], None]) -> None:
        object.__setattr__(self, "_settings", dict(settings))
        object.__setattr__(self, "_changed", changed)

    def __getitem__(self, key: str) -> Any:
        return self._settings[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._settings[key] = value
        self._changed()

    def __delitem__(self, key: str) -> None:
        del self._settings[key]
        self._changed()

    def __iter__(self) -> Iterator[str]:
        return iter(self._settings)

    def __len__(self) -> int:
        return len(self._settings)

    def __getattr__(self, key: str) -> Any:
        settings = vars(self).get("_settings", {})  # a copy in the making has none yet
        if key not in settings:
            raise AttributeError(f"this run's config has no '{key}'")
        return settings[key]

    def __setattr__(self, key: str, value: Any) -> None:
        self[key] = value

    def __repr__(self) -> str:
        return f"Config({self._settings!r})"

    def update(  # type: ignore[override]
        self, settings: Mapping[str, Any] = {}, allow_val_change: bool = True, **more: Any
    ) -> None:
        """Several at once. `allow_val_change=False` leaves alone what is set already."""
        said = {**settings, **more}
        if not allow_val_change:
            said = {key: value for key, value in said.items() if key not in self._settings}
        self._settings.update(said)
        self._changed()


class RunSummary(MutableMapping[str, Any]):
    """The final value of each metric: the last one logged, unless it is set here."""

    def __init__(self, override: Callable[[str, Any], None]) -> None:
        self._last: dict[str, Any] = {}
        self._set: dict[str, Any] = {}
        self._override = override

    def logged(self, name: str, value: Any) -> None:
        self._last[name] = value

    def __getitem__(self, name: str) -> Any:
        return self._set[name] if name in self._set else self._last[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._set[name] = value
        self._override(name, value)

    def __delitem__(self, name: str) -> None:
        del self._set[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._last, **self._set})

    def __len__(self) -> int:
        return len({**self._last, **self._set})

    def __repr__(self) -> str:
        return f"RunSummary({dict(self)!r})"


def as_settings(config: RunConfig) -> dict[str, Any]:
    """The settings of a run on one level: `params` and the named ones beside each other."""
    settings = msgspec.to_builtins(config)
    return {**settings.pop("params", {}), **settings}


def as_tags(tags: Iterable[Any] | None) -> tuple[str, ...]:
    """Tags as a tuple; one that was given without its brackets is one tag."""
    return (tags,) if isinstance(tags, str) else tuple(map(as_text, tags or ()))
