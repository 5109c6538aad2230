"""Errors as `application/problem+json`: what was wrong, where, and what to do next."""

from __future__ import annotations

import logging
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from ..errors import BadFilter, BadInput, HomeUnusable, RlmboardError, RunTaken, UnknownRun
from .shapes import Problem

MEDIA_TYPE = "application/problem+json"
_KEPT_HEADERS = ("allow", "content-range")
_log = logging.getLogger(__name__)

_BY_ERROR: tuple[tuple[type[RlmboardError], int, str, str], ...] = (
    (BadFilter, 400, "bad-filter", "The filter does not parse"),
    (UnknownRun, 404, "unknown-run", "There is no such run"),
    (BadInput, 400, "bad-input", "The request makes no sense as it stands"),
    (RunTaken, 409, "busy", "The run has an owner"),
    (HomeUnusable, 503, "home-unusable", "The home folder cannot be used"),
    (RlmboardError, 500, "internal", "Something went wrong"),
)
_BY_STATUS = {
    400: ("bad-input", "The request makes no sense as it stands"),
    403: ("refused", "This is not allowed from here"),
    404: ("not-found", "There is nothing here"),
    405: ("bad-input", "This cannot be done here"),
    413: ("too-large", "The request is too large"),
}


class NotFound(RlmboardError):
    """What was asked for is not there."""


class Removed(RlmboardError):
    """What was asked for was there and was removed by a person."""


def problem_of(error: Exception) -> Problem:
    """The problem that an error is. Of one that is a fault of ours, nothing is told."""
    if isinstance(error, NotFound):
        return _problem(404, "not-found", "There is nothing here", str(error))
    if isinstance(error, Removed):
        return _problem(410, "removed", "It was removed", str(error))
    for kind, status, name, title in _BY_ERROR:
        if isinstance(error, kind):
            position = error.position if isinstance(error, BadFilter) else None
            return _problem(status, name, title, str(error), position)
    if isinstance(error, HTTPException):
        return _of_http(error)
    if isinstance(error, RecursionError):  # of a decoder: nothing of ours goes so deep
        return _problem(400, "bad-input", _BY_STATUS[400][1], "it is nested too deeply")
    return _problem(500, "internal", "Something went wrong", "The log of the board says what.")


def answer_problem(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The answer to a request that led to an error."""
    told = problem_of(error)
    if told.status >= 500 and not isinstance(error, RlmboardError):
        _log.error("%s %s", request.method, request.url.path, exc_info=error)
    headers = getattr(error, "headers", None) or {}
    kept = {name: value for name, value in headers.items() if name.lower() in _KEPT_HEADERS}
    return problem_response(told, kept)


def problem_response(told: Problem, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(
        msgspec.json.encode(told),
        status_code=told.status,
        media_type=MEDIA_TYPE,
        headers=headers or {},
    )


def refused(detail: str, status: int = 403, name: str = "refused") -> Problem:
    """A request that is turned away before anything is looked at."""
    return _problem(status, name, _BY_STATUS[status][1], detail)


def _of_http(error: HTTPException) -> Problem:
    name, title = _BY_STATUS.get(error.status_code, ("bad-input", "The request was not answered"))
    if error.status_code >= 500:
        name, title = "internal", "Something went wrong"
    return _problem(error.status_code, name, title, _detail(error))


def _detail(error: HTTPException) -> str:
    if error.status_code == 404:
        return "No page and no part of the API has this address."
    if not isinstance(error, ValidationException) or not isinstance(error.extra, list):
        return str(error.detail)
    said = [
        f"{part.get('key')}: {part.get('message')}" if part.get("key") else str(part.get("message"))
        for part in error.extra
        if isinstance(part, dict)
    ]
    return "; ".join(said) or str(error.detail)


def _problem(
    status: int, name: str, title: str, detail: str, position: int | None = None
) -> Problem:
    return Problem(type=name, title=title, status=status, detail=detail, position=position)
