"""`TraceEmitter`: the design document's method names over a run (source: `frlm/src/trace.rs`)."""

from __future__ import annotations

import os

from ..trace import (
    FORMAT,
    Aggregate,
    BudgetReserve,
    BudgetSettle,
    EnvLoadFragment,
    EnvSelectFragments,
    FallbackLocal,
    RunDone,
    RunInit,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    SubQueryTimeout,
    TraceEvent,
    VerifyObjective,
    VerifyRedundant,
)
from . import said
from .begin import init
from .run import Run


class TraceEmitter:
    """Emits the ancestor's fourteen events. Costs are whole sats, times milliseconds."""

    def __init__(
        self, run_id: str | None = None, home: str | os.PathLike[str] | None = None
    ) -> None:
        self._run_id = run_id
        self._home = home
        self._run: Run | None = None

    @property
    def run(self) -> Run:
        """The run that is written to; it begins with the first event."""
        if self._run is None:
            self._run = init(id=self._run_id, home=self._home, producer="emitter")
        return self._run

    def run_init(self, program: str, fragment_count: int) -> None:
        if self._run is None:
            self._run = init(
                program,
                id=self._run_id,
                home=self._home,
                producer="emitter",
                fragment_count=fragment_count,
            )
        else:  # fragments were loaded before the run was announced
            self._run.emit(RunInit(format=FORMAT, program=program, fragment_count=fragment_count))

    def run_done(self, output: str, iterations: int, total_cost_sats: int) -> None:
        run = self.run
        run.output = output
        run.end(
            RunDone(
                output=output,
                iterations=iterations,
                total_cost_sats=total_cost_sats,
                cost_msat=self._msat(total_cost_sats),
                end_reason="answer",
            )
        )

    def env_load_fragment(self, fragment_id: str, size_bytes: int) -> None:
        self._emit(EnvLoadFragment(fragment_id=fragment_id, size_bytes=size_bytes))

    def env_select_fragments(self, query: str, fragment_ids: list[str]) -> None:
        self._emit(EnvSelectFragments(query=query, fragment_ids=tuple(fragment_ids)))

    def subquery_submit(self, query_id: str, prompt: str, fragment_id: str | None = None) -> None:
        self._emit(
            SubQuerySubmit(query_id=query_id, prompt_preview=prompt, fragment_id=fragment_id)
        )

    def subquery_execute(
        self, query_id: str, provider_id: str, venue: str, model_id: str | None = None
    ) -> None:
        self._emit(
            SubQueryExecute(
                query_id=query_id,
                provider_id=provider_id,
                venue=str(venue).lower(),
                model_id=model_id,
            )
        )

    def subquery_return(
        self, query_id: str, result: str, duration_ms: float, cost_sats: int, success: bool
    ) -> None:
        self._emit(
            SubQueryReturn(
                query_id=query_id,
                result_preview=result,
                duration_ms=duration_ms,
                cost_sats=cost_sats,
                cost_msat=self._msat(cost_sats),
                cost_source="provider",
                success=success,
            )
        )

    def subquery_timeout(self, query_id: str, elapsed_ms: float) -> None:
        self._emit(SubQueryTimeout(query_id=query_id, elapsed_ms=elapsed_ms))

    def verify_redundant(
        self, query_id: str, agreement: float, n_of_m: tuple[int, int], passed: bool
    ) -> None:
        self._emit(
            VerifyRedundant(query_id=query_id, agreement=agreement, n_of_m=n_of_m, passed=passed)
        )

    def verify_objective(self, query_id: str, check_type: str, passed: bool) -> None:
        self._emit(VerifyObjective(query_id=query_id, check_type=check_type, passed=passed))

    def budget_reserve(self, query_id: str, amount_sats: int, remaining_sats: int) -> None:
        self._emit(
            BudgetReserve(
                query_id=query_id,
                amount_sats=amount_sats,
                remaining_sats=remaining_sats,
                amount_msat=self._msat(amount_sats),
            )
        )

    def budget_settle(self, query_id: str, actual_sats: int, refund_sats: int) -> None:
        self._emit(
            BudgetSettle(
                query_id=query_id,
                actual_sats=actual_sats,
                refund_sats=refund_sats,
                actual_msat=self._msat(actual_sats),
                released_msat=self._msat(refund_sats),
            )
        )

    def aggregate(self, input_count: int, output: str) -> None:
        self._emit(Aggregate(input_count=input_count, output_preview=output))

    def fallback_local(self, reason: str) -> None:
        self._emit(FallbackLocal(reason=reason))

    def _msat(self, sats: int) -> int | None:
        return self.run.taken(said.sats, sats, None)

    def _emit(self, event: TraceEvent) -> None:
        self.run.emit(event)
