"""One run on disk, and the home of all of them: written by its owner, read by anybody."""

from .home import Home, valid_run_id
from .labels import FIELDS, Label
from .payloads import PayloadWriter
from .pulse import Liveness, Owner, Pulse, boot_id, host, take
from .reader import Cursor, batches, read_trace
from .record import RunRecord
from .run_folder import RunFolder, write_whole
from .writer import Writer

__all__ = [
    "FIELDS",
    "Cursor",
    "Home",
    "Label",
    "Liveness",
    "Owner",
    "PayloadWriter",
    "Pulse",
    "RunFolder",
    "RunRecord",
    "Writer",
    "batches",
    "boot_id",
    "host",
    "read_trace",
    "take",
    "valid_run_id",
    "write_whole",
]
