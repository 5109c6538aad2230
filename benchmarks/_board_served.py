"""Homes with runs to look at, and the board served on them as a process of its own."""

from __future__ import annotations

import http.client
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from _board_peers import Served, served

from rlmboard.folder import Home
from rlmboard.store import Store

HERE = Path(__file__).parent


@contextmanager
def board(home: Path) -> Iterator[Served]:
    """`rlmboard ui` on a home, as a process of its own."""
    port = 20_000 + random.randrange(20_000)
    command = [sys.executable, "-m", "rlmboard", "ui", "--port", str(port)]
    environ = {**os.environ, "RLMBOARD_HOME": str(home)}
    address = f"http://127.0.0.1:{port}/rlm"
    with (
        tempfile.TemporaryDirectory(prefix="rlmboard-bench-") as folder,
        served(command, address, Path(folder), environ) as one,
    ):
        yield one


def recorded(sub_queries: int) -> str:
    """The id of an ended run with so many sub-queries, made where it is not there, and indexed."""
    run_id = f"fan-{sub_queries}"
    if not Home().run(run_id).exists():
        program = [sys.executable, str(HERE / "_board_runs.py"), run_id, str(sub_queries)]
        subprocess.run(program, check=True, stdout=subprocess.DEVNULL)
        with Store(Home()) as reading:
            reading.run(run_id)
    return run_id


def ask(ours: Served, path: str) -> tuple[bytes, float]:
    """What the board answers, as it was sent, and how many milliseconds it took."""
    where = urlsplit(ours.address)
    began = time.perf_counter()
    connection = http.client.HTTPConnection(where.hostname or "", where.port)
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    body = answer.read()
    took_ms = (time.perf_counter() - began) * 1000
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"{path}: {answer.status} {body[:300]!r}")
    return body, took_ms
