"""Runs of experiment trackers, of evaluations, and of rlmboard's ancestor. Pure: rows in."""

from .ancestor import AncestorRun, bench_results, demo_trace
from .csv_export import csv_runs
from .inspect_log import sample_run
from .tracked import Point, TrackedRun

__all__ = [
    "AncestorRun",
    "Point",
    "TrackedRun",
    "bench_results",
    "csv_runs",
    "demo_trace",
    "sample_run",
]
