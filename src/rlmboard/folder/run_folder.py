"""One run on disk: where its files lie, and how they are put there whole."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from ..errors import BadInput
from .labels import Label, append_label, read_labels
from .own_files import read_own
from .payloads import read_payload
from .pulse import Liveness, Pulse, liveness, read_pulse
from .record import RunRecord, decode_record, encode_record


class _Place:
    """A path in a run folder, made when it is asked for: there are many folders, and few asks."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, folder: RunFolder, _: type) -> Path:
        return folder.path / self._name


class RunFolder:
    """`runs/<run_id>/`. Reading is total: what is missing or broken reads as absent."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.run_id = path.name

    trace = _Place("trace.jsonl")
    config = _Place("config.json")
    metrics = _Place("metrics.json")
    output = _Place("output.txt")
    labels_file = _Place("labels.jsonl")
    artifacts = _Place("artifacts")
    payloads = _Place("artifacts/payloads.jsonl")
    pruned = _Place("artifacts/pruned.json")
    heartbeat = _Place("heartbeat")
    cancel = _Place("cancel")
    reservations = _Place("reservations.jsonl")

    def __repr__(self) -> str:
        return f"RunFolder({str(self.path)!r})"

    def exists(self) -> bool:
        return self.path.is_dir()

    def record(self) -> RunRecord | None:
        raw = read_bytes(self.config)
        return decode_record(raw) if raw is not None else None

    def write_record(self, record: RunRecord) -> None:
        write_whole(self.config, encode_record(record))

    def labels(self) -> dict[str, Label]:
        """What people said last of the run, by field; of single sub-queries: `label_history`."""
        said = read_labels(self.labels_file)
        return {label.field: label for label in said if label.query_id is None}

    def label_history(self) -> list[Label]:
        return read_labels(self.labels_file)

    def labels_size(self) -> int:
        return size_of(self.labels_file)

    def trace_size(self) -> int:
        return size_of(self.trace)

    def label(self, label: Label) -> None:
        append_label(self.labels_file, label)

    def pulse(self) -> Pulse | None:
        """What the owner last said of itself."""
        return read_pulse(self.heartbeat)

    def liveness(self) -> Liveness:
        return liveness(self.heartbeat)

    def read_output(self) -> str | None:
        """The final output whole, or None where there is none (yet)."""
        raw = read_bytes(self.output)
        return raw.decode(errors="replace") if raw is not None else None

    def payload(self, sha256: str) -> str | None:
        """A text that an event names by hash; None when it was removed, lost or never kept."""
        return read_payload(self.artifacts, sha256)

    def hears_stop(self) -> bool:
        """Whether somebody is there who looks whether the run is asked to stop."""
        pulse = self.pulse()
        return (pulse is None or pulse.hears_stop) and self.liveness() in ("owned", "fresh")

    def ask_to_stop(self) -> None:
        """Raises BadInput where the owner only tells of a program elsewhere, and OSError."""
        pulse = self.pulse()
        if pulse is not None and not pulse.hears_stop:
            raise BadInput(
                f"run {self.run_id} is recorded from what another program tells, and nobody here "
                "can stop that; stop the program where it runs"
            )
        os.close(os.open(self.cancel, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o644))


def read_bytes(path: Path) -> bytes | None:
    try:
        return read_own(path)
    except OSError:
        return None


def size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def write_whole(path: Path, content: bytes) -> None:
    """The file as a whole or not at all: written beside, then renamed. Raises OSError."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
