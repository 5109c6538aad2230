"""All benchmarks, one after the other: `python benchmarks [--peers VENV]`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent

for script in sorted(HERE.glob("[!_]*.py")):
    print(f"\n## {script.name}\n", flush=True)
    given = sys.argv[1:] if script.name == "recorder.py" else []
    subprocess.run([sys.executable, str(script), *given], check=True)
