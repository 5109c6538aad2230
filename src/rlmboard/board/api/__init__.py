"""The routes below `/api/rlm/`: each asks, or does, one thing."""

from . import actions, evidence, many, parts, run, runs, socket

__all__ = ["actions", "evidence", "many", "parts", "run", "runs", "socket"]
