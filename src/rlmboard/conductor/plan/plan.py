"""The plan of one run: what happened and the time go in, what is to be done comes out."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Sequence

from ...errors import BadInput
from ...trace import Failure, Note
from ..program import Program
from ..provider import Answer
from ..route import Offer, Pool
from .actions import Action, WakeAt
from .attempts import Attempts
from .happenings import (
    Answered,
    Cancelled,
    Checked,
    Divided,
    Failed,
    Happened,
    Ranked,
    Started,
    Ticked,
)
from .ledger import Ledger
from .pace import Latencies, backoff_s
from .state import Attempt, Replica, SubQuery
from .tree import Tree
from .verdicts import Verdicts


class Plan:
    """One run, from Started to Finish.

    Times are seconds on any clock that the caller likes, as long as it is always the same; one that
    steps back is taken to stand still. Raises BadInput when no provider may be asked.
    """

    def __init__(self, program: Program, offers: Sequence[Offer]) -> None:
        settings = program.settings
        self._settings = settings
        self._out: list[Action] = []
        ledger = Ledger(settings, self._out)
        usable = _usable(offers, ledger, settings.max_tokens)
        self._left_out = [offer.name for offer in offers if offer not in usable]
        pool = Pool(usable, settings.routing, program.records, settings.chunk_size)
        self._pool = pool
        self._attempts = Attempts(pool, ledger, settings, self._out)
        self._tree = Tree(program, self._attempts, self._out)
        self._verdicts = Verdicts(settings.verification, self._out)
        self._now = float("-inf")
        self._deadline: float | None = None
        self._wake_at: float | None = None
        self._again: deque[tuple[SubQuery, Replica, bool]] = deque()
        self._retries: list[tuple[float, str, SubQuery, Replica]] = []
        self._unhedged: deque[Attempt] = deque()
        self._latencies = Latencies()

    @property
    def over(self) -> bool:
        """Whether Finish was said."""
        return self._tree.over

    def next(self, happened: Happened, now: float) -> list[Action]:
        """Takes in one thing that happened, and says what is to be done about it, in this order."""
        if self.over:
            return []
        self._now = max(self._now, now)
        self._take(happened)
        self._pass_time()
        self._fill()
        self._wake()
        actions = self._out.copy()
        self._out.clear()
        return actions

    def _take(self, happened: Happened) -> None:
        match happened:
            case Answered():
                self._answered(happened)
            case Failed():
                self._failed(happened)
            case Ticked():
                self._wake_at = None
            case Checked(None):
                self._tree.checked(happened.missing)
            case Checked():
                self._checked(happened)
            case Divided():
                self._tree.divided(happened)
            case Ranked():
                self._tree.ranked(happened)
            case Cancelled():
                self._tree.stop("cancelled", happened.by, None, happened.by)
            case Started():
                self._begin()

    def _begin(self) -> None:
        if self._settings.timeout_s is not None:
            self._deadline = self._now + self._settings.timeout_s
        for name in self._left_out:
            message = f"{name} has no known price in the budget's unit and is left out"
            self._out.append(Note(message=message, level="warning"))
        self._tree.begin()

    # -------------------------------------------------------------- answers

    def _answered(self, happened: Answered) -> None:
        attempt = self._attempts.flying.get(happened.key)
        if attempt is None:
            return
        query, replica = attempt.query, attempt.replica
        if not happened.answer.text.strip():
            query.error = Failure(type="EmptyAnswer", message="the answer is empty")
            self._attempts.returned(attempt, happened.answer, self._now, query.error)
            self._again_or_give_up(query, replica, attempt.key, retryable=True)
            return
        self._attempts.returned(attempt, happened.answer, self._now)
        self._latencies.add(self._now - attempt.started)
        for rival in tuple(replica.flying):
            self._attempts.give_up(rival, "hedge")
        replica.answer = happened.answer
        query.unresolved = happened.unresolved
        self._judge(query)

    def _judge(self, query: SubQuery) -> None:
        verdict = self._verdicts.judge(query)
        if verdict is not None:
            self._close(query, verdict.answer)

    def _checked(self, happened: Checked) -> None:
        query = self._tree.open.get(str(happened.key))
        if query is not None:
            self._close(query, self._verdicts.checked(query, happened.missing).answer)

    def _close(self, query: SubQuery, answer: Answer | None) -> None:
        """A sub-query is decided; other workers that are still at it are not needed."""
        for attempt in query.flying():
            self._attempts.give_up(attempt, "straggler")
        self._tree.ended(query, answer)

    # -------------------------------------------------------------- failures

    def _failed(self, happened: Failed) -> None:
        attempt = self._attempts.flying.get(happened.key)
        if attempt is None:
            return
        self._attempts.failed(attempt, happened, self._now)
        query = attempt.query
        query.error = Failure(type=happened.kind, message=happened.message)
        self._again_or_give_up(query, attempt.replica, attempt.key, retryable=happened.retryable)

    def _timed_out(self, attempt: Attempt) -> None:
        limit = self._settings.per_query_timeout_s
        attempt.query.error = Failure(type="Timeout", message=f"no answer within {limit:g} s")
        self._again_or_give_up(attempt.query, attempt.replica, attempt.key, retryable=True)

    def _again_or_give_up(
        self, query: SubQuery, replica: Replica, key: str, *, retryable: bool
    ) -> None:
        replica.failures += 1
        if replica.flying:
            return
        at = self._now + backoff_s(replica.failures, self._settings.seed, key)
        at = max(at, self._pool.open_from(self._now))
        in_time = self._deadline is None or at < self._deadline
        if retryable and in_time and replica.failures < self._settings.max_attempts:
            heapq.heappush(self._retries, (at, key, query, replica))
            return
        replica.given_up = True
        self._judge(query)

    # -------------------------------------------------------------- time

    def _pass_time(self) -> None:
        """Does what is due, however late it is noticed."""
        if self._tree.ending:
            return
        for attempt in self._attempts.overdue(self._now):
            self._timed_out(attempt)
        if self._deadline is not None and self._now >= self._deadline:
            self._time_is_up()
        while self._retries and self._retries[0][0] <= self._now:
            _, _, query, replica = heapq.heappop(self._retries)
            self._again.append((query, replica, False))
        while (due := self._next_hedge()) is not None and due <= self._now:
            attempt = self._unhedged.popleft()
            if not attempt.replica.hedged:
                attempt.replica.hedged = True
                self._again.append((attempt.query, attempt.replica, True))

    def _time_is_up(self) -> None:
        if self._tree.answering:
            self._tree.stop("completed", "timeout", None, "timeout")
            return
        message = f"the run took longer than timeout_s {self._settings.timeout_s:g}"
        error = Failure(type="Timeout", message=message)
        self._tree.stop("failed", "timeout", error, "timeout")

    def _next_hedge(self) -> float | None:
        """When the oldest attempt that has no hedge is to get one."""
        if self._settings.hedge_after is None:
            return None
        while self._unhedged and self._unhedged[0].key not in self._attempts.flying:
            self._unhedged.popleft()
        after = self._settings.hedge_after
        delay = self._latencies.p95() if after == "p95" else float(after)
        if not self._unhedged or delay is None:
            return None
        return self._unhedged[0].started + delay

    def _wake(self) -> None:
        """Wishes to be woken when the next thing is due, unless that is wished for already."""
        if self._tree.ending:
            return
        due = [self._deadline, self._attempts.next_timeout(), self._next_hedge()]
        if self._retries:
            due.append(self._retries[0][0])
        if self._again or self._tree.waiting:
            due.append(self._pool.next_rest_end(self._now))
        at = min((time for time in due if time is not None), default=None)
        if at is not None and (self._wake_at is None or at < self._wake_at):
            self._wake_at = at
            self._out.append(WakeAt(at))

    # -------------------------------------------------------------- asking

    def _fill(self) -> None:
        """Asks whatever can be asked: first again, then new questions up to the fan-out."""
        while self._again and self._ask_again(*self._again[0]):
            self._again.popleft()
        while not self._again and len(self._tree.open) < self._settings.fanout:
            query = self._tree.next_query()
            if query is None:
                return
            if not self._ask_first(query):
                return

    def _ask_first(self, query: SubQuery) -> bool:
        first, *others = query.replicas
        asked = self._ask(query, first)
        if asked == "busy":
            self._tree.back(query)
            return False
        if asked == "broke":
            self._tree.unaffordable(query)
            return True
        self._tree.open[query.id] = query
        self._again.extend((query, replica, False) for replica in others)
        while self._again and self._ask_again(*self._again[0]):
            self._again.popleft()
        return True

    def _ask_again(self, query: SubQuery, replica: Replica, hedge: bool) -> bool:
        """Whether this is dealt with: asked, not needed any more, or never to be paid."""
        if query.done or replica.settled or (hedge and not replica.flying):
            return True
        asked = self._ask(query, replica, hedge=hedge)
        if asked == "broke" and not hedge:
            replica.given_up = True
            query.error = Failure(type="budget", message="the budget does not allow it")
            self._judge(query)
        return asked != "busy"

    def _ask(self, query: SubQuery, replica: Replica, *, hedge: bool = False) -> str:
        asked = self._attempts.ask(query, replica, self._now, hedge=hedge)
        if asked == "asked" and self._settings.hedge_after is not None and not replica.hedged:
            self._unhedged.append(replica.flying[-1])
        return asked


def _usable(offers: Sequence[Offer], ledger: Ledger, max_tokens: int) -> list[Offer]:
    """The providers that may be asked: under a budget, those whose price is known."""
    if not offers:
        raise BadInput("no provider: name one that is to be asked")
    if len({offer.name for offer in offers}) < len(offers):
        raise BadInput("two providers have the same name: give each its own")
    if idle := [offer.name for offer in offers if offer.concurrency < 1]:
        raise BadInput(f"provider {idle[0]} has no concurrency: it must be 1 or more")
    usable = [offer for offer in offers if ledger.admits(offer.bound(0, max_tokens))]
    if not usable:
        names = ", ".join(offer.name for offer in offers)
        raise BadInput(
            f"no price is known in the budget's unit for {names}: give one in providers.toml,"
            " or allow unknown cost (--allow-unknown-cost)"
        )
    return usable
