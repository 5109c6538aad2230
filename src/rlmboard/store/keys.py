"""The key of a sub-query: the number of its run, and its own number within."""

from __future__ import annotations

NUMBER_BITS = 32


def key_of(run_no: int, number: int) -> int:
    """The key of a sub-query; number 0 gives that of the run itself."""
    return run_no << NUMBER_BITS | number


def split_key(key: int) -> tuple[int, int]:
    """run_no and number of a key."""
    return key >> NUMBER_BITS, key & ((1 << NUMBER_BITS) - 1)
