"""Citations in answers become SpanRefs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rlmboard.conductor import cited
from rlmboard.conductor.citations import MOST_CITATIONS, resolve
from rlmboard.sources import Passage
from rlmboard.trace import SpanRef, content_hash

TEXT = "one\ntwo\r\nthree\nfour"


def passage(text=TEXT, first=10, start=100):
    content = text.encode()
    return Passage(
        text,
        SpanRef(
            id="p",
            path="a.py",
            start_line=first,
            end_line=first + content.count(b"\n"),
            start_byte=start,
            end_byte=start + len(content),
            commit="c0ffee",
        ),
    )


def test_citations_are_found_in_their_text_form():
    text = "It is so [src/a.py:10-50]. Also [b c.md:7], and again [src/a.py:10-50]."
    assert cited(text) == [("src/a.py", 10, 50), ("b c.md", 7, 7)]


def test_what_is_no_citation_is_left_alone():
    assert cited("[link](http://x:80) x[1:3] [a:b] [10:] []") == [("1", 3, 3)]


def test_lines_that_were_read_are_cited_with_their_very_bytes():
    found = resolve("so [a.py:11-12]", (), (), [passage()], None)
    (span,) = found.spans
    assert (span.start_line, span.end_line, span.commit) == (11, 12, "c0ffee")
    assert (span.start_byte, span.end_byte) == (104, 115)
    assert span.content_hash == content_hash(b"two\r\nthree\n")


@given(st.lists(st.text(max_size=5), min_size=1, max_size=8), st.data())
def test_a_sub_span_is_the_lines_that_it_says(parts, data):
    text = "\n".join(part.replace("\n", "") for part in parts)
    if not text or text.endswith("\n"):
        return
    lines = text.split("\n")
    first = data.draw(st.integers(1, len(lines)))
    last = data.draw(st.integers(first, len(lines)))
    read = [passage(text, first=1, start=0)]
    (span,) = resolve(f"[a.py:{first}-{last}]", (), (), read, None).spans
    content = text.encode(errors="surrogatepass")
    said = content[span.start_byte : span.end_byte].decode(errors="surrogatepass")
    assert said.removesuffix("\n" if last < len(lines) else "") == "\n".join(
        lines[first - 1 : last]
    )


def test_what_a_provider_gave_and_what_is_known_come_before_reading():
    given_span = SpanRef(id="g", path="a.py", start_line=11, end_line=11)
    known_span = SpanRef(id="k", path="b.py", start_line=1, end_line=2)
    found = resolve("[a.py:11] [b.py:1-2]", [given_span], [known_span], [passage()], None)
    assert found == ((given_span, known_span), 0)


def test_other_places_are_asked_for_and_those_that_are_nowhere_are_counted():
    elsewhere = SpanRef(id="e", path="c.py", start_line=1, end_line=1)
    found = resolve(
        "[c.py:1] [a.py:99] [gone.py:1]", (), (), [passage()],
        lambda path, first, last: elsewhere if path == "c.py" else None,
    )  # fmt: skip
    assert found == ((elsewhere,), 2)


def test_a_slice_in_quoted_code_is_no_citation_that_leads_nowhere():
    assert resolve("it returns parts[1:3] and rows[start:10]", (), (), [passage()], None) == ((), 0)


def test_a_passage_that_is_not_its_bytes_is_not_cited_from():
    broken = Passage("\ufffd\n", passage("x\n").span)
    assert resolve("[a.py:10]", (), (), [broken], None).unresolved == 1


def test_spans_of_the_same_lines_are_all_kept():
    spans = [SpanRef(id=str(i), path="a", start_line=1, end_line=1, start_byte=i) for i in (0, 5)]
    assert resolve("[a:1]", [*spans, spans[0]], (), (), None) == (tuple(spans), 0)


def test_an_answer_of_endless_citations_is_not_looked_up_without_end():
    asked = []
    text = " ".join(f"[a.py:{line}]" for line in range(1, 10_000))
    found = resolve(text, (), (), (), lambda *place: asked.append(place))
    assert len(asked) == MOST_CITATIONS
    assert found.unresolved == 9_999


def test_spans_stand_in_the_order_in_which_the_text_cites_them():
    first = SpanRef(id="g", path="a.py", start_line=11, end_line=11)
    second = SpanRef(id="k", path="b.py", start_line=1, end_line=2)
    found = resolve("[b.py:1-2] [a.py:11]", [first], [second], [], None)
    assert found.spans == (second, first)
