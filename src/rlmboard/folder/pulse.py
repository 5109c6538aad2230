"""Whether a run is alive: the owner's lock, its heartbeat, and what it last said of itself.

The heartbeat file is held with `flock` by the owner for as long as it lives; the kernel lets go
when it dies, however it dies. Its content is one JSON object padded to a block that is written
when the run begins, so that an owner can still say how the run ended when the disk is full.
"""

from __future__ import annotations

import errno
import fcntl
import functools
import os
import sys
import time
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from ..trace import json_decoder
from .descriptor import Descriptor
from .own_files import READ, read_own

Liveness: TypeAlias = Literal["owned", "free", "stale", "fresh"]
"""owned, free: the lock says so, on this boot.

stale, fresh: a heartbeat from elsewhere, older than 60 s or not.
"""

STALE_AFTER_S = 60
_BLOCK_BYTES = 4096
_REFUSED = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES)
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)


class Pulse(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What the owner says of itself. `ended` stands here only when the trace had no room for it.

    `hears_stop`: it looks whether it is asked to stop. One that tells of another program does not.
    """

    pid: int
    boot_id: str | None = None
    host: str | None = None
    base_ns: int = 0
    lost: int = 0
    ended: Literal["completed", "failed", "cancelled"] | None = None
    end_reason: str | None = None
    hears_stop: bool = True


class Owner:
    """Holds the lock of a run and beats. Made by `take`; a fork's child must `drop` it."""

    def __init__(self, heartbeat: Path, file: Descriptor, pulse: Pulse) -> None:
        self.pulse = pulse
        self._heartbeat = heartbeat
        self._file = file
        self._dropped = False

    def say(self) -> None:
        """Write down what is known, in place. Never raises."""
        content = msgspec.json.encode(self.pulse)
        try:
            if self._file.is_ours():
                os.pwrite(self._file.number, content.ljust(_BLOCK_BYTES - 1) + b"\n", 0)
        except OSError:
            pass  # no room even here: the lock still tells that the owner lives

    def beat(self) -> None:
        """The heartbeat's time is now. A lock that somebody closed under us is taken again."""
        try:
            if not self._file.is_ours() and not self._dropped:
                self._file = Descriptor(os.open(self._heartbeat, os.O_RDWR | os.O_CLOEXEC))
                _lock(self._file.number, fcntl.LOCK_EX)
            if not self._dropped:
                os.utime(self._file.number)
        except OSError:
            pass

    def release(self) -> None:
        """The run has an owner no more, not even in a child that was forked meanwhile."""
        if self._file.is_ours():
            fcntl.flock(self._file.number, fcntl.LOCK_UN)
        self.drop()

    def drop(self) -> None:
        """Close the descriptor; the lock lives on in the process that this one was forked from."""
        self._dropped = True
        self._file.close()


def take(heartbeat: Path, pulse: Pulse) -> Owner | None:
    """The ownership of a run, or None when another process holds it. Raises OSError.

    A reader that looks at the lock holds it for a moment, hence a few tries. Where the file system
    knows no locks, the pulse names no boot, so that readers go by its age.
    """
    file = Descriptor(os.open(heartbeat, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644))
    try:
        if not _lock_soon(file.number):
            file.close()
            return None
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            file.close()
            raise
        pulse.boot_id = None
    owner = Owner(heartbeat, file, pulse)
    owner.say()
    return owner


def _lock_soon(file: int) -> bool:
    for _ in range(20):
        if _lock(file, fcntl.LOCK_EX):
            return True
        time.sleep(0.005)
    return False


@functools.cache
def _pulses() -> msgspec.json.Decoder[Pulse]:
    return json_decoder(Pulse)


def read_pulse(heartbeat: Path) -> Pulse | None:
    """What the owner last said of itself; None where that is missing or broken."""
    try:
        return _pulses().decode(read_own(heartbeat))
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def liveness(heartbeat: Path) -> Liveness:
    """What the lock says where it can be asked, else what the heartbeat's age says."""
    pulse = read_pulse(heartbeat)
    if pulse is not None and pulse.boot_id is not None and pulse.boot_id == boot_id():
        return "owned" if _is_held(heartbeat) else "free"
    try:
        age_s = time.time() - heartbeat.stat().st_mtime
    except OSError:
        return "free"
    return "stale" if age_s > STALE_AFTER_S else "fresh"


def _is_held(heartbeat: Path) -> bool:
    try:
        file = os.open(heartbeat, READ)
    except OSError:
        return False
    try:
        return not _lock(file, fcntl.LOCK_SH)
    finally:
        os.close(file)


def _lock(file: int, how: int) -> bool:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _REFUSED:
            return False
        raise
    return True


@functools.cache
def boot_id() -> str | None:
    """Names this boot of this machine; None where the system does not tell."""
    if sys.platform == "darwin":
        return _darwin_boot_id()
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None


def _darwin_boot_id() -> str | None:
    import ctypes

    size = ctypes.c_size_t(64)
    value = ctypes.create_string_buffer(size.value)
    found = ctypes.CDLL(None).sysctlbyname(
        b"kern.bootsessionuuid", value, ctypes.byref(size), None, 0
    )
    return value.value.decode() if found == 0 else None


@functools.cache
def host() -> str:
    """The name of this machine."""
    return os.uname().nodename
