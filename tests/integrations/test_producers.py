"""The environments of the programs that tests record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PINS = sorted(Path(__file__).parents[1].glob("producers/*.txt"))
TELL = """
import sys, importlib.metadata as metadata, importlib.util as util
found = util.find_spec("rlmboard")
print(found.origin if found else "")
for name in sys.argv[1:]: print(metadata.version(name))
"""


@pytest.mark.parametrize("pins", PINS, ids=lambda path: path.stem)
def test_an_environment_holds_what_is_pinned_and_this_rlmboard(
    pins: Path, producer: Callable[[str], Any], tmp_path: Path
) -> None:
    lines = [line.partition("#")[0].strip() for line in pins.read_text().splitlines()]
    pinned = dict(line.split("==") for line in lines if line)
    script = tmp_path / "tell.py"
    script.write_text(TELL)
    names = [name.partition("[")[0] for name in pinned]
    said = producer(pins.stem).run(script, *names, home=tmp_path).stdout.splitlines()
    if pins.stem in {"otel", "perfetto"}:  # what sends or shows spans knows nothing of rlmboard
        assert said[0] == ""
    else:
        assert Path(said[0]).is_relative_to(Path(__file__).parents[2] / "src")
    assert said[1:] == list(pinned.values())


def test_what_is_missing_is_a_skip_that_says_the_command_and_a_failure_where_ci_is_set(
    producer: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "exists", lambda path: path.suffix == ".txt")
    for ci, raised in (("", pytest.skip.Exception), ("true", pytest.fail.Exception)):
        monkeypatch.setenv("CI", ci)
        with pytest.raises(raised, match=r"make \.producers/rlms-0\.1\.3/\.ok"):
            producer("rlms-0.1.3")
