"""Makes `docs/pictures/run.svg`: a run as the terminal shows it, over this repository's sources.

python tools/write_pictures.py
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from rlmboard.cli.commands.show import draw
from rlmboard.cli.pictures.run_page import answer_lines, detail_lines
from rlmboard.cli.terminal import Terminal
from rlmboard.cli.workplace import Workplace
from rlmboard.store import Store

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
WIDTH = 104
LANES = 14
RUN = (
    "run", "What happens when the disk is full?", "README.md", "docs", "src",
    "--provider", "simulated", "--fanout", "24", "--budget", "200",
    "--quorum", "0.95", "--per-query-timeout", "2", "--seed", "7",
)  # fmt: skip


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "RLMBOARD_HOME": home}
        rlmboard = [sys.executable, "-m", "rlmboard"]
        subprocess.run(
            [*rlmboard, *RUN], cwd=ROOT, env=environment, check=True, capture_output=True
        )
        (PICTURES / "run.svg").write_text(picture(home))
        with Store(home) as store:
            run_id = store.resolve("latest")
        board = subprocess.Popen(
            [*rlmboard, "ui", "--port", "0"], env=environment, stdout=subprocess.PIPE, text=True
        )
        try:
            assert board.stdout is not None
            address = board.stdout.readline().strip()
            draw_page = ["node", "pictures.mjs", f"{address}/runs/{run_id}", str(PICTURES)]
            subprocess.run(draw_page, cwd=ROOT / "ui", check=True)
        finally:
            board.terminate()
            board.wait()
    for file in sorted(PICTURES.iterdir()):
        print(f"{file.relative_to(ROOT)}: {file.stat().st_size:,} bytes")


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
