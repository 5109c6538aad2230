"""The server: questions as tools of the Model Context Protocol, through its official SDK."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import Field

from ..errors import RlmboardError
from ..store import Store
from ..trace import VERSION
from .answers import SHOWN_CHARS, Answers
from .texts import chars_wanted

ABOUT = (
    "Runs of language-model programs, recorded by rlmboard: what was asked, who answered, what it "
    "cost, how long it took. Read only. What is not known is 'unknown' or left out, never zero; "
    "a text that was cut is an object with 'cut_after' and 'chars'. Begin with list_runs or search."
)
FILTER = (
    "words of a filter, such as: status:failed method:rlm* since:24h cost>40 experiment:nightly "
    '"some text"; empty for all'
)
RUN = Annotated[str, Field(description="id of a run, an unique beginning of it, or 'latest'")]
RUNS = Annotated[list[str], Field(description="2 to 20 runs")]
CHARS = Annotated[int, Field(description="characters of each text, 1 to 20000")]
LIMIT = Annotated[int, Field(description="how many, at most")]
WORDS = Annotated[str, Field(description=FILTER)]
ORDER = Annotated[str, Field(description="a column or metric; -: most first")]
AFTER = Annotated[str | None, Field(description="'next' of the page before")]
STATUS = Annotated[str | None, Field(description="returned, failed, timeout, cancelled or running")]
SINCE = Annotated[str | None, Field(description="24h, 7d or 2026-11-01; absent: always")]
RANK = Annotated[
    str, Field(description="latency, p99, success, cost, attempts, runs, last_seen, name")
]


def server(store: Store) -> MCPServer[Any]:
    """A server over this store. `run` it over stdio or HTTP."""
    made: MCPServer[Any] = MCPServer(
        name="rlmboard", title="rlmboard", instructions=ABOUT, version=VERSION, log_level="WARNING"
    )
    tools = _Tools(Answers(store))
    for tool in (
        tools.list_runs, tools.search, tools.get_run, tools.list_sub_queries,
        tools.get_sub_query, tools.compare_runs, tools.list_providers,
    ):  # fmt: skip
        made.add_tool(
            tool,
            annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False),
            structured_output=False,
        )
    return made


class _Tools:
    """Each method is a tool; its docstring and its types are what an agent is told of it."""

    def __init__(self, answers: Answers) -> None:
        self._ask = answers

    def list_runs(
        self,
        filter: WORDS = "",
        order: ORDER = "-created_at",
        limit: LIMIT = 20,
        after: AFTER = None,
    ) -> str:
        """List recorded runs, the newest first, filtered and ordered."""
        return _said(lambda: self._ask.list_runs(filter, order, limit, after))

    def search(self, text: str, limit: LIMIT = 20) -> str:
        """Find words in what runs were asked, in prompts and in answers."""
        return _said(lambda: self._ask.search(text, limit))

    def get_run(self, run_id: RUN, max_chars: CHARS = SHOWN_CHARS) -> str:
        """One run: question, settings, figures, metrics, scores, answer, error."""
        return _said(lambda: self._ask.get_run(run_id, chars_wanted(max_chars)))

    def list_sub_queries(
        self, run_id: RUN, status: STATUS = None, limit: LIMIT = 50, offset: int = 0
    ) -> str:
        """Sub-queries of a run in order: who asked, who answered, tokens, cost, beginnings."""
        return _said(lambda: self._ask.list_sub_queries(run_id, status, limit, offset))

    def get_sub_query(self, run_id: RUN, query_id: str, max_chars: CHARS = SHOWN_CHARS) -> str:
        """One sub-query: its whole prompt and answer, and every attempt at it."""
        return _said(lambda: self._ask.get_sub_query(run_id, query_id, chars_wanted(max_chars)))

    def compare_runs(self, run_ids: RUNS) -> str:
        """Runs beside each other: settings that differ, figures and metrics of each."""
        return _said(lambda: self._ask.compare_runs(run_ids))

    def list_providers(
        self, since: SINCE = None, model: str | None = None, order: RANK = "latency"
    ) -> str:
        """The leaderboard of who answered: latency, success, cost, over attempts."""
        return _said(lambda: self._ask.list_providers(since, model, order))


def _said(ask: Callable[[], dict[str, Any]]) -> str:
    """An answer as JSON; what makes no sense as an error that says what to ask instead."""
    try:
        return msgspec.json.encode(ask()).decode()
    except RlmboardError as error:
        raise ToolError(str(error)) from error
