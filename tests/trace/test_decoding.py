"""Threads that meet a structure at the same moment."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import rlmboard

SOURCE = Path(rlmboard.__file__).parent
MEET = """
import sys, threading
import msgspec
from rlmboard.trace import json_decoder

RAW = b'{"a": {"f1": 1, "f19": 2}, "b": [{"f3": 3}], "g1": {"a": "b"}, "g9": null}'

def made(n):
    inner = msgspec.defstruct(f"Inner{n}", [(f"f{k}", int | None, None) for k in range(20)])
    outer = [("a", inner | None, None), ("b", list[inner] | None, None)]
    outer += [(f"g{k}", dict[str, str] | None, None) for k in range(20)]
    return msgspec.defstruct(f"Outer{n}", outer)

def decode(kind, together, told):
    together.wait()
    told.append(json_decoder(kind).decode(RAW).b[0].f3)

sys.setswitchinterval(1e-6)
for n in range(150):
    kind, together, told = made(n), threading.Barrier(4), []
    threads = [threading.Thread(target=decode, args=(kind, together, told)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [3] * 4
"""
PLAIN = {"dict", "list", "str", "Any", "int", "float", "bool", "msgspec"}


def test_all_of_them_decode_it() -> None:
    """A process of its own: what this guards against is no exception, but the end of it."""
    done = subprocess.run([sys.executable, "-c", MEET], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_nothing_is_decoded_by_its_bare_type() -> None:
    found = [place for file in SOURCE.rglob("*.py") for place in bare(file)]
    assert found == []


def bare(file: Path) -> Iterator[str]:
    """Where something is decoded to a structure that no decoder of ours readied."""
    for call in ast.walk(ast.parse(file.read_text())):
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith(".decode"):
            for word in call.keywords:
                names = {one.id for one in ast.walk(word.value) if isinstance(one, ast.Name)}
                if word.arg == "type" and names - PLAIN:
                    yield f"{file.relative_to(SOURCE)}:{call.lineno}"
