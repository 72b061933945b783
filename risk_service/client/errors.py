"""What may go wrong, with what the service said about it (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx


class ClientError(Exception):
    """Root of every error of the client."""


class Unreachable(ClientError):
    """The service did not answer, or not to the end."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field of a request, such as ``texts[3]``."""

    field: str
    message: str


class ProblemError(ClientError):
    """The service said no; ``body`` is its problem document, empty where it gave none.

    >>> problem = ProblemError(422, {"detail": "as_of: lies in the future",
    ...     "errors": [{"field": "as_of", "message": "lies in the future"}]})
    >>> str(problem), problem.errors[0].field
    ('422: as_of: lies in the future', 'as_of')
    """

    def __init__(
        self, status: int, body: Mapping[str, Any], retry_after: float | None = None
    ) -> None:
        self.status, self.body, self.retry_after = status, dict(body), retry_after
        self.title = str(body.get("title", ""))
        self.detail = str(body.get("detail", ""))
        self.errors = tuple(
            FieldError(str(one.get("field", "")), str(one.get("message", "")))
            for one in body.get("errors", ())
        )
        super().__init__(f"{status}: {self.detail or self.title or 'no reason was given'}")


def problem_of(answer: httpx.Response) -> ProblemError:
    """The error that an answer tells; the answer must have been read."""
    try:
        body = answer.json()
    except ValueError:
        body = {}
    wait = answer.headers.get("retry-after", "")
    return ProblemError(
        answer.status_code,
        body if isinstance(body, dict) else {},
        float(wait) if wait.isascii() and wait.isdigit() else None,
    )
