"""What an agent may ask of a store; answers are small, and say what is unknown or cut."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import BadInput
from ..store import Store, StoredRun
from ..trace.summary import SubQueryRow
from .figures import figures, known, of_provider, of_run, query_figures
from .texts import Text, cut

MOST_RUNS = 100
MOST_QUERIES = 200
MOST_HITS = 50
MOST_COMPARED = 20
SHOWN_CHARS = 2_000
Answer = dict[str, Any]


class Answers:
    """Each method is one question. Raises BadInput, whose message says what to ask instead."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def list_runs(self, filter: str, order: str, limit: int, after: str | None) -> Answer:
        """Runs that a filter lets through, and how many there are in all."""
        limit = _within("limit", limit, MOST_RUNS)
        rows = self._store.runs(filter=filter, order=order, limit=limit, after=after)
        count = self._store.count(filter)
        more = {"next": rows[-1].run_id} if len(rows) == limit and count > limit else {}
        return {"count": count, "runs": [of_run(row) for row in rows], **more}

    def get_run(self, run_id: str, max_chars: int) -> Answer:
        """One run: what it was asked, how it went, what it answered, and what it noted."""
        run = self._store.run(run_id)
        row = run.row
        record = run.record()
        output = run.output()
        return known(
            {
                **of_run(row),
                "query": cut(row.query, max_chars).said(),
                "config": row.config.flat(),
                "figures": figures(row),
                "metrics": row.metrics,
                "scores": [
                    known({"name": s.name, "value": s.value, "scorer": s.scorer, "on": s.query_id})
                    for s in run.scores()[:MOST_QUERIES]
                ],
                "output": cut(output, max_chars).said() if output is not None else None,
                "where": known(
                    {"host": row.host, "cwd": record.cwd if record else None, "git": _git(row)}
                ),
                "error": known(
                    {"type": row.summary.error_type, "message": row.summary.error_message}
                ),
                "holes_in_trace": sum(row.summary.holes.values()) or None,
            }
        )

    def list_sub_queries(self, run_id: str, status: str | None, limit: int, offset: int) -> Answer:
        """Sub-queries of a run, in order; of one status only, if one is named."""
        limit = _within("limit", limit, MOST_QUERIES)
        rows = self._store.run(run_id).sub_queries()
        if status is not None:
            rows = [row for row in rows if row.status == status]
        shown = rows[max(0, offset) : max(0, offset) + limit]
        left = len(rows) - max(0, offset) - len(shown)
        more = {"next_offset": offset + len(shown)} if left > 0 else {}
        return {"count": len(rows), "sub_queries": [query_figures(row) for row in shown], **more}

    def get_sub_query(self, run_id: str, query_id: str, max_chars: int) -> Answer:
        """One sub-query: the whole prompt, the whole answer, and every attempt."""
        run = self._store.run(run_id)
        row = next((one for one in run.sub_queries() if one.query_id == query_id), None)
        if row is None:
            raise BadInput(
                f"run {run.id} has no sub-query '{query_id}'; list_sub_queries names them"
            )
        attempts = [one for one in run.attempts() if one.query_id == query_id]
        return known(
            {
                **query_figures(row),
                **_texts(run, row, max_chars),
                "attempts": [
                    known(
                        {
                            "attempt": one.attempt,
                            "replica": one.replica or None,
                            "status": one.status,
                            "provider": one.provider,
                            "model": one.model,
                            "error": one.error_message or one.error_type,
                        }
                    )
                    for one in attempts[:MOST_QUERIES]
                ],
            }
        )

    def search(self, text: str, limit: int) -> Answer:
        """Where all words are found, the newest first."""
        limit = _within("limit", limit, MOST_HITS)
        hits = self._store.search(text, limit=limit)
        return {
            "hits": [
                known(
                    {
                        "run_id": hit.run_id,
                        "query_id": hit.query_id,
                        "in": hit.field,
                        "text": cut(hit.snippet, 400).said(),
                    }
                )
                for hit in hits
            ]
        }

    def compare_runs(self, run_ids: Iterable[str]) -> Answer:
        """Runs beside each other: settings that differ, figures and metrics of each."""
        wanted = list(dict.fromkeys(run_ids))
        if not 2 <= len(wanted) <= MOST_COMPARED:
            raise BadInput(f"name 2 to {MOST_COMPARED} runs to compare, not {len(wanted)}")
        rows = [self._store.run(run_id).row for run_id in wanted]
        configs = [row.config.flat() for row in rows]
        same, differ = _apart(configs)
        return {
            "same_settings": same,
            "runs": [
                known(
                    {
                        **of_run(row),
                        "settings": {key: config.get(key) for key in differ},
                        "figures": figures(row),
                        "metrics": row.metrics,
                    }
                )
                for row, config in zip(rows, configs, strict=True)
            ],
        }

    def list_providers(self, since: str | None, model: str | None, order: str) -> Answer:
        """The leaderboard: who answered how fast, how reliably, and for how much."""
        rows = self._store.providers(since=since, model=model, order=order)
        shown = [of_provider(row) for row in rows[:MOST_RUNS]]
        return {"counts": "attempts", "providers": shown, "count": len(rows)}


def _texts(run: StoredRun, row: SubQueryRow, max_chars: int) -> Answer:
    """Prompt and answer whole, where they were kept; what is pruned says so."""
    from ..trace import Stamped, SubQueryReturn, SubQuerySubmit

    prompt: Any = None
    answer: Any = None
    for line in run.events():
        if not isinstance(line, Stamped):
            continue
        event = line.event
        if isinstance(event, SubQuerySubmit) and event.query_id == row.query_id:
            prompt = _whole(run, event.prompt_preview, event.prompt_ref, max_chars)
        elif isinstance(event, SubQueryReturn) and event.query_id == row.query_id:
            answer = _whole(run, event.result_preview, event.result_ref, max_chars)
    return {"prompt": prompt, "answer": answer}


def _whole(run: StoredRun, preview: str, ref: str | list[str] | None, max_chars: int) -> Any:
    """A text by its reference; messages one after the other, the last of them first to be kept."""
    if ref is None:
        return cut(preview, max_chars).said() or None
    names = [ref] if isinstance(ref, str) else ref
    texts: list[Any] = []
    left = max_chars
    for name in reversed(names):
        whole = run.payload(name)
        shown = cut(whole, left) if whole is not None else Text("[removed]", None)
        texts.append(shown.said())
        left -= len(shown.text)
        if left <= 0:
            break
    texts.reverse()
    missing = len(names) - len(texts)
    if isinstance(ref, str):
        return texts[0]
    return known({"messages": texts, "earlier_messages_left_out": missing or None})


def _apart(configs: list[dict[str, Any]]) -> tuple[dict[str, Any], list[str]]:
    """Settings that all share, and names of those that they do not."""
    names = list(dict.fromkeys(name for config in configs for name in config))
    same, differ = {}, []
    for name in names:
        values = [config.get(name) for config in configs]
        if all(value == values[0] for value in values):
            same[name] = values[0]
        else:
            differ.append(name)
    return same, differ


def _git(row: Any) -> Mapping[str, Any]:
    return known({"sha": row.git_sha, "branch": row.git_branch, "dirty": row.git_dirty})


def _within(name: str, value: int, most: int) -> int:
    if not 1 <= value <= most:
        raise BadInput(f"{name} must be 1 to {most}, not {value}")
    return value
