"""What is under way in dspy, each kind of call with its beginning and its end."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import Token
from decimal import Decimal
from typing import Any

from ...formats.chat import only_tokens, written
from ...money.prices import Cost, Written, cost
from ...run import SubQuery
from ...trace import (
    CellEnd,
    CellStart,
    Failure,
    RlmEnd,
    RlmStart,
    Role,
    ToolEnd,
    ToolStart,
    as_text,
)
from ..priced import price_at
from . import words
from .attempts import Watched, under_way
from .recording import ROOT, Asked, Node, Recording


class Call:
    """Something under way that is no event of its own; what happens inside hangs where it hangs."""

    recording: Recording
    node: Node
    batch: Asked | None
    role: Role = "sub"
    hangs_on: str | None
    tool_name: str | None = None
    module: Any = None

    def __init__(self, parent: Call) -> None:
        self.recording = parent.recording
        self.node = parent.node
        self.batch = parent.batch
        self.role = parent.role
        self.hangs_on = parent.hangs_on

    @property
    def is_alone(self) -> bool:
        """Whether the run is this one question."""
        return False

    def end(self, outputs: Any, error: BaseException | None) -> None:
        """It is over: what came of it, or why nothing did."""

    @property
    def place(self) -> str | None:
        """The parent of what happens now: inside code that nobody told of, the inferred cell."""
        if self.hangs_on == self.node.hangs_on:
            self.node.show_code()
            return self.node.inferred_cell or self.hangs_on
        return self.hangs_on


class Outside(Call):
    """What is around a call that nothing of dspy's is around: the run, or a sub-query in it."""

    def __init__(self, recording: Recording, hangs_on: str | None = None) -> None:
        self.recording = recording
        self.node = Node(recording, ROOT, 0, is_rlm=False)
        self.batch = None
        self.hangs_on = hangs_on

    @property
    def place(self) -> str | None:
        return self.hangs_on


class Root(Call):
    """The module whose call is the run."""

    def __init__(self, outside: Outside, module: Any) -> None:
        super().__init__(outside)
        self.module = module
        self.node = Node(self.recording, ROOT, 0, words.is_rlm(module))

    def end(self, outputs: Any, error: BaseException | None) -> None:
        self.node.end_turn(words.last_trajectory_output(outputs))
        self.recording.finish(words.output_of(outputs), error, end_reason(self.node, error))


class Step(Call):
    """A module inside another one that does more than ask once: a node of the tree."""

    def __init__(self, parent: Call, module: Any, inputs: Mapping[str, Any]) -> None:
        super().__init__(parent)
        place, recording = parent.place, parent.recording
        node_id = recording.name("rlm" if words.is_rlm(module) else "module")
        self.node = Node(recording, node_id, parent.node.depth + 1, words.is_rlm(module))
        self.module = module
        self.hangs_on, self.batch, self.role = node_id, None, "sub"
        recording.emit(
            RlmStart(
                node_id=node_id,
                parent_id=place,
                depth=self.node.depth,
                model=words.model_of(words.lm_of(module)),
                config={"module": type(module).__name__, **words.settings_of(module)},
                query=words.query_of(inputs),
            )
        )

    def end(self, outputs: Any, error: BaseException | None) -> None:
        self.node.end_turn(words.last_trajectory_output(outputs))
        self.recording.emit(
            RlmEnd(
                node_id=self.node.node_id,
                answer=words.output_of(outputs),
                end_reason=end_reason(self.node, error),
                error=failure_of(error),
            )
        )


class Action(Call):
    """An RLM asks its model what to do next: a turn, or the answer forced out at the end."""

    def __init__(self, parent: Call, inputs: Mapping[str, Any], is_extract: bool) -> None:
        super().__init__(parent)
        self.role = "root"
        self.hangs_on = self.node.hangs_on
        last = words.last_output_of(inputs.get("repl_history"))
        turn = words.turn_of(inputs)
        if is_extract:
            self.node.end_turn(last)
            self.node.exhausted = True
        elif turn is not None:
            self.node.begin_turn(*turn, last_output=last)
        self._is_turn = turn is not None and not is_extract

    @property
    def place(self) -> str | None:
        return self.hangs_on

    def end(self, outputs: Any, error: BaseException | None) -> None:
        code = getattr(outputs, "code", None)
        if self._is_turn and code:
            self.node.will_run(words.without_fences(str(code)))


class Cell(Call):
    """A piece of code runs in an interpreter."""

    def __init__(self, parent: Call, code: str) -> None:
        super().__init__(parent)
        self.node.runs()
        self.role = "sub"
        self.hangs_on = self.recording.name("cell")
        self.recording.emit(
            CellStart(cell_id=self.hangs_on, node_id=self.node.node_id, code_preview=code)
        )

    def end(self, outputs: Any, error: BaseException | None) -> None:
        assert self.hangs_on is not None
        self.recording.emit(
            CellEnd(
                cell_id=self.hangs_on,
                stdout_preview=words.printed(outputs),
                error=failure_of(error),
            )
        )


class Tool(Call):
    """A tool of the user's is called, by code or by a model."""

    def __init__(self, parent: Call, name: str, arguments: Any) -> None:
        super().__init__(parent)
        place = parent.place
        self.tool_name = name
        self.hangs_on = self.recording.name("tool")
        self.recording.emit(
            ToolStart(
                tool_id=self.hangs_on, parent_id=place, name=name, args_preview=as_text(arguments)
            )
        )

    def end(self, outputs: Any, error: BaseException | None) -> None:
        assert self.hangs_on is not None
        result = "" if outputs is None else as_text(outputs)
        self.recording.emit(
            ToolEnd(tool_id=self.hangs_on, result_preview=result, error=failure_of(error))
        )


class Batch(Call):
    """Several questions at once; each of them is a sub-query of the batch."""

    def __init__(self, parent: Call, prompts: list[Any]) -> None:
        super().__init__(parent)
        self.hangs_on = parent.place
        self.batch = Asked(self.recording.name("batch"), prompts)


class LmCall(Call, Watched):
    """One question to a language model: a sub-query, with every attempt that was made at it.

    It is submitted with its first attempt. One that ends without any came from dspy's cache, if
    attempts can be seen (`sees_attempts`), and cost nothing.
    """

    def __init__(self, parent: Call, lm: Any, prompt: Any, sees_attempts: bool) -> None:
        super().__init__(parent)
        self.lm = lm
        self.query: SubQuery | None = None
        self._prompt = prompt
        self._sees_attempts = sees_attempts
        self._place = parent.place
        self._in_batch = self.batch.place_of(prompt) if self.batch else None
        self._answered = False
        self._is_alone = isinstance(parent, Outside) and parent.recording.owned
        self._token: Token[Watched | None] = under_way.set(self)

    @property
    def is_alone(self) -> bool:
        return self._is_alone

    @property
    def link(self) -> str:
        return f"{self.recording.run.id}/{self.query.id if self.query else ''}"

    def asked(self) -> None:
        try:
            if self.query is None:
                self.query = self._submitted()
            elif self._answered:
                self.query.replicate()
            else:
                self.query.retry()
            self._answered = False
        except Exception as error:  # the recorded program comes first
            self.recording.missed(error)

    def answered(self, result: Any) -> None:
        try:
            self._answered = True
            self._return(words.answer_of(result))
        except Exception as error:  # the recorded program comes first
            self.recording.missed(error)

    def failed(self, error: BaseException, result: Any) -> None:
        try:
            self._fail(error)
        except Exception as problem:  # the recorded program comes first
            self.recording.missed(problem)

    def end(self, outputs: Any, error: BaseException | None) -> None:
        self._leave()
        if self.query is not None:
            self.query.left(error)
            return
        self.query = self._submitted()
        if error is not None:
            self.query.left(error)
        elif self._sees_attempts:
            text = words.text_of(outputs)
            self.query.returned(
                text, tokens=(0, 0), cost_usd=0, cost_source="ledger", cache_hit=True
            )
        else:
            self.query.returned(words.text_of(outputs))

    def _leave(self) -> None:
        try:
            under_way.reset(self._token)
        except ValueError:
            under_way.set(None)

    def _submitted(self) -> SubQuery:
        endpoint = words.endpoint_of(self.lm)
        return self.recording.run.subquery(
            self._prompt,
            provider=endpoint.provider,
            model=endpoint.model,
            venue=endpoint.venue,
            id=self.recording.name("q"),
            parent=self._place,
            role=self.role,
            depth=self.node.depth + (self.role != "root"),
            batch=self._in_batch,
        )

    def _fail(self, error: BaseException) -> None:
        assert self.query is not None
        if not isinstance(error, Exception):
            self.query.cancelled("interrupted")
        elif words.is_timeout(error):
            self.query.timed_out()
        else:
            self.query.failed(error)

    def _return(self, answer: words.Answer) -> None:
        assert self.query is not None
        self.query.returned(
            answer.text,
            tokens=answer.usage,
            model=answer.model,
            finish_reason=answer.finish_reason,
            **self._cost(answer),
        )

    def _cost(self, answer: words.Answer) -> dict[str, Any]:
        """What the provider said; else by the table of prices, where the model has one."""
        if answer.cost_usd is not None:
            return {"cost_usd": answer.cost_usd, "cost_source": "provider"}
        host, model = words.host_of(self.lm), words.model_of(self.lm)
        price = price_at(self.recording.prices, host, model)
        kept = Written(*written(answer.stated))
        charged = cost(answer.usage, price, kept, only_tokens(answer.stated, answer.tier))
        if price is None or charged == Cost():
            return {}
        return {
            "cost_usd": None if charged.usd_nanos is None else Decimal(charged.usd_nanos) / 10**9,
            "cost_sats": None if charged.msat is None else Decimal(charged.msat) / 1000,
            "cost_source": "price_table",
            "price_version": price.version,
        }


def end_reason(node: Node, error: BaseException | None) -> str:
    """Why a node ended."""
    if error is not None:
        return "errors" if isinstance(error, Exception) else "interrupted"
    return "max_iterations" if node.exhausted else "answer"


def failure_of(error: BaseException | None) -> Failure | None:
    """What went wrong. An interpreter reports `NameError: …` under an error of its own."""
    if error is None:
        return None
    kind, message = type(error).__name__, as_text(error)
    name, colon, rest = message.partition(": ")
    if kind == "CodeExecutionError" and colon and name.isidentifier():
        kind, message = name, rest
    return Failure(type=kind, message=message[:4000])
