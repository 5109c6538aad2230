"""The files that are written when a run ends, and what is said where the trace has no room."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from ..folder import RunFolder, RunRecord, Writer, write_whole
from ..trace import EndEvent, RunCancelled, RunFailed, plain


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

    def write_results(self, output: str | None, metrics: dict[str, Any]) -> None:
        """`output.txt` and `metrics.json`, before the event that says the run has ended."""
        try:
            if output is not None:
                write_whole(self._folder.output, output.encode(errors="replace"))
            if metrics:
                metrics_json = msgspec.json.format(msgspec.json.encode(plain(metrics)), indent=2)
                write_whole(self._folder.metrics, metrics_json + b"\n")
        except OSError as error:
            self._lose("output.txt and metrics.json", error)

    def let_go(self, event: EndEvent, kept: bool) -> None:
        """The run has no owner more; its heartbeat says the end that the trace had no room for."""
        owner = self._writer.owner
        if owner is None:
            return
        owner.pulse.lost = self._writer.lost
        if not kept:
            owner.pulse.ended = _status(event)
            owner.pulse.end_reason = (event.end_reason or "")[:200] or None
        owner.say()
        owner.release()
        self._writer.owner = None

    def _lose(self, name: str, error: OSError) -> None:
        self._writer.lose(f"{name} could not be written: {error.strerror or error}")


def _status(event: EndEvent) -> Literal["completed", "failed", "cancelled"]:
    if isinstance(event, RunFailed):
        return "failed"
    return "cancelled" if isinstance(event, RunCancelled) else "completed"
