"""What beats: each second all that is open, few or many."""

from __future__ import annotations

import threading

import pytest

from rlmboard.folder import beat


class Heard(beat.Beating):
    def __init__(self, wait_for: threading.Barrier | None = None) -> None:
        self.beats = 0
        self._wait_for = wait_for

    def beat(self) -> None:
        self.beats += 1
        if self._wait_for is not None:
            self._wait_for.wait(10)


@pytest.mark.parametrize("count", (1, beat.FEW, beat.FEW + 1, 100))
def test_each_is_asked_once_a_second(count: int) -> None:
    heard = [Heard() for _ in range(count)]
    beat.beat_all(heard)
    assert [one.beats for one in heard] == [1] * count


def test_many_wait_for_the_disk_together() -> None:
    together = threading.Barrier(beat.AT_ONCE)
    heard = [Heard(together) for _ in range(beat.AT_ONCE)]
    beat.beat_all(heard)
    assert not together.broken
