"""A group of commands that are loaded when one is asked for, and say their errors in one line."""

from __future__ import annotations

import gc
import importlib
from collections.abc import Iterator, Mapping, MutableMapping
from typing import IO, Any

import click

from ..errors import RlmboardError
from .pictures.glyphs import clean
from .terminal import mend_streams

CANCELLED = 130
GC_THRESHOLD = 50_000
"""Python looks for garbage after 700 new objects otherwise: a fifth of the time to load modules."""


class LazyCommands(MutableMapping[str, click.Command]):
    """Commands by name. `places` says where each is defined: `module:attribute`."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = dict(places)
        self._loaded: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._loaded:
            module, _, attribute = self._places[name].partition(":")
            self._loaded[name] = getattr(importlib.import_module(module, __package__), attribute)
        return self._loaded[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._places[name] = ""
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._places[name]
        self._loaded.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


class Refusal(click.ClickException):
    """One clear message, without a traceback."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(clean(f"error: {self.format_message()}"), file=file, err=True)


class Program(click.Group):
    """A group whose commands load lazily and stand in the order in which they are listed.

    What rlmboard refuses on purpose exits with 2 and one message; Ctrl-C exits with 130.
    """

    def __init__(
        self, name: str | None = None, *, places: Mapping[str, str] | None = None, **settings: Any
    ) -> None:
        super().__init__(name, **settings)
        self.commands = LazyCommands(places or {})

    def main(self, *args: Any, **settings: Any) -> Any:
        gc.set_threshold(GC_THRESHOLD, 20, 20)
        return super().main(*args, **settings)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        mend_streams()
        try:
            return super().invoke(ctx)
        except RlmboardError as error:
            raise Refusal(str(error)) from error
        except KeyboardInterrupt:
            ctx.exit(CANCELLED)
