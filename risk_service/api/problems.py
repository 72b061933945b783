"""Every error as RFC 9457 ``application/problem+json``, and the table that maps errors to it."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from risk_service import errors as known
from risk_service.store.engine import was_too_slow

MEDIA_TYPE = "application/problem+json"
WHOLE = "body"
"""Stands for a field where the whole body is meant."""

UDF_FOLDER = "/udf/"
"""Clients of this protocol know errors by ``s`` and ``errmsg``, whatever the status."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: its name within ``urn:risk-service:problem:``, title and status."""

    name: str
    title: str
    status: int

    @property
    def type(self) -> str:
        """The URI that identifies the kind."""
        return f"urn:risk-service:problem:{self.name}"


BAD_HOST = Kind("unknown-host", "The host name is not one this service answers to", 400)
MALFORMED = Kind("malformed", "The request cannot be read", 400)
NO_KEY = Kind("key-needed", "An API key is needed", 401)
LOW_SCOPE = Kind("scope-too-low", "The API key may not do this", 403)
NOT_FOUND = Kind("not-found", "There is no such thing", 404)
BAD_METHOD = Kind("method-not-allowed", "The address does not take this method", 405)
TOO_LARGE = Kind("too-large", "The body is too large", 413)
NOT_JSON = Kind("not-json", "The body must be JSON", 415)
NOT_PROMOTED = Kind("not-promoted", "The model does not become champion", 409)
INVALID = Kind("invalid", "The request holds a value that is not taken", 422)
TOO_MANY = Kind("too-many-requests", "Too many requests", 429)
INTERNAL = Kind("internal", "The service failed", 500)
OUTSIDE = Kind("outside-failed", "A source outside failed", 502)
UNAVAILABLE = Kind("unavailable", "The service cannot answer now", 503)

_BY_STATUS = {
    kind.status: kind
    for kind in (MALFORMED, NO_KEY, LOW_SCOPE, NOT_FOUND, BAD_METHOD, TOO_LARGE, NOT_JSON, INVALID,
                 TOO_MANY, INTERNAL, OUTSIDE, UNAVAILABLE)
}  # fmt: skip

TABLE: tuple[tuple[type[Exception], Kind], ...] = (
    (known.NotFound, NOT_FOUND),
    (known.NotPromoted, NOT_PROMOTED),
    (known.Refused, LOW_SCOPE),
    (known.NoModel, UNAVAILABLE),
    (known.NoCharts, UNAVAILABLE),
    (known.FeedError, OUTSIDE),
    (known.PriceError, OUTSIDE),
    (known.FileError, INVALID),
    (known.RiskError, INTERNAL),
    (OperationalError, UNAVAILABLE),
    (InterfaceError, UNAVAILABLE),
    (PoolTimeoutError, UNAVAILABLE),
    (SQLAlchemyError, INTERNAL),
)
"""The first row that an error is an instance of gives its kind."""

_UNTOLD = {
    INTERNAL: "The request is on record under its request id.",
    UNAVAILABLE: "The database cannot be reached.",
}
_TOO_SLOW = "The database took too long over this answer; ask for less of it, or again later."
AFTER_SLOW = "5"
"""Seconds after which a question that took too long may be asked again."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field of a request, such as ``texts[3]``."""

    field: str
    message: str


class Problem(Exception):
    """An error of the API itself, ready to be answered."""

    def __init__(
        self,
        kind: Kind,
        detail: str,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.errors = kind, detail, tuple(errors)
        self.headers = dict(headers or {})


def invalid(field: str, message: str) -> Problem:
    """The problem of one field that is not taken."""
    return Problem(INVALID, f"{field}: {message}", [FieldError(field, message)])


def from_core(error: ValueError) -> FieldError:
    """A core's complaint, "field: message", in its two parts; without a field it is of the body."""
    field, colon, message = str(error).partition(": ")
    return FieldError(field, message) if colon else FieldError(WHOLE, str(error))


def from_pydantic(error: Mapping[str, Any], skip: int = 0) -> FieldError:
    """One entry of pydantic's ``errors()``; ``skip`` leaves out that many leading places."""
    message = str(error["msg"]).removeprefix("Value error, ")
    return FieldError(place_of(error["loc"][skip:]) or WHOLE, message)


def place_of(steps: Iterable[object]) -> str:
    """A place in a body, as it is written.

    >>> place_of(["texts", 3]), place_of(["events", 7, "goldstein"])
    ('texts[3]', 'events[7].goldstein')
    """
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return place.removeprefix(".")


def problem_response(problem: Problem, path: str) -> Response:
    """The answer that tells a problem; ``path`` is the address it happened at."""
    body: dict[str, Any] = {
        "type": problem.kind.type,
        "title": problem.kind.title,
        "status": problem.kind.status,
        "detail": problem.detail,
        "instance": _storable(path),
    }
    if path.startswith(UDF_FOLDER):
        body |= {"s": "error", "errmsg": problem.detail}
    if problem.errors:
        body["errors"] = [
            {"field": _storable(error.field), "message": _storable(error.message)}
            for error in problem.errors
        ]
    return Response(
        orjson.dumps(body),
        status_code=problem.kind.status,
        headers={"Cache-Control": "no-store", **problem.headers},
        media_type=MEDIA_TYPE,
    )


def problem_of(error: Exception) -> Problem:
    """The problem an error of the edges stands for, by ``TABLE``; anything else is internal."""
    kind = next((kind for cls, kind in TABLE if isinstance(error, cls)), INTERNAL)
    own_words = isinstance(error, known.RiskError) and kind is not INTERNAL
    if isinstance(error, DBAPIError) and was_too_slow(error):
        return Problem(UNAVAILABLE, _TOO_SLOW, headers={"Retry-After": AFTER_SLOW})
    headers = {"Retry-After": "1"} if kind is UNAVAILABLE else {}
    return Problem(kind, str(error) if own_words else _UNTOLD[kind], headers=headers)


def install(app: FastAPI) -> None:
    """Answer every error of an application with a problem."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(known.RiskError, _on_known)
    app.add_exception_handler(SQLAlchemyError, _on_known)
    app.add_exception_handler(Exception, _on_known)


def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem_response(error, request.url.path)


def _on_known(request: Request, error: Exception) -> Response:
    problem = problem_of(error)
    if problem.detail == _TOO_SLOW:
        log.warning("a read took too long", path=request.url.path)
    elif problem.kind.status >= 500:
        # Without the frames' variables: a request's headers hold its key.
        trace = "".join(traceback.format_exception(error, limit=-4))
        name = request.scope.get("request_id", "")
        log.error("a request failed", path=request.url.path, request_id=name, trace=trace)
    return problem_response(problem, request.url.path)


def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if found and found[0]["type"] == "json_invalid":
        return problem_response(Problem(MALFORMED, "The body is not JSON."), request.url.path)
    # A place such as ("query", "from") starts with where the field was; a whole body has no name.
    fields = [from_pydantic(one, 1 if len(one["loc"]) > 1 else 0) for one in found]
    detail = "; ".join(f"{one.field}: {one.message}" for one in fields[:5])
    return problem_response(Problem(INVALID, detail, fields[:100]), request.url.path)


def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    kind = _BY_STATUS.get(error.status_code, Kind("http", phrase, error.status_code))
    detail = error.detail if error.detail != phrase else f"{kind.title}."
    return problem_response(Problem(kind, detail, headers=error.headers), request.url.path)


def _storable(text: str) -> str:
    # JSON in UTF-8 takes no half of a surrogate pair.
    return text.encode("utf-8", "replace").decode("utf-8")
