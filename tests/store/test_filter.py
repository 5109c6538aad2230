"""The filter language: what parses to what, and what is said when it does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.errors import BadFilter
from rlmboard.store.filter import KEYS, Compare, Words, moment, parse, seconds

NOW_MS = 1_795_168_800_000
HOUR_MS = 3_600_000


def one(text: str) -> object:
    (term,) = parse(text, NOW_MS)
    return term


def test_an_empty_filter_has_no_terms() -> None:
    assert parse("  ", NOW_MS) == ()


def test_terms_stand_side_by_side() -> None:
    assert parse('method:rlm-2  cost>40 "two words" nightly', NOW_MS) == (
        Compare("method", "=", ("rlm-2",)),
        Compare("cost", ">", (40_000.0,)),
        Words("two words", phrase=True),
        Words("nightly"),
    )


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("-status:failed", Compare("status", "=", ("failed",), denied=True)),
        ("status:failed,cancelled", Compare("status", "=", ("failed", "cancelled"))),
        ("status!=failed", Compare("status", "!=", ("failed",))),
        ("name:foo*", Compare("name", "=", ("foo*",))),
        ('name:"two words"', Compare("name", "=", ("two words",))),
        ("cost_usd<=0.5", Compare("cost_usd", "<=", (500_000_000.0,))),
        ("duration>2s", Compare("duration", ">", (2_000.0,))),
        ("duration>3m", Compare("duration", ">", (180_000.0,))),
        ("duration>2", Compare("duration", ">", (2_000.0,))),
        ("tokens>=1e3", Compare("tokens", ">=", (1_000.0,))),
        ("star:yes", Compare("star", "=", (True,))),
        ("since:24h", Compare("since", ">=", (NOW_MS - 24 * HOUR_MS,))),
        ("started>2026-11-01", Compare("started", ">", (1_793_491_200_000,))),
        ("accuracy>=0.8", Compare("accuracy", ">=", (0.8,), "any")),
        ("config.chunk_size:512", Compare("chunk_size", "=", (512.0,), "config")),
        ("metric.f1<0.5", Compare("f1", "<", (0.5,), "metric")),
        ("eval/f1>0.5", Compare("eval/f1", ">", (0.5,), "any")),
        ("http://x", Compare("http", "=", ("//x",), "any")),
        ("-draft", Words("draft", denied=True)),
    ],
)
def test_a_term(text: str, term: object) -> None:
    assert one(text) == term


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ('"open', 0, "not closed"),
        ("method:", 7, "value is missing after method:"),
        ("ok :x", 3, "key is missing"),
        ("cost>many", 5, "takes a number"),
        ("a cost>many", 7, "takes a number"),
        ("duration>soon", 9, "takes a number"),
        ("since:soon", 6, "takes a time"),
        ("star:maybe", 5, "yes or no"),
        ("status:done", 7, "completed"),
        ("status>failed", 6, "is no number"),
        ("cost>1,2", 5, "takes one value"),
    ],
)
def test_what_does_not_parse_is_named_with_its_place_and_the_keys(
    text: str, position: int, says: str
) -> None:
    with pytest.raises(BadFilter) as raised:
        parse(text, NOW_MS)
    assert raised.value.position == position
    assert says in str(raised.value)
    assert "cost_usd" in str(raised.value)


@given(st.text(max_size=40))
def test_any_text_parses_or_is_refused_with_a_place_in_it(text: str) -> None:
    try:
        parse(text, NOW_MS)
    except BadFilter as error:
        assert 0 <= error.position <= len(text)


@given(st.sampled_from(sorted(KEYS)))
def test_every_key_says_what_it_is(key: str) -> None:
    assert KEYS[key].hint


def test_amounts_of_time_have_units() -> None:
    assert [seconds(text) for text in ("2", "500ms", "2s", "3m", "1h", "1d", "1w")] == [
        2, 0.5, 2, 180, 3600, 86400, 604800,
    ]  # fmt: skip
    assert seconds("soon") is None
    assert moment("2026-11-20T10:00:00", NOW_MS) == NOW_MS
