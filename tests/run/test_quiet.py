"""Nothing is ever printed: a recorded program may be capturing what is."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

Program = Callable[..., "subprocess.CompletedProcess[str]"]

ALL_THAT_GOES_WRONG = """
import os, resource, sys, threading
import rlmboard

def broken(text): raise RuntimeError("a mask")

run = rlmboard.init("q\\udce9", config={"object": object()}, mask=broken, webhook="http://127.0.0.1:9")
run.log({"bad": "x", "nan": float("nan")}); run.log(None)
run.subquery(None, role="x").returned(object(), cost_sats="x", tokens=7, spans=3)
run.emit(None); run.emit(rlmboard.Note(message="x"), at_ms=float("nan"))
run.artifact("/nowhere"); run.alert("x"); run.summary["x"] = "y"; run.config["y"] = {1}
run.finish(3)

_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
full = rlmboard.init("q")
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, hard))
threads = [threading.Thread(target=lambda: [full.note("x" * 100) for _ in range(50)]) for _ in "ab"]
for thread in threads: thread.start()
for thread in threads: thread.join()
full.subquery("p" * 9000).returned("a" * 900_000)
full.output = "o" * 9000
full.finish()
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))

closed = rlmboard.init("q")
closed._capture.join()
os.closerange(3, 4096)
closed.note("x"); closed._recorder.writer.beat(); closed.finish()

nowhere = rlmboard.init("q", home="/dev/null/x"); nowhere.note("x"); nowhere.finish()
rlmboard.init("left open")
os.write(1, f"{run.lost > 5} {full.lost > 50} {closed.lost} {nowhere.lost > 0}".encode())
"""


def test_nothing_is_printed_whatever_goes_wrong(program: Program) -> None:
    done = program(ALL_THAT_GOES_WRONG)
    assert done.stderr == ""
    assert done.stdout == "True True 0 True"
    assert done.returncode == 0
