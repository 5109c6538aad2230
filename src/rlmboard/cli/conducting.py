"""A run put together: documents, their fragments, a pool, the conductor, and the record of it."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from ..conductor import Outcome, Program, Provider, Record, Settings, drive, split
from ..errors import BadInput, RlmboardError
from ..folder import Home
from ..money.prices import read_prices
from ..providers import PoolMaker, ProvidersFile, read_providers
from ..run import Run
from ..sources import Fragment, check, cite, read_span
from ..sources.documents import Skipped, documents, source_root
from ..trace import Emit, SpanRef
from .pictures import amounts

RECORDS_SINCE = "30d"
PATIENCE_S = 1.0
_HAVE_MODELS = ("openai", "ollama")


class Material(msgspec.Struct, frozen=True):
    """What a run reads. `root` is what the paths of its SpanRefs are relative to."""

    fragments: list[Fragment]
    files: int
    size_bytes: int
    root: str
    skipped: list[Skipped]


def read_material(
    paths: Sequence[str],
    settings: Settings,
    told: Callable[[float, float | None], None] = lambda done, total: None,
) -> Material:
    """The paths as fragments. Raises BadInput where nothing can be read, or too much."""
    named = paths or (".",)
    skipped: list[Skipped] = []
    fragments: list[Fragment] = []
    files = size = count = 0
    for document in documents(named, skipped=skipped):
        files += 1
        size += document.size_bytes
        try:
            made = split(document.lines(), document.path, settings.chunk_size, document.commit)
            for fragment in made:
                count += 1
                if count <= settings.max_fragments:  # beyond, they are only counted
                    fragments.append(fragment)
        except OSError as error:
            skipped.append(Skipped(document.path, error.strerror or str(error)))
        told(size, None)
    _refuse(named, count, files, settings.max_fragments, skipped)
    return Material(fragments, files, size, source_root(named) or os.getcwd(), skipped)  # noqa: PTH109


def _refuse(
    named: Sequence[str], count: int, files: int, most: int, skipped: list[Skipped]
) -> None:
    where = ", ".join(named)
    if count == 0:
        why = f" ({skipped[0].path}: {skipped[0].reason})" if skipped else ""
        raise BadInput(f"nothing to read in {where}{why}; name files or folders with text in them")
    if count > most:
        raise BadInput(
            f"{where} makes {count:,} fragments of {amounts.count(files, 'file')}, "
            f"and at most {most:,} are read; "
            "name fewer files, raise --chunk-size, or raise --max-fragments"
        )


# ------------------------------------------------------------------ who is asked


class Pool(msgspec.Struct, frozen=True):
    """The providers of a run, the longest prompt that all of them take, and whose prices hold."""

    providers: list[Provider]
    room_chars: int | None
    prices: str

    @property
    def names(self) -> list[str]:
        return [provider.name for provider in self.providers]

    @property
    def model(self) -> str | None:
        """The model, where they all have the same."""
        models = {provider.model for provider in self.providers}
        return models.pop() if len(models) == 1 else None


def pool_of(home: Home, names: Sequence[str], model: str | None, seed: int) -> Pool:
    """The providers asked for, by flags and by `providers.toml` and `prices.toml` of the home."""
    listed = _read(home.path / "providers.toml", read_providers) or ProvidersFile()
    prices = _read(home.path / "prices.toml", read_prices)
    maker = PoolMaker(listed, prices, seed=seed)
    wanted = with_model(names or listed.default or ("extractive",), model, listed)
    version = prices.version if prices else "built-in"
    return Pool(maker.pool(wanted), maker.room_chars(wanted), version)


def refuse_afar(pool: Pool) -> None:
    """Raises BadInput for providers that are not on this machine."""
    afar = [f"{one.name} ({one.venue})" for one in pool.providers if one.venue != "local"]
    if afar:
        raise BadInput(f"--local-only: {', '.join(afar)} would be asked; choose a local one")


def with_model(names: Sequence[str], model: str | None, listed: ProvidersFile) -> tuple[str, ...]:
    """The names with `--model` given to those that take one and have none."""
    if model is None:
        return tuple(names)
    takes = {
        name: ":" not in name
        and (name in _HAVE_MODELS or (name in listed.entries and _asks_a_model(listed, name)))
        for name in names
    }
    if not any(takes.values()):
        raise BadInput(
            f"--model {model}: {', '.join(names)} cannot be asked for another model; "
            "choose a provider with it, such as --provider openai or --provider ollama"
        )
    return tuple(f"{name}:{model}" if takes[name] else name for name in names)


def _asks_a_model(listed: ProvidersFile, name: str) -> bool:
    return listed.entries[name].kind != "extractive"


def _read(path: Path, parse: Callable[[str, str], Any]) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from error
    return parse(text, str(path))


def records_of(home: Home, routing: str) -> dict[str, Record]:
    """How providers did in the last 30 days, for the routings that ask; nothing where unknown."""
    if routing not in ("best", "fastest"):
        return {}
    from ..store import Store

    try:
        rows = Store(home).providers(since=RECORDS_SINCE)
    except RlmboardError:
        return {}
    return {
        row.provider: Record(row.success_rate, row.p50_ms / 1000 if row.p50_ms else None)
        for row in rows
    }


# ------------------------------------------------------------------ carrying it out


class Stop:
    """What Ctrl-C and SIGTERM ask for: the first time a clean end, the second time one at once.

    Use it in a `with`. The handlers are Python's own and not the loop's: they are heard also while
    the loop is busy.
    """

    def __init__(self, told: Callable[[str], None]) -> None:
        self._told = told
        self._announced = False
        self._asked_at: float | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Stop:
        try:
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._asked)
        except ValueError:
            pass  # not the main thread: signals go to whoever is
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @property
    def reason(self) -> str | None:
        """The end reason, once a stop was asked for."""
        return None if self._asked_at is None else "interrupted"

    def look(self) -> str | None:
        """The end reason; the first time that there is one, the person is told."""
        if self.reason is not None and not self._announced:
            self._announced = True
            self._told("stopping: what is known is kept; press Ctrl-C again to stop at once")
        return self.reason

    @property
    def is_overdue(self) -> bool:
        """Whether it was asked for so long ago that the conductor is too busy to look."""
        return self._asked_at is not None and time.monotonic() - self._asked_at > PATIENCE_S

    def _asked(self, number: int, frame: object) -> None:
        if self._asked_at is not None:
            raise KeyboardInterrupt
        self._asked_at = time.monotonic()


async def conduct(
    program: Program,
    pool: Sequence[Provider],
    run: Run,
    emit: Emit,
    *,
    root: str,
    stop: Stop,
    beside: Iterable[Callable[[], Any]] = (),
) -> Outcome:
    """Carry the program out to its end. `beside`: coroutines that live as long as it does."""

    def read(fragment: Fragment) -> str:
        if stop.is_overdue:
            raise InterruptedError("the run is being stopped")
        return read_span(root, fragment.span)

    company = [asyncio.create_task(make()) for make in beside]
    try:
        return await drive(
            program,
            pool,
            emit,
            read=read,
            cite=lambda path, first, last: cite(path, first, last, root),
            check=lambda span: holds(span, root),
            cancelled=lambda: stop.look() or run.cancel_requested,
        )
    finally:
        for task in company:
            task.cancel()
        await asyncio.gather(*company, return_exceptions=True)
        for provider in pool:
            await provider.aclose()


def holds(span: SpanRef, root: str) -> bool:
    """Whether the cited bytes stand where they were cited."""
    return check(span, root).holds
