"""What tests of the tests need."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest


@pytest.fixture
def in_threads() -> Callable[[list[Callable[[], None]]], None]:
    """Does many things at once, and raises what one of them raised."""

    def done(works: list[Callable[[], None]]) -> None:
        with ThreadPoolExecutor(8) as pool:
            for future in [pool.submit(work) for work in works]:
                future.result()

    return done
