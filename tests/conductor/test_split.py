"""Documents become fragments: every byte in one, spans exact, structure kept."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlmboard.conductor import split
from rlmboard.conductor.split import divide
from rlmboard.trace import content_hash

LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                b"\n",
                b"# One\n",
                b"## Two\n",
                b"### Three\r\n",
                b"====\n",
                b"```\n",
                b"def f(x):\n",
                b"class C:\n",
                b"    def m(self):\n",
                b"@decorated\n",
                b"# a comment\n",
                b"        return 1\n",
                b"words of prose that go on for a while\n",
                "zwölf Straßenbahnen 東京 🚋\n".encode(),
                b"\xff\xfe broken \x80\x80\x80\x80\x80\x80 bytes\n",
            ]
        ),
        st.binary(max_size=60),
    ),
    max_size=40,
)


@given(
    content=LINES.map(b"".join),
    path=st.sampled_from(["a.md", "a.py", "a.txt", "a", "a.rs"]),
    size=st.integers(16, 120),
)
def test_fragments_are_the_document(content, path, size):
    fragments = list(split(io.BytesIO(content), path, size))
    parts = [content[f.span.start_byte : f.span.end_byte] for f in fragments]
    assert b"".join(parts) == content
    assert len({f.id for f in fragments}) == len(fragments)
    for fragment, part in zip(fragments, parts, strict=True):
        before, lines = content[: fragment.span.start_byte], part.count(b"\n")
        assert part
        assert fragment.span.content_hash == content_hash(part)
        assert fragment.chars == len(part.decode(errors="replace")) <= size
        assert fragment.span.start_line == before.count(b"\n") + 1
        ends_line = part.endswith(b"\n")
        assert fragment.span.end_line == fragment.span.start_line + lines - ends_line


@given(LINES.map(b"".join), st.integers(1, 30))
def test_lines_may_come_in_pieces(content, most):
    pieces = [
        line[at : at + most] for line in io.BytesIO(content) for at in range(0, len(line), most)
    ]
    whole = [f.span for f in split(io.BytesIO(content), "a.txt", 10_000)]
    assert [f.span for f in split(pieces, "a.txt", 10_000)] == whole


def test_nothing_gives_no_fragment():
    assert list(split([], "a.md", 100)) == []


def titles(text, path, size):
    return [f.title for f in split(io.BytesIO(text.encode()), path, size)]


def cut(text, path, size):
    content = text.encode()
    fragments = split(io.BytesIO(content), path, size)
    return [content[f.span.start_byte : f.span.end_byte].decode() for f in fragments]


def test_a_markdown_section_that_fits_stays_whole():
    text = "# A\n\n" + "a " * 40 + "\n\n## B\n\n" + "b " * 40 + "\n\n## C\n\n" + "c " * 40 + "\n"
    assert [part[:4] for part in cut(text, "x.md", 120)] == ["# A\n", "## B", "## C"]
    assert titles(text, "x.md", 120) == ["A", "A > B", "A > C"]


def test_small_neighbours_under_the_same_parent_are_joined():
    text = "# A\n\n## B\n\nb\n\n## C\n\nc\n"
    assert titles(text, "x.md", 1000) == ["A, A > B, A > C"]


def test_what_lies_under_different_parents_is_not_joined():
    text = "# A\n\n## B\n\n" + "b " * 60 + "\n\n## C\n\nc\n\n# D\n\nd\n"
    parts = cut(text, "x.md", 120)
    assert parts[-1].startswith("# D")
    assert all("# D" not in part for part in parts[:-1])


def test_underlined_headings_are_headings_and_fenced_ones_are_not():
    text = "Title\n=====\n\n```\n# no heading\n```\n\nPart\n----\n\ntext\n"
    assert titles(text, "x.md", 1000) == ["Title, Title > Part"]


def test_a_large_section_is_cut_at_blank_lines():
    paragraphs = ["".join(f"sentence {i} of {p}.\n" for i in range(4)) + "\n" for p in range(9)]
    for part in cut("# A\n\n" + "".join(paragraphs), "x.md", 250)[:-1]:
        assert part.endswith("\n\n")


def test_a_line_too_long_for_a_fragment_is_cut_between_characters():
    parts = cut("🚋" * 100, "x.txt", 30)
    assert "".join(parts) == "🚋" * 100
    assert all(25 <= len(part) <= 30 for part in parts[:-1])


def test_a_title_goes_on_where_a_section_is_cut():
    text = "# A\n\n" + "word " * 100 + "\n\n" + "word " * 100 + "\n"
    assert set(titles(text, "x.md", 600)) == {"A"}


PYTHON = '''"""Doc."""

import os


@decorated
def first(x):
    return x


# what second is for
class Second:
    def method(self):
        return 1

    def other(self):
        return 2
'''


def test_code_is_cut_before_definitions_with_what_stands_above_them():
    parts = cut(PYTHON, "x.py", 60)
    assert any(part.startswith("@decorated\ndef first") for part in parts)
    assert any(part.startswith("# what second is for\nclass Second") for part in parts)
    assert any(part.startswith("    def other") for part in parts)


@pytest.mark.parametrize(
    ("path", "text", "names"),
    [
        ("x.py", "async def f():\n  pass\nclass C(B):\n  pass\n", ["f", "C"]),
        (
            "x.js",
            "export function f() {\n}\nconst g = async (x) => 1\nclass C {}\n",
            ["f", "g", "C"],
        ),
        ("x.ts", "export interface I {\n}\nexport type T = {\n}\n", ["I", "T"]),
        ("x.rs", "pub fn f() {\n}\nimpl<T> A for B {\n}\n", ["fn f", "impl<T> A for B"]),
        ("x.go", "func (s *S) M() {\n}\ntype T struct {\n}\n", ["M", "T"]),
        ("X.java", "public class A {\n  public int b() {\n  }\n}\n", ["A", "A > b"]),
        ("x.c", "static int f(int x)\n{\n}\nstruct s {\n};\n", ["f", "s"]),
        ("x.rb", "class A\n  def b\n  end\nend\n", ["A", "A > b"]),
        ("x.sh", "f() {\n}\nfunction g {\n}\n", ["f", "g"]),
        ("x.php", "public function f() {\n}\n", ["f"]),
        ("tool", "#!/usr/bin/env python3\ndef f():\n  pass\n", ["f"]),
        ("NOTES", "# A\n\ntext\n\n# B\n", ["A", "B"]),
    ],
)
def test_definitions_of_many_languages_are_known(path, text, names):
    assert titles(text, path, 10_000) == [", ".join(names)]


def test_prose_has_no_titles():
    assert titles("# not a heading\n\n" * 50, "x.txt", 100)[0] is None


def test_a_document_of_any_size_is_never_held():
    taken = 0

    def lines():
        nonlocal taken
        while True:
            taken += 1
            yield b"a line of prose\n"

    fragments = split(lines(), "x.txt", 1000)
    for number, _ in zip(range(1, 200), fragments, strict=False):
        assert taken <= number * 64 + 64


def test_the_pieces_of_a_fragment_lie_where_they_lie_in_the_document():
    content = b"skipped\n" + b"".join(b"line %d\n" % i for i in range(50))
    (fragment,) = split(io.BytesIO(content), "x.md", 10_000)
    parts = divide(fragment, content.decode(), 100)
    assert b"".join(content[p.span.start_byte : p.span.end_byte] for p in parts) == content
    for part in parts:
        text = content[part.span.start_byte : part.span.end_byte]
        assert part.span.content_hash == content_hash(text)
        assert (
            content.splitlines(keepends=True)[part.span.start_line - 1]
            == text.splitlines(keepends=True)[0]
        )


def test_a_fragment_in_the_middle_is_divided_where_it_stands():
    content = b"# A\n\n" + b"a\n" * 60 + b"# B\n\n" + b"b line\n" * 60
    second = list(split(io.BytesIO(content), "x.md", 450))[1]
    text = content[second.span.start_byte : second.span.end_byte]
    parts = divide(second, text.decode(), 100)
    assert parts[0].span.start_line == second.span.start_line
    assert parts[-1].span.end_byte == second.span.end_byte
    assert {p.title for p in parts} == {"B"}


def test_a_fragment_whose_text_is_not_its_bytes_cannot_be_divided():
    (fragment,) = split([b"\xff" * 40], "x.txt", 100)
    assert divide(fragment, (b"\xff" * 40).decode(errors="replace"), 16) == ()
