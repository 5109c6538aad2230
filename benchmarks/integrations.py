"""What it costs a program that it is recorded, and what an import costs.

    python benchmarks/integrations.py [--pairs 20] [--only rlms,dspy,import] [--peers PYTHON]

Programs run in their environments (`make producers`), against a scripted server in this process.
CPU is that of the program alone: recorded and unrecorded runs alternate, and the median of the
differences of each pair counts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rlmboard.folder import Home
from rlmboard.integrations.imports.importing import import_source
from rlmboard.integrations.imports.recognising import recognise
from rlmboard.testing import Reply, ScriptedServer

HERE = Path(__file__).parent
Row = tuple[str, str, str, str]
TEXT = "Two thousand characters of prose that a model might have written. " * 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--only", default="")
    parser.add_argument("--peers", help="a Python with mlflow, dspy and rlmboard beside each other")
    given = parser.parse_args()
    if given.peers:
        os.environ["PEERS"] = given.peers
    scratch = Path(tempfile.mkdtemp(prefix="rlmboard-bench-"))
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}"
    )
    print("\n| what | measured | beside it | reach |\n|---|---|---|---|")
    try:
        for name, measure in MEASURES.items():
            if not given.only or name in given.only.split(","):
                for row in measure(scratch, given.pairs):
                    print(f"| {' | '.join(row)} |", flush=True)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


# ------------------------------------------------------------------ rlms


def rlms(scratch: Path, pairs: int) -> Iterator[Row]:
    """Completions of 20 and of 220 calls: what a call adds, and what a run does."""
    few, many = (
        paired(scratch, "rlms-0.1.3", "_rlms_program.py", answers, pairs, calls)
        for calls in (20, 220)
    )
    added_s = statistics.median(r - p for p, r in many) - statistics.median(r - p for p, r in few)
    plain_s = statistics.median(p for p, _ in many) - statistics.median(p for p, _ in few)
    yield (
        f"CPU added to a call, prompt and answer of 2 kB, {pairs} pairs of runs",
        f"**{added_s / 200 * 1e6:.0f} µs**",
        f"the call itself: {plain_s / 200 * 1e6:,.0f} µs",
        "≤ 150 µs",
    )
    of_run_s = statistics.median(r - p for p, r in few) - added_s / 10
    yield (
        "CPU added to a run, environment and packages included",
        f"{of_run_s * 1e3:.0f} ms",
        "",
        "",
    )


def answers(body: dict[str, Any]) -> Reply:
    """A root that asks as often as its name says, half of it in batches, and then is done."""
    model, messages = body["model"], body["messages"]
    if not model.startswith("calls-"):
        return Reply.counting(TEXT, 500, 400, cost=0.001)
    each = int(model.removeprefix("calls-")) // 2
    turns = [
        f"r = [llm_query(str(n) + {TEXT!r}) for n in range({each})]",
        f"r = llm_query_batched([str(n) + {TEXT!r} for n in range({each})])",
        'answer["content"] = "done"; answer["ready"] = True',
    ]
    done = sum("```repl" in said["content"] for said in messages if said["role"] == "assistant")
    return Reply.counting(f"```repl\n{turns[min(done, 2)]}\n```", 900, 80, cost=0.002)


def paired(
    scratch: Path, name: str, script: str, answers: Any, pairs: int, calls: int
) -> list[tuple[float, float]]:
    """CPU seconds of unrecorded and recorded runs of a program in its environment."""
    told = rounds(scratch, environment(name), script, answers, pairs, calls)
    return [(plain, recorded) for plain, recorded, _ in told]


def environment(name: str) -> Path:
    python = HERE.parent / ".producers" / name / "bin" / "python"
    if not python.exists():
        sys.exit(f"no environment of {name}: make .producers/{name}/.ok")
    return python


def rounds(
    scratch: Path, python: Path, script: str, answers: Any, pairs: int, calls: int, *more: str
) -> list[list[float]]:
    """What a program says of each round, its ways of being recorded in turn."""
    environ = {**os.environ, "RLMBOARD_HOME": str(scratch / "home")}
    with ScriptedServer(answers) as server:
        done = subprocess.run(
            [str(python), str(HERE / script), server.url, str(pairs), str(calls), *more],
            env=environ,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]


# ------------------------------------------------------------------ dspy


def dspy(scratch: Path, pairs: int) -> Iterator[Row]:
    """Programs of 20 and of 220 calls; beside them MLflow's autolog, where it is to be had."""
    peers = os.environ.get("PEERS")
    python = Path(peers) if peers else environment("dspy-3.4.1")
    more = ("--beside",) if peers else ()
    reply = Reply.counting(TEXT, 500, 400, cost=0.001)
    few, many = (
        rounds(scratch, python, "_dspy_program.py", lambda body: reply, pairs, calls, *more)
        for calls in (20, 220)
    )
    added_us = [1e6 / 200 * (gap(many, way) - gap(few, way)) for way in range(1, len(few[0]) - 1)]
    beside = f"MLflow's autolog: {added_us[1]:,.0f} µs" if peers else ""
    yield (
        f"CPU added to a call of dspy, prompt and answer of 2 kB, {pairs} pairs of runs",
        f"**{added_us[0]:.0f} µs**",
        beside,
        "≤ 150 µs",
    )


def gap(told: list[list[float]], way: int) -> float:
    """What a way of recording adds to a program, seconds of CPU, in the median."""
    return statistics.median(one[way] - one[0] for one in told)


# ------------------------------------------------------------------ import


def importing(scratch: Path, pairs: int) -> Iterator[Row]:
    """Logs of rlms, by the size of their context; the largest in a process of its own."""
    for chars, size_mb in ((1_000, 100), (100_000, 250), (100_000, 1_000)):
        path = scratch / f"{chars}-{size_mb}.jsonl"
        write_log(path, chars, size_mb * 1_000_000)
        took_s, peak_mb = in_its_process(path, scratch / f"home-{chars}-{size_mb}")
        size = path.stat().st_size / 1e6
        yield (
            f"import of {size:,.0f} MB of rlms logs, contexts of {chars:,} characters",
            f"**{size / took_s:,.0f} MB/s**, {peak_mb:.0f} MB at most",
            f"the file read: {size / read_s(path):,.0f} MB/s",
            "≥ 50 MB/s, ≤ 200 MB" if chars > 1_000 else "",
        )
        path.unlink()


def in_its_process(path: Path, home: Path) -> tuple[float, float]:
    """Seconds and the most memory in MB of an import."""
    done = subprocess.run(
        [sys.executable, __file__, "--of-one", str(path), str(home)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    took_s, peak_kb = json.loads(done.stdout)
    return took_s, peak_kb / 1024


def import_one(path: str, home: str) -> None:
    source = recognise(Path(path))
    assert source is not None
    began = time.perf_counter()
    import_source(Home(home), source)
    took_s = time.perf_counter() - began
    print(json.dumps([took_s, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]))


def read_s(path: Path) -> float:
    began = time.perf_counter()
    with path.open("rb") as file:
        while file.read(1 << 20):
            pass
    return time.perf_counter() - began


def write_log(path: Path, chars: int, size_bytes: int) -> None:
    """Completions of eight turns each, as the library writes them, until the file is so large."""
    context = "".join(f"line {n} of a long text, é\n" for n in range(chars // 25))[:chars]
    with path.open("w") as file:
        for number in range(1_000_000):
            at = f"2026-06-25T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}"
            for line in completion(at, number, context):
                file.write(json.dumps(line) + "\n")
            if file.tell() >= size_bytes:
                return


def completion(at: str, number: int, context: str) -> Iterator[dict[str, Any]]:
    yield {
        "type": "metadata",
        "timestamp": f"{at}.{number:06}",
        "root_model": "large",
        "max_depth": 1,
        "max_iterations": 30,
        "backend": "openai",
        "backend_kwargs": {"model_name": "large"},
        "environment_type": "local",
        "environment_kwargs": {},
        "other_backends": None,
    }
    prompt = [{"role": "system", "content": TEXT * 3}, {"role": "user", "content": "Turn 1/30:"}]
    for turn in range(1, 9):
        used = {"total_calls": 1, "total_input_tokens": 500, "total_output_tokens": turn}
        call = {
            "root_model": "small",
            "prompt": f"{turn} {TEXT[:400]}",
            "response": TEXT[:400],
            "usage_summary": {"model_usage_summaries": {"small": used}},
            "execution_time": 0.01,
        }
        result = {
            "stdout": TEXT[:900],
            "stderr": "",
            "locals": {"context_0": context, "context": context, "turn": turn},
            "execution_time": 0.1,
            "rlm_calls": [{**call, "execution_time": 0.01 * n} for n in range(4)],
            "final_answer": "done" if turn == 8 else None,
        }
        yield {
            "type": "iteration",
            "iteration": turn,
            "timestamp": f"{at}.9{turn:05}",
            "prompt": prompt,
            "response": TEXT[:600],
            "code_blocks": [{"code": f"print({turn})", "result": result}],
            "final_answer": result["final_answer"],
            "iteration_time": 0.1,
        }
        said = [("assistant", TEXT[:600]), ("user", f"{turn} {TEXT[:900]}")]
        prompt = [*prompt, *({"role": role, "content": text} for role, text in said)]


MEASURES: dict[str, Callable[[Path, int], Iterator[Row]]] = {
    "rlms": rlms,
    "dspy": dspy,
    "import": importing,
}

if __name__ == "__main__":
    if sys.argv[1:2] == ["--of-one"]:
        import_one(*sys.argv[2:])
    else:
        main()
