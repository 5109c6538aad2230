"""A citation as a value."""

from __future__ import annotations

import hashlib

from rlmboard.trace import SpanRef, content_hash


def test_the_hash_is_that_of_exactly_these_bytes() -> None:
    assert content_hash(b"a\r\n") == hashlib.sha256(b"a\r\n").hexdigest()


def test_a_span_shows_as_editors_take_it() -> None:
    assert str(SpanRef(id="s", path="src/a.py", start_line=10, end_line=50)) == "src/a.py:10-50"
