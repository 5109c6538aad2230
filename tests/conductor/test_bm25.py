"""Words of prose and code, and how well texts match a query by them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.conductor.bm25 import Bm25, words

TEXTS = st.lists(st.lists(st.sampled_from("abcdef"), max_size=8), max_size=8)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("readLines", ["readlines", "read", "lin"]),
        ("read_lines", ["readlines", "read", "lin"]),
        ("HTTPServer", ["httpserver", "http", "serv"]),
        ("__init__", ["init"]),
        ("What is the answer to it?", ["answ"]),
        ("kill -9", ["kill"]),
        ("Größe naïve", ["größ", "naïv"]),
        ("", []),
    ],
)
def test_prose_and_code_are_split_into_the_same_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_forms_of_a_word_are_one_word() -> None:
    assert set(words("walk walks walked walking walker")) == {"walk"}
    assert words("class classes") == ["class", "class"]
    assert words("queries query") == ["query", "query"]


def test_the_text_that_says_more_of_the_query_in_fewer_words_is_first() -> None:
    texts = ["red", "red fox", "red fox in a very long sentence on other animals", "owl"]
    scores = Bm25(words("red fox")).fit(map(words, texts)).scores()
    assert sorted(range(4), key=lambda place: -scores[place]) == [1, 2, 0, 3]
    assert scores[3] == 0.0


def test_a_rare_word_weighs_more_than_a_frequent_one() -> None:
    texts = [["often"], ["often"], ["often"], ["rare"]]
    scores = Bm25(["often", "rare"]).fit(texts).scores()
    assert scores[3] > scores[0] == scores[1]


@given(query=st.lists(st.sampled_from("abcdef"), max_size=5), texts=TEXTS)
def test_a_score_is_positive_exactly_where_a_word_of_the_query_stands(query, texts) -> None:
    scores = Bm25(query).fit(texts).scores()
    assert [score > 0 for score in scores] == [bool(set(query) & set(text)) for text in texts]


@given(query=st.lists(st.sampled_from("abcdef"), max_size=5), texts=TEXTS, data=st.data())
def test_scores_do_not_depend_on_the_order_of_the_texts(query, texts, data) -> None:
    order = data.draw(st.permutations(range(len(texts))))
    plain = Bm25(query).fit(texts).scores()
    shuffled = Bm25(query).fit([texts[place] for place in order]).scores()
    assert shuffled == [plain[place] for place in order]
