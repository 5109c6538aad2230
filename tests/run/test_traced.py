"""Functions whose calls are sub-queries."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from typing import Any

import pytest

import rlmboard
from rlmboard import SubQueryCancel, SubQueryExecute, SubQueryReturn, SubQuerySubmit

Read = Callable[..., list[Any]]


@rlmboard.trace
def shout(text: str, mark: str = "!") -> str:
    """Loudly."""
    return text.upper() + mark


@rlmboard.trace(provider="echo", model="m", role="extractor")
async def echo(text: str) -> str:
    return text


@rlmboard.trace
def words(text: str) -> Iterator[str]:
    for word in text.split():
        yield shout(word, "")


@rlmboard.trace
async def letters(text: str) -> AsyncIterator[str]:
    for letter in text:
        yield await echo(letter)


@rlmboard.trace
def adder() -> Generator[int, int, str]:
    total = 0
    while total < 10:
        try:
            total += yield total
        except KeyError:
            total = 100
    return "full"


def test_outside_of_a_run_nothing_is_there() -> None:
    assert shout("a") == "A!"
    assert list(words("a b")) == ["A", "B"]
    assert rlmboard.current_run() is None


async def test_outside_of_a_run_async_ones_work_too() -> None:
    assert await echo("a") == "a"
    assert [letter async for letter in letters("ab")] == ["a", "b"]


def test_a_call_is_recorded_with_its_arguments_and_its_result(events: Read) -> None:
    with rlmboard.init("q") as run:
        assert shout("hello", mark="?") == "HELLO?"
    (submit,), (asked,) = events(run, SubQuerySubmit), events(run, SubQueryExecute)
    (answer,) = events(run, SubQueryReturn)
    assert submit.prompt_preview == "hello, mark=?"
    assert (asked.provider_id, answer.result_preview) == ("shout", "HELLO?")


async def test_an_async_call_is_recorded_as_it_is_told(events: Read) -> None:
    with rlmboard.init("q") as run:
        await echo("hello")
    (submit,), (asked,) = events(run, SubQuerySubmit), events(run, SubQueryExecute)
    assert (submit.role, asked.provider_id, asked.model_id) == ("extractor", "echo", "m")


def test_a_function_keeps_its_face() -> None:
    assert (shout.__name__, shout.__doc__) == ("shout", "Loudly.")
    assert inspect.iscoroutinefunction(echo)
    assert inspect.isgeneratorfunction(words)
    assert inspect.isasyncgenfunction(letters)


def test_an_error_fails_the_call_and_goes_on(events: Read) -> None:
    @rlmboard.trace
    def broken() -> None:
        raise LookupError("nothing")

    with rlmboard.init("q") as run, pytest.raises(LookupError):
        broken()
    (answer,) = events(run, SubQueryReturn)
    assert (answer.success, answer.error.message) == (False, "nothing")


def test_a_generator_answers_with_all_that_it_yields(events: Read) -> None:
    with rlmboard.init("q") as run:
        for _ in words("two words"):
            run.subquery("of the consumer").returned("x")
    submits = {submit.query_id: submit for submit in events(run, SubQuerySubmit)}
    texts = [submit.prompt_preview for submit in submits.values()]
    assert texts == ["two words", "two, ", "of the consumer", "words, ", "of the consumer"]
    outer = next(iter(submits))
    parents = [submit.parent_id for submit in submits.values()]
    assert parents == [None, outer, None, outer, None]
    answers = {answer.query_id: answer.result_preview for answer in events(run, SubQueryReturn)}
    assert answers[outer] == "TWOWORDS"


async def test_an_async_generator_answers_with_all_that_it_yields(events: Read) -> None:
    with rlmboard.init("q") as run:
        assert [letter async for letter in letters("abc")] == ["a", "b", "c"]
    assert "abc" in [answer.result_preview for answer in events(run, SubQueryReturn)]


def test_a_generator_can_be_sent_to_and_thrown_at_and_returns(events: Read) -> None:
    with rlmboard.init("q") as run:
        steps = adder()
        assert [next(steps), steps.send(3), steps.send(4)] == [0, 3, 7]
        with pytest.raises(StopIteration) as end:
            steps.throw(KeyError())
        assert end.value.value == "full"
    (answer,) = events(run, SubQueryReturn)
    assert (answer.success, answer.result_preview) == (True, "037")


def test_a_generator_that_fails_is_a_failed_call(events: Read) -> None:
    @rlmboard.trace
    def broken() -> Iterator[int]:
        yield 1
        raise LookupError("nothing")

    with rlmboard.init("q") as run, pytest.raises(LookupError):
        list(broken())
    (answer,) = events(run, SubQueryReturn)
    assert (answer.success, answer.error.type) == (False, "LookupError")


def test_a_generator_that_is_left_early_is_cancelled(events: Read) -> None:
    with rlmboard.init("q") as run:
        steps = words("a b c")
        next(steps)
        steps.close()  # type: ignore[attr-defined]
    assert [cancel.reason for cancel in events(run, SubQueryCancel)] == ["closed"]


def test_arguments_that_cannot_be_shown_do_no_harm(events: Read) -> None:
    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    @rlmboard.trace
    def take(thing: object) -> object:
        return thing

    with rlmboard.init("q") as run:
        take(Broken())
    (submit,) = events(run, SubQuerySubmit)
    assert submit.prompt_preview == "<Broken>"
