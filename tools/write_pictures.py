"""Makes `docs/pictures/`: runs of the gallery, as the terminal and as the page show them.

python tools/write_pictures.py
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from gallery import BOARD_RUN, EXPERIMENT, fill
from rich.console import Console

from rlmboard.cli.commands.show import draw
from rlmboard.cli.pictures.run_page import answer_lines, detail_lines
from rlmboard.cli.terminal import Terminal
from rlmboard.cli.workplace import Workplace
from rlmboard.folder import Home
from rlmboard.store import Store

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
WIDTH = 104
LANES = 14
PAGES = {
    "run-page": f"/runs/{BOARD_RUN}",
    "replay": f"/runs/{BOARD_RUN}?at=2600&lane=depth",
    "evidence": f"/runs/{BOARD_RUN}?tab=answer&cite=4",
    "runs": "/runs",
    "experiment": f"/experiments/{EXPERIMENT}",
    "providers": "/providers?window=30d",
    "home": "",
}


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        fill(Home(home), ROOT, datetime.now(UTC))
        (PICTURES / "run.svg").write_text(picture(home))
        with board(home) as address:
            pages = ["node", "pictures.mjs", address, str(PICTURES), json.dumps(PAGES)]
            subprocess.run(pages, cwd=ROOT / "ui", check=True)
    for file in sorted(PICTURES.iterdir()):
        print(f"{file.relative_to(ROOT)}: {file.stat().st_size:,} bytes")


@contextmanager
def board(home: str) -> Iterator[str]:
    """The address of the board on a home, while it is served."""
    served = subprocess.Popen(
        [sys.executable, "-m", "rlmboard", "ui", "--port", "0"],
        env={**os.environ, "RLMBOARD_HOME": home},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert served.stdout is not None
        yield served.stdout.readline().strip()
    finally:
        served.terminate()
        served.wait()


def picture(home: str) -> str:
    """The newest run of a home as SVG."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    here = Workplace(home)
    out = Terminal(sys.stdout)
    out.console, out.glyphs = console, Terminal(io.TextIOWrapper(io.BytesIO(), "utf-8")).glyphs
    here.out = out
    store = Store(home)
    run = store.run("latest")
    draw(here, run, LANES)
    text = ["", *answer_lines(run.row, run.output())]
    text += ["", *detail_lines(run.row, datetime.now(UTC), out.glyphs)[-3:]]
    console.print(*text, sep="\n", markup=False, highlight=False)
    store.close()
    return without_fonts(console.export_svg(title="rlmboard show"))


def without_fonts(svg: str) -> str:
    """Rich names fonts on another host; ours are those that the reader has."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return svg.replace("Fira Code", "ui-monospace, Menlo, Consolas, DejaVu Sans Mono")


if __name__ == "__main__":
    main()
