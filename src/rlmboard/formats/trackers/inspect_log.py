"""Logs of Inspect AI (`.eval`): each sample is a run, each evaluation an experiment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...trace import (
    Failure,
    Note,
    RunDone,
    RunFailed,
    Score,
    SubQueryExecute,
    SubQueryReturn,
    SubQuerySubmit,
    ToolEnd,
    ToolStart,
    TraceEvent,
    Usage,
)
from ..foreign import ForeignRun, Over, Said, Told, moment, us_between
from ..loose import count, json_text, mapping, name, nanos, number, rows, text
from ..secrets import masked_tree

PRODUCER = "inspect"
_GRADES = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0}
"""Correct, partial, incorrect, no answer: as Inspect's own `value_to_float`."""


def sample_run(header: Mapping[str, Any], sample: Mapping[str, Any]) -> Iterator[Told]:
    """One sample of an evaluation; nothing where it has no time."""
    spec = mapping(header.get("eval"))
    began = moment(sample.get("started_at")) or _first_time(sample) or moment(spec.get("created"))
    if began is None:
        return
    task, sample_id = text(spec.get("task")), json_text(sample.get("id"))
    packages = {key: said for key, said in mapping(spec.get("packages")).items() if name(said)}
    revision = mapping(spec.get("revision"))
    run = ForeignRun(
        key=f"{text(spec.get('eval_id'))} {sample_id} {sample.get('epoch')}",
        producer=PRODUCER,
        started_at=began,
        query=_words(sample.get("input")),
        git={"sha": revision["commit"]} if name(revision.get("commit")) else None,
        packages=packages or None,
        config={
            "method": task,
            "model": name(spec.get("model")),
            "dataset": name(mapping(spec.get("dataset")).get("name")) or task,
            "task_id": sample_id,
            "experiment": f"{task} {text(spec.get('created'))[:16]}".strip(),
            "epoch": count(sample.get("epoch")),
            "target": sample.get("target"),
            "task_args": masked_tree(mapping(spec.get("task_args"))) or None,
            "generate_config": masked_tree(mapping(spec.get("model_generate_config"))) or None,
        },
    )
    yield run
    yield from _Sample(run, sample).told()
    yield Over(run.key)


class _Sample:
    def __init__(self, run: ForeignRun, sample: Mapping[str, Any]) -> None:
        self._run = run
        self._sample = sample
        self._at_us = 0
        self._calls = 0
        self._heard = run.query

    def told(self) -> Iterator[Told]:
        events = [mapping(event) for event in rows(self._sample.get("events"))]
        for event in events:
            self._at_us = self._us(event.get("timestamp"), self._at_us)
            kind = event.get("event")
            if kind == "model":
                yield from self._model(event)
            elif kind == "tool":
                yield from self._tool(event)
            elif kind == "score" and event.get("intermediate") is not True:
                yield from self._scores(text(event.get("scorer")), mapping(event.get("score")))
            elif kind == "info":
                yield self._said(Note(message=json_text(event.get("data"))))
        if not any(event.get("event") == "score" for event in events):
            for scorer, score in mapping(self._sample.get("scores")).items():
                yield from self._scores(scorer, mapping(score))
        self._at_us = max(self._at_us, self._us(self._sample.get("completed_at"), self._at_us))
        yield self._said(self._end())

    def _model(self, event: Mapping[str, Any]) -> Iterator[Told]:
        self._calls += 1
        id = name(event.get("uuid")) or f"call-{self._calls}"
        output, model = mapping(event.get("output")), name(event.get("model"))
        messages = [json_text(masked_tree(one)) for one in rows(event.get("input"))]
        heard = _words(rows(event.get("input"))[-1:]) or self._heard
        submit = SubQuerySubmit(query_id=id, prompt_preview=heard, depth=0, role="root")
        yield self._said(submit, {"prompt_ref": messages} if messages else {})
        provider = model.partition("/")[0] if model and "/" in model else None
        yield self._said(SubQueryExecute(query_id=id, provider_id=provider, model_id=model))
        usage = _usage(mapping(output.get("usage")))
        cost = nanos(mapping(output.get("usage")).get("total_cost"))
        error = name(event.get("error"))
        choice = mapping(next(iter(rows(output.get("choices"))), None))
        returned = SubQueryReturn(
            query_id=id,
            result_preview=text(output.get("completion")),
            success=error is None,
            model_id=name(output.get("model")) or model,
            usage=usage,
            usage_quality="exact" if usage else "none",
            cost_usd_nanos=cost,
            cost_source="none" if cost is None else "provider",
            finish_reason=name(choice.get("stop_reason")),
            cache_hit=True if event.get("cache") == "read" else None,
            error=Failure(type="ModelError", message=error[:2000]) if error else None,
        )
        seconds = number(event.get("working_time")) or number(output.get("time"))
        ended = self._us(event.get("completed"), self._at_us + round((seconds or 0) * 1e6))
        yield Said(self._run.key, max(ended, self._at_us), returned)

    def _tool(self, event: Mapping[str, Any]) -> Iterator[Told]:
        id = name(event.get("id")) or name(event.get("uuid"))
        if id is None:
            return
        args = json_text(masked_tree(event.get("arguments")))
        start = ToolStart(tool_id=id, name=text(event.get("function")) or "tool", args_preview=args)
        yield self._said(start)
        self._heard = _words(event.get("result"))
        wrong = mapping(event.get("error"))
        error = Failure(type=text(wrong.get("type")) or "ToolError", message=_words(wrong))
        end = ToolEnd(tool_id=id, result_preview=self._heard, error=error if wrong else None)
        yield Said(self._run.key, max(self._us(event.get("completed"), 0), self._at_us), end)

    def _scores(self, scorer: str, score: Mapping[str, Any]) -> Iterator[Told]:
        value = score.get("value")
        parts = value if isinstance(value, dict) else {scorer: value}
        for part, said in parts.items():
            grade = _GRADES.get(said) if isinstance(said, str) else _number(said)
            if grade is not None:
                yield self._said(
                    Score(
                        name=part or "score",
                        value=grade,
                        scorer=scorer or PRODUCER,
                        task_id=json_text(self._sample.get("id")),
                    )
                )

    def _end(self) -> TraceEvent:
        output = text(mapping(self._sample.get("output")).get("completion"))
        wrong = mapping(self._sample.get("error"))
        if wrong:
            error = Failure(
                type="SampleError",
                message=text(wrong.get("message"))[:4000],
                traceback=name(wrong.get("traceback")),
            )
            return RunFailed(error=error, end_reason="errors", output=output or None)
        limit = name(mapping(self._sample.get("limit")).get("type"))
        reason = {"time": "timeout", "token": "budget", "cost": "budget"}.get(limit or "", limit)
        return RunDone(output=output, end_reason=reason or "answer", iterations=self._calls)

    def _us(self, said: Any, otherwise: int) -> int:
        at = moment(said)
        return us_between(self._run.started_at, at) if at is not None else otherwise

    def _said(self, event: TraceEvent, whole: dict[str, Any] | None = None) -> Said:
        return Said(self._run.key, self._at_us, event, whole or {})


def _first_time(sample: Mapping[str, Any]) -> Any:
    times = (moment(mapping(event).get("timestamp")) for event in rows(sample.get("events")))
    return next((at for at in times if at is not None), None)


def _words(said: Any) -> str:
    """The text of an input: a text, or the last of messages whose content is one."""
    if isinstance(said, str):
        return said
    if isinstance(said, list):
        return _words(said[-1]) if said else ""
    inner = mapping(said)
    return _words(inner.get("content", inner.get("text", inner.get("message", ""))))


def _number(said: Any) -> float | None:
    return float(said) if isinstance(said, bool) else number(said)


def _usage(said: Mapping[str, Any]) -> Usage | None:
    """Inspect counts what went into a cache and came from it beside the rest of the input."""
    read, wrote = count(said.get("input_tokens")), count(said.get("output_tokens"))
    if read is None or wrote is None:
        return None
    cached, made = (count(said.get(f"input_tokens_cache_{way}")) for way in ("read", "write"))
    return Usage(
        input=read + (cached or 0) + (made or 0),
        output=wrote,
        cached=cached,
        reasoning=count(said.get("reasoning_tokens")),
    )
