"""What the page costs in a real browser: opening a run, following it, comparing many."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from _browser import Browser, Samples, sampled, tree

HERE = Path(__file__).parent
WATCH = """
(() => {
  const bench = (window.bench = { long: [], drawn: null, table: null, frames: [], seen: [] })
  new PerformanceObserver((list) => bench.long.push(...list.getEntries().map((e) => e.duration)))
    .observe({ type: 'longtask', buffered: true })
  let seq = -1
  const look = () => {
    const canvas = document.querySelector('canvas[data-drawn]')
    const rows = document.querySelectorAll('[role=treegrid] [role=row]').length
    if (bench.drawn === null && canvas && canvas.dataset.drawn !== '0' && rows > 2)
      requestAnimationFrame(() => { bench.drawn ??= performance.now() })
    const cells = document.querySelectorAll('[role=grid] [role=gridcell]').length
    if (bench.table === null && cells > 0)
      requestAnimationFrame(() => { bench.table ??= performance.now() })
    const drawn = Number(canvas?.dataset.drawn ?? 0)
    if (drawn !== seq) {
      seq = drawn
      requestAnimationFrame(() => bench.seen.push([drawn, Date.now()]))
    }
    bench.frames.push(Date.now() + (performance.now() % 1))
    requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
})()
"""
CANVAS = "document.querySelector('canvas[data-drawn]')"
Interval = tuple[float, float]


def opened(browser: Browser, address: str, run_id: str) -> dict[str, float]:
    """A run, in a browser that has seen nothing: when all was drawn, and what the page is made of.

    Timeline and tree are drawn when the canvas names a line of the trace, the tree has rows, and a
    frame has passed since.
    """
    browser.do("open", url=f"{address}/runs/{run_id}", before=WATCH)
    if not browser.wait("bench.drawn !== null"):
        raise SystemExit(f"{run_id} was never drawn")
    time.sleep(0.7)
    said: dict[str, float] = browser.ask(
        "({ drawn_ms: bench.drawn, elements: document.querySelectorAll('*').length,"
        " longest_ms: Math.max(0, ...bench.long) })"
    )
    return said


def first_load_bytes(browser: Browser, address: str) -> int:
    """All code and fonts that a page asks for, as they were sent."""
    browser.do("open", url=address, before=WATCH)
    time.sleep(2)
    return int(
        browser.ask(
            "performance.getEntries().filter((e) => e.entryType === 'navigation' ||"
            " /\\.(js|css|woff2|svg)$/.test(e.name))"
            ".reduce((sum, e) => sum + e.encodedBodySize, 0)"
        )
    )


# ------------------------------------------------------------------ live


class Program:
    """A program of its own that records a run; see _board_runs.py."""

    def __init__(self, run_id: str, sub_queries: int, rate: float, seconds: float) -> None:
        program = [sys.executable, str(HERE / "_board_runs.py"), run_id, str(sub_queries)]
        self._process = subprocess.Popen(
            [*program, "--rate", str(rate), "--seconds", str(seconds)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.seq = self._hear()["ready"]

    def go(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def ticks(self) -> list[tuple[int, float]]:
        """When it wrote what, once it has ended."""
        said = self._hear()
        self._process.wait()
        self.seq = said["seq"]
        return [(seq, when_ms) for seq, when_ms in said["ticks"]]

    def _hear(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


def moved(
    browser: Browser, address: str, program: Program, run_id: str
) -> Iterator[tuple[str, float, float]]:
    """While events stream in: each movement, CPU ms a frame (median), frame ms (p95)."""
    opened(browser, address, run_id)
    program.go()
    time.sleep(1)
    for name in ("follow", "zoom", "pan"):
        with sampled(tree(browser.pid)[1:]) as samples:
            began_ms = time.time() * 1000
            _move(browser, name)
            ended_ms = time.time() * 1000
        frames = [at for at in browser.ask("bench.frames") if began_ms <= at <= ended_ms]
        yield name, cpu_ms_a_frame(samples, frames), p95(steps(frames))


def _move(browser: Browser, name: str, seconds: float = 6) -> None:
    x, y, w, h = browser.ask(
        f"(({{x, y, width, height}}) => [x, y, width, height])({CANVAS}.getBoundingClientRect())"
    )
    times = int(seconds * 60)
    if name == "follow":
        browser.ask(f"{CANVAS}.focus()")
        browser.do("press", key="l")
        time.sleep(seconds)
    elif name == "zoom":
        browser.do("press", key="f")
        browser.do("point", x=x + w * 0.6, y=y + h * 0.5)
        browser.do("wheel", dx=0, dy=-40, times=times, every_ms=16, control=True)
    else:
        browser.do("drag", x=x + w * 0.5, y=y + h * 0.5, by=6, times=times, every_ms=16)


def cpu_ms_a_frame(samples: Samples, frames: list[float]) -> float:
    """Median over stretches of half a second."""
    each = []
    for (t0, c0), (t1, c1) in pairwise(samples.taken):
        count = sum(t0 * 1000 <= at < t1 * 1000 for at in frames)
        if count and t1 - t0 > 0.3:
            each.append((c1 - c0) * 1000 / count)
    return statistics.median(each)


def to_pixel_ms(browser: Browser, ticks: list[tuple[int, float]]) -> list[float]:
    """From each event that was written to the frame after the one that drew it."""
    seen = browser.ask("bench.seen")
    late, at = [], 0
    for seq, when_ms in ticks:
        while at < len(seen) and seen[at][0] < seq:
            at += 1
        if at == len(seen):
            raise SystemExit(f"line {seq} was never drawn, only {seen[-1:]}")
        late.append(seen[at][1] - when_ms)
    return late


def readouts(browser: Browser) -> str:
    """The figures of the run, as they stand on the page."""
    return str(browser.ask("document.querySelector('main section[aria-label]').innerText"))


# ------------------------------------------------------------------ comparing


def compared(browser: Browser, address: str, experiment: str) -> dict[str, float]:
    """The table of an experiment: from its data to its cells, a sort, and a scroll."""
    browser.do("open", url=f"{address}/experiments/{experiment}", before=WATCH)
    if not browser.wait("bench.table !== null"):
        raise SystemExit("the comparison was never drawn")
    mount_ms = browser.ask(
        "bench.table - performance.getEntriesByType('resource')"
        ".find((e) => e.name.includes('/api/rlm/compare')).responseEnd"
    )
    time.sleep(1)
    sort_ms = statistics.median(browser.ask(SORT) for _ in range(6))
    at = browser.ask(
        "(({x, y, width, height}) => [x + width / 2, y + height / 2])"
        "(document.querySelector('[role=grid]').getBoundingClientRect())"
    )
    browser.do("point", x=at[0], y=at[1])
    with sampled(tree(browser.pid)[1:]) as samples:
        browser.do("wheel", dx=0, dy=120, times=240, every_ms=16, control=False)
    frames = browser.ask("bench.frames")
    return {
        "mount_ms": mount_ms,
        "sort_ms": sort_ms,
        "scroll_cpu_ms": cpu_ms_a_frame(samples, frames),
        "columns": browser.ask("Number(document.querySelector('[role=grid]').ariaColCount)"),
    }


SORT = """
new Promise((done) => {
  const buttons = [...document.querySelectorAll('[role=grid] [role=columnheader] button')]
  const cells = () => document.querySelector('[role=grid] [role=rowgroup]:last-child').innerText
  const before = cells()
  const began = performance.now()
  buttons[3 + (bench.sorted = ((bench.sorted ?? 0) + 1) % 6)].click()
  const look = () => {
    if (cells() !== before || performance.now() - began > 5000)
      requestAnimationFrame(() => done(performance.now() - began))
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
})
"""


# ------------------------------------------------------------------ figures


def steps(times: list[float]) -> list[float]:
    return [later - sooner for sooner, later in pairwise(times)]


def p95(values: list[float]) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
