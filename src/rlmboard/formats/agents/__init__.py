"""Session transcripts of coding agents: a session is a run, its sub-agents are child RLMs."""

from .claude_code import ClaudeCode
from .codex import Codex

__all__ = ["ClaudeCode", "Codex"]
