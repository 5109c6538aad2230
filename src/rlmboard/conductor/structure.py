"""Where a document's parts begin: headings of Markdown, definitions of code, nothing in prose."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["markdown", "code", "prose"]


class Boundary(NamedTuple):
    """A part begins: its level, from 0 (the highest), and its name."""

    level: int
    name: str


Find: TypeAlias = Callable[[str, str], Boundary | None]
"""Whether a part begins at a line; the line after it is given too."""

_NAME_CHARS = 80

# ------------------------------------------------------------------ Markdown

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


class Markdown:
    """Headings, `#` or underlined, outside of fenced code."""

    def __init__(self) -> None:
        self._fence = ""

    def __call__(self, line: str, following: str) -> Boundary | None:
        if fence := _FENCE.match(line):
            self._toggle(fence[1])
            return None
        if self._fence:
            return None
        if heading := _HEADING.match(line):
            return Boundary(len(heading[1]) - 1, _short(heading[2]))
        if line[:1].isalnum() and (under := _UNDERLINE.match(following)) and len(under[1]) > 2:
            return Boundary(0 if under[1][0] == "=" else 1, _short(line))
        return None

    def _toggle(self, mark: str) -> None:
        if not self._fence:
            self._fence = mark
        elif mark.startswith(self._fence):
            self._fence = ""


# ------------------------------------------------------------------ code

_PYTHON = re.compile(r"( {0,4}|\t)(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)")
_RUST = re.compile(
    r"( {0,4}|\t)(?:pub(?:\([^)]*\))?\s+)?"
    r"(?:(?:async|unsafe|const|default|extern(?:\s+\"[^\"]*\")?)\s+)*"
    r"((?:fn|struct|enum|union|trait|mod|macro_rules!)\s+\w+|impl\b[^{]*)"
)
_GO = re.compile(r"()(?:func[ \t]+(?:\([^)]*\)[ \t]*)?|type[ \t]+)(\w+)")
_SCRIPT = re.compile(
    r"( {0,4}|\t)(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?"
    r"(?:(?:function\s*\*?|class|interface|enum|namespace|type)\s+([\w$]+)"
    r"|(?:const|let|var)\s+([\w$]+)\s*(?::[^=]+)?=\s*(?:async\b\s*)?(?:function\b|\(|[\w$]+\s*=>))"
)
_MANAGED = re.compile(
    r"( {0,4}|\t)(?:(?:public|private|protected|internal|static|final|abstract|sealed|override|open"
    r"|virtual|async|data|partial|inline|suspend|synchronized|native|default)\s+)*"
    r"(?:(?:@?interface|class|enum|record|struct|trait|object|namespace|fun|func|extension|protocol)"
    r"\s+(\w+)|(?:public|private|protected|internal|static|override)\s[^=;(]*?(\w+)\s*\()"
)
_C = re.compile(
    r"()(?:(?:typedef\s+)?(?:struct|union|enum|class|namespace)\s+(\w+)\s*[^;]*$"
    r"|(?!(?:if|for|while|switch|return|else|do|case)\b)[A-Za-z_][\w\s*&:<>,~]*?"
    r"\b([A-Za-z_~]\w*)\s*\([^;]*$)"
)
_RUBY = re.compile(r"( {0,4}|\t)(?:def|class|module)\s+([\w.:?!]+)")
_SHELL = re.compile(r"()(?:function\s+([\w:-]+)|([\w:-]+)\s*\(\)\s*[{(]?\s*$)")
_PHP = re.compile(
    r"( {0,4}|\t)(?:(?:public|private|protected|static|final|abstract)\s+)*"
    r"(?:function|class|interface|trait|enum)\s+&?(\w+)"
)

_LANGUAGES: dict[str, re.Pattern[str]] = {
    **dict.fromkeys(("py", "pyi", "pyx"), _PYTHON),
    "rs": _RUST,
    "go": _GO,
    **dict.fromkeys(
        ("js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte"), _SCRIPT
    ),
    **dict.fromkeys(("java", "kt", "kts", "cs", "scala", "swift", "dart", "groovy"), _MANAGED),
    **dict.fromkeys(("c", "h", "cc", "cpp", "cxx", "hh", "hpp", "hxx", "m", "mm", "cu"), _C),
    "rb": _RUBY,
    **dict.fromkeys(("sh", "bash", "zsh", "ksh"), _SHELL),
    "php": _PHP,
}
_MARKDOWN = {"md", "markdown", "mdx", "mkd", "qmd", "rmd"}
_PROSE = {"txt", "text", "log", "csv", "tsv", "json", "jsonl", "xml", "html", "yaml", "yml", "toml"}
_INTERPRETERS = {"python": "py", "node": "js", "deno": "ts", "ruby": "rb", "php": "php", "sh": "sh"}
_SHEBANG = re.compile(r"#!.*?\b(python|node|deno|ruby|php|(?:ba|z|k|da)?sh)[\d.]*\b")


def _code(pattern: re.Pattern[str]) -> Find:
    def find(line: str, following: str) -> Boundary | None:
        found = pattern.match(line)
        if found is None:
            return None
        name = next((group for group in found.groups()[1:] if group), "")
        return Boundary(1 if found[1] else 0, _short(name))

    return find


def _no_boundary(line: str, following: str) -> Boundary | None:
    return None


# ------------------------------------------------------------------ which of them


def finder(path: str, beginning: str) -> tuple[Kind, Find]:
    """How to find the parts of a document, by its name, else by how it begins."""
    extension = path.rpartition("/")[2].rpartition(".")[2].lower() if "." in path else ""
    if extension in _MARKDOWN:
        return "markdown", Markdown()
    if extension in _LANGUAGES:
        return "code", _code(_LANGUAGES[extension])
    if extension in _PROSE:
        return "prose", _no_boundary
    return _by_beginning(beginning)


def _by_beginning(beginning: str) -> tuple[Kind, Find]:
    if shebang := _SHEBANG.match(beginning):
        name = "sh" if shebang[1].endswith("sh") else shebang[1]
        return "code", _code(_LANGUAGES[_INTERPRETERS[name]])
    find = Markdown()
    lines = beginning.split("\n")
    if sum(find(*pair) is not None for pair in zip(lines, [*lines[1:], ""], strict=True)) >= 2:
        return "markdown", Markdown()
    return "prose", _no_boundary


_LEADING = re.compile(r"[ \t]*(?:@\w|#|//|/\*|\*|--)")


def leads(line: str) -> bool:
    """Whether a line may belong to the definition below it: a comment or a decorator."""
    return _LEADING.match(line) is not None


def _short(name: str) -> str:
    return " ".join(name.split())[:_NAME_CHARS]
