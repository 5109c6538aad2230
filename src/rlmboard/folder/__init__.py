"""One run on disk, and the home of all of them: written by its owner, read by anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .backup import Backup, backup
from .descriptor import Descriptor
from .home import Home, valid_run_id
from .labels import FIELDS, Label
from .lines import append_line, datasync, open_append
from .own_files import open_own, own_names, own_size, read_own
from .payloads import PayloadWriter
from .pulse import Liveness, Owner, Pulse, boot_id, host, take
from .record import RunRecord, encode_record
from .run_folder import RunFolder, write_whole
from .sealing import home_secret, is_sealed, seal
from .writer import Writer

if TYPE_CHECKING:
    from .payload_places import Payloads
    from .prune import Pruned, payload_bytes, prune_payloads, read_pruned
    from .reader import Cursor, batches, read_trace
    from .trash import KEPT_DAYS, Thrown, empty_trash, take_back, throw_away, thrown_away

__all__ = [
    "FIELDS",
    "KEPT_DAYS",
    "Backup",
    "Cursor",
    "Descriptor",
    "Home",
    "Label",
    "Liveness",
    "Owner",
    "PayloadWriter",
    "Payloads",
    "Pruned",
    "Pulse",
    "RunFolder",
    "RunRecord",
    "Thrown",
    "Writer",
    "append_line",
    "backup",
    "batches",
    "boot_id",
    "datasync",
    "empty_trash",
    "encode_record",
    "home_secret",
    "host",
    "is_sealed",
    "open_append",
    "open_own",
    "own_names",
    "own_size",
    "payload_bytes",
    "prune_payloads",
    "read_own",
    "read_pruned",
    "read_trace",
    "seal",
    "take",
    "take_back",
    "throw_away",
    "thrown_away",
    "valid_run_id",
    "write_whole",
]


def __getattr__(name: str) -> Any:
    """What only readers and the command line need loads when it is asked for."""
    from importlib import import_module

    for module in ("reader", "trash", "prune", "payload_places"):
        if name in __all__ and hasattr(found := import_module(f".{module}", __name__), name):
            return getattr(found, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
