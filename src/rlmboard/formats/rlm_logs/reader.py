"""A log, line by line: its completions are runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, timedelta, tzinfo
from typing import Any
from urllib.parse import urlsplit

import msgspec

from ...trace import RunDone, content_hash
from ..foreign import ForeignRun, Over, Said, Told, Unread
from .calls import microseconds
from .telling import Telling, as_moment
from .words import Iteration, Kind, Metadata

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError)
_SAMPLING = ("temperature", "top_p", "max_tokens", "max_completion_tokens", "seed")
_kinds = msgspec.json.Decoder(Kind)
_metadata = msgspec.json.Decoder(Metadata)
_iterations = msgspec.json.Decoder(Iteration)


def recognises(line: Mapping[str, Any]) -> bool:
    """Whether a line is one of such a log."""
    kind = line.get("type")
    return (kind == "metadata" and "root_model" in line and "backend" in line) or (
        kind == "iteration" and "code_blocks" in line and "response" in line
    )


class RlmLogReader:
    """Reads one log. Its times name no zone: they are taken as those of `zone`.

    Each completion is a run; it begins with its first turn, and ends where it has an answer. One
    without goes on, or was interrupted: the log does not say.
    """

    def __init__(self, zone: tzinfo = UTC) -> None:
        self._zone = zone
        self._made = Metadata()
        self._line = 0
        self._completions = 0
        self._last = 0
        self._run: ForeignRun | None = None
        self._telling: Telling | None = None

    def feed(self, record: bytes) -> Iterable[Told]:
        """What one more line tells. Never raises; a bad line is named, and tells nothing."""
        self._line += 1
        if not record.strip():
            return []
        try:
            return list(self._read(record))
        except _UNREADABLE as error:
            key = self._run.key if self._run else None
            return [Unread(f"line {self._line}", str(error) or "it is nested too deeply", key)]

    def finish(self) -> Iterable[Told]:
        """An RLM of which no turn is recorded is no run, and worth a word."""
        if self._made.root_model is None or self._completions:
            return []
        why = "an RLM was made, and no turn of it is recorded: a limit tripped in the first one, "
        return [Unread(f"line {self._line}", f"{why}or it was never used")]

    def _read(self, record: bytes) -> Iterator[Told]:
        kind = _kinds.decode(record).type
        if kind == "metadata":
            self._made = _metadata.decode(record)
            yield from self._over()
            self._completions = 0
        elif kind == "iteration":
            yield from self._turn(_iterations.decode(record))
        else:
            raise ValueError(f"a line of type {kind!r} is none of rlms")

    def _turn(self, said: Iteration) -> Iterator[Told]:
        if self._telling is None or said.iteration <= self._last:
            as_moment(said.timestamp, self._zone)  # a turn without a time ends nothing
            yield from self._over()
            self._begin(said)
        assert self._telling is not None and self._run is not None
        telling = self._telling
        told = list(telling.turn(said, self._zone))
        yield from self._described(is_new=self._last == 0)
        self._last = said.iteration
        yield from told
        answer = _answer(said.final_answer)
        if answer is not None:
            forced = said.iteration_time is None and not said.code_blocks
            done = RunDone(
                output=answer,
                iterations=telling.turns,
                end_reason="max_iterations" if forced else "answer",
            )
            yield Said(self._run.key, told[-1].at_us, done)

    def _over(self) -> Iterator[Over]:
        """The next completion begins, or the next RLM."""
        if self._run is not None:
            yield Over(self._run.key)
        self._run = self._telling = None
        self._last = 0

    def _begin(self, said: Iteration) -> None:
        """A completion begins: the numbers of turns start again."""
        ended = as_moment(said.timestamp, self._zone)
        start = ended - timedelta(microseconds=microseconds(said.iteration_time) or 0)
        self._completions += 1
        made = self._made
        key = f"{made.timestamp or said.timestamp}/{made.root_model or ''}/{self._completions}"
        self._telling = Telling(key, start, made)
        self._run = ForeignRun(
            key=key,
            producer="rlms",
            started_at=start,
            config=_config(made),
            started_inferred=True,
        )

    def _described(self, is_new: bool) -> Iterator[ForeignRun]:
        """The question and the context, as soon as a turn shows them."""
        run, telling = self._run, self._telling
        assert run is not None and telling is not None
        context = telling.names.context
        query = run.query or telling.prompts.question or (context or "")[:1000]
        known = run.context
        if known is None and context is not None:
            known = telling.names.context_facts(content_hash(context.encode(errors="replace")))
        if is_new or (query, known) != (run.query, run.context):
            texts = (context,) if context is not None else ()
            self._run = msgspec.structs.replace(run, query=query, context=known, texts=texts)
            yield self._run


def _answer(said: Any) -> str | None:
    """Older logs have a pair: how it was found, and what it is."""
    if isinstance(said, list) and said:
        said = said[-1]
    return None if said is None else said if isinstance(said, str) else str(said)


def _config(made: Metadata) -> dict[str, Any]:
    """Settings that are known to hold no secret; headers, keys and tokens stay where they are."""
    backend = made.backend_kwargs or {}
    sampling = backend.get("sampling_args")
    known = sampling if isinstance(sampling, dict) else {}
    said = {
        "method": "rlm",
        "model": made.root_model,
        "max_depth": made.max_depth,
        "max_iterations": made.max_iterations,
        "backend": made.backend,
        "server": _server(backend.get("base_url")),
        "environment": made.environment_type,
        **{name: known[name] for name in _SAMPLING if isinstance(known.get(name), int | float)},
    }
    return {name: value for name, value in said.items() if value is not None}


def _server(address: Any) -> str | None:
    """Host and port alone: a password may stand before them, and a key behind."""
    if not isinstance(address, str):
        return None
    try:
        parts = urlsplit(address)
        return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    except ValueError:
        return None
