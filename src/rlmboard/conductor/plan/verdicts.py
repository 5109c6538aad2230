"""Whether a sub-query's answer counts, by the verification that was asked for."""

from __future__ import annotations

import msgspec

from ...trace import Failure, VerifyCitations, VerifyObjective, VerifyRedundant
from ..prompts import is_no_evidence
from ..provider import Answer
from ..verify import Agreement, Rule, Verification, agreement, objective_rule
from .actions import Action, Check
from .state import SubQuery


class Verdict(msgspec.Struct, frozen=True):
    """The answer that counts, or None: it failed."""

    answer: Answer | None


_FAILED = Verdict(None)


class Verdicts:
    """Judges a sub-query each time one of its replicas has ended."""

    def __init__(self, verification: Verification, out: list[Action]) -> None:
        self._verification = verification
        self._out = out
        self._rule: tuple[str, Rule] | None = None
        if verification.tier == "objective":
            self._rule = objective_rule(verification)

    def judge(self, query: SubQuery) -> Verdict | None:
        """None while there is something to wait for. Only answers to fragments are verified."""
        if len(query.replicas) > 1:
            return self._redundant(query)
        (replica,) = query.replicas
        if replica.answer is None:
            return _FAILED if replica.given_up else None
        if query.question.role == "extractor":
            if self._rule is not None:
                return self._objective(query, replica.answer)
            if self._verification.tier == "citations":
                return self._cited(query, replica.answer)
        return Verdict(replica.answer)

    def checked(self, query: SubQuery, missing: int) -> Verdict:
        """The citations of a sub-query's answer were held against their sources."""
        answer = query.replicas[0].answer
        assert answer is not None
        wrong = missing + query.unresolved
        checked = len(answer.span_refs) + query.unresolved
        passed = wrong == 0 and checked > 0
        self._out.append(
            VerifyCitations(query_id=query.id, checked=checked, missing=wrong, passed=passed)
        )
        if passed:
            return Verdict(answer)
        what = f"{wrong} of {checked} citations do not hold" if checked else "it cites nothing"
        query.error = Failure(type="VerificationFailed", message=what)
        return _FAILED

    def _cited(self, query: SubQuery, answer: Answer) -> Verdict | None:
        if is_no_evidence(answer.text):
            return Verdict(answer)
        self._out.append(Check(query.id, answer.span_refs))
        return None

    def _objective(self, query: SubQuery, answer: Answer) -> Verdict:
        assert self._rule is not None
        name, wrong = self._rule
        detail = wrong(answer.text)
        passed = detail is None
        self._out.append(
            VerifyObjective(query_id=query.id, check_type=name, passed=passed, detail=detail)
        )
        if passed:
            return Verdict(answer)
        query.error = Failure(type="VerificationFailed", message=detail or "")
        return _FAILED

    def _redundant(self, query: SubQuery) -> Verdict | None:
        """Passed as soon as enough agree; failed as soon as not enough can."""
        answered = [replica for replica in query.replicas if replica.answer is not None]
        open_ = sum(not replica.settled for replica in query.replicas)
        texts = [replica.answer.text for replica in answered if replica.answer]
        found = agreement(texts, self._verification.threshold) if texts else Agreement(0, (), 0.0)
        needed = self._verification.agreeing
        passed = len(found.agreeing) >= needed
        if not passed and len(found.agreeing) + open_ >= needed:
            return None
        agreed, asked = len(found.agreeing), len(query.replicas)
        self._out.append(
            VerifyRedundant(
                query_id=query.id,
                agreement=round(found.share, 6),
                n_of_m=(agreed, asked),
                passed=passed,
                replicas=tuple(answered[place].number for place in found.agreeing),
            )
        )
        if passed:
            return Verdict(answered[found.winner].answer)
        message = f"{agreed} of {asked} answers agree, {needed} were needed"
        query.error = Failure(type="VerificationFailed", message=message)
        return _FAILED
