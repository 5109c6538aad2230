"""The lines of a log as values. What nothing is made of is left unread."""

from __future__ import annotations

from typing import Any

import msgspec

NOTHING = msgspec.Raw(b"null")


class Metadata(msgspec.Struct):
    """How an RLM was made. `backend_kwargs` may hold secrets: only what is known is taken."""

    timestamp: str | None = None
    root_model: str | None = None
    max_depth: int | None = None
    max_iterations: int | None = None
    backend: str | None = None
    backend_kwargs: dict[str, Any] | None = None
    environment_type: str | None = None
    other_backends: list[Any] | None = None


class ModelUsage(msgspec.Struct):
    total_calls: Any = None
    total_input_tokens: Any = None
    total_output_tokens: Any = None
    total_cost: Any = None


class UsageSummary(msgspec.Struct):
    model_usage_summaries: dict[str, ModelUsage] = {}


class Call(msgspec.Struct):
    """A question of a cell's, to a model or, where it has `metadata`, to a child RLM."""

    root_model: str | None = None
    prompt: Any = None
    response: str | None = None
    usage_summary: UsageSummary | None = None
    execution_time: float | None = None
    metadata: Trajectory | None = None
    error: str | None = None

    def is_alike(self, other: Call) -> bool:
        """Siblings of a batch carry the same usage, and the same part of the same time."""
        return (
            self.metadata is None
            and other.metadata is None
            and self.execution_time == other.execution_time
            and self.usage_summary == other.usage_summary
        )


class Result(msgspec.Struct):
    stdout: str | None = None
    stderr: str | None = None
    locals: dict[str, msgspec.Raw] | None = None
    execution_time: float | None = None
    rlm_calls: list[Call] = []


class Block(msgspec.Struct):
    code: str = ""
    result: Result | None = None


class Iteration(msgspec.Struct):
    """A turn. Without `iteration_time` it is the answer that was asked for at last."""

    iteration: int
    timestamp: str
    prompt: msgspec.Raw = NOTHING
    response: str | None = None
    code_blocks: list[Block] = []
    final_answer: Any = None
    iteration_time: float | None = None


class Trajectory(msgspec.Struct):
    """What a child RLM did."""

    run_metadata: Metadata | None = None
    iterations: list[Iteration] = []


class Kind(msgspec.Struct):
    """What a line is. Some other programs write lines of their own between those of rlms."""

    type: str
