"""The command line: the only room that joins all others."""

from .entry import main

__all__ = ["main"]
