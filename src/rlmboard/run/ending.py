"""The files that are written when a run ends, and what is said where the trace has no room."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from ..folder import RunFolder, RunRecord, Writer, write_whole
from ..trace import EndEvent, RunCancelled, RunFailed


class RunFiles:
    """Writes what stands beside the trace. A failure is counted, never raised."""

    def __init__(self, folder: RunFolder, writer: Writer) -> None:
        self._folder = folder
        self._writer = writer

    def write_record(self, record: RunRecord) -> None:
        if self._writer.owner is None:
            return  # a process that joined does not rewrite its owner's record
        try:
            self._folder.write_record(record)
        except OSError as error:
            self._lose("config.json", error)

    def write_end(
        self, event: EndEvent, output: str | None, metrics: dict[str, Any], kept: bool
    ) -> None:
        """`output.txt`, `metrics.json`; the heartbeat says the end that the trace had no room for."""
        try:
            if output is not None:
                write_whole(self._folder.output, output.encode(errors="replace"))
            write_whole(self._folder.metrics, _metrics_json(metrics))
        except OSError as error:
            self._lose("output.txt and metrics.json", error)
        owner = self._writer.owner
        if owner is not None:
            owner.pulse.lost = self._writer.lost
            if not kept:
                owner.pulse.ended = _status(event)
                owner.pulse.end_reason = event.end_reason
            owner.say()
            owner.release()
            self._writer.owner = None

    def _lose(self, name: str, error: OSError) -> None:
        self._writer.problem = f"{name} could not be written: {error.strerror or error}"


def _status(event: EndEvent) -> Literal["completed", "failed", "cancelled"]:
    if isinstance(event, RunFailed):
        return "failed"
    return "cancelled" if isinstance(event, RunCancelled) else "completed"


def _metrics_json(metrics: dict[str, Any]) -> bytes:
    known = {name: _number(value) for name, value in metrics.items()}
    return msgspec.json.format(msgspec.json.encode(known), indent=2) + b"\n"


def _number(value: Any) -> float | str:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return str(value)
    return number if number == number and abs(number) != float("inf") else str(number)
