"""What a query may hold: parameters that its route takes, and spans that run forward."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from risk_service.api.problems import INVALID, FieldError, Problem

_TOLD = 20
_LONGEST_NAME = 100


async def only_known(request: Request) -> None:
    """Raise Problem (422) that names every query parameter which the route does not take.

    A misspelt ``form=2025-01-01`` would else be answered as if nothing had been asked.
    """
    if not request.query_params:
        return
    known = taken_by(request.scope["route"])
    unknown = sorted(set(request.query_params) - set(known))
    if unknown:
        there_are = f"known here: {', '.join(known)}" if known else "none is known here"
        message = f"is not a known query parameter; {there_are}"
        errors = [FieldError(name[:_LONGEST_NAME] or "query", message) for name in unknown[:_TOLD]]
        names = ", ".join(error.field for error in errors)
        raise Problem(INVALID, f"{names}: {message}", errors)


def taken_by(route: APIRoute) -> tuple[str, ...]:
    """The names of a route's query parameters, those of its dependencies included, in order."""
    return tuple(sorted(set(_names(route.dependant))))


def _names(dependant: Dependant) -> Iterator[str]:
    for field in dependant.query_params:
        yield field.alias
    for inner in dependant.dependencies:
        yield from _names(inner)


def backwards(since: date | datetime, until: date | datetime) -> Problem:
    """The problem (422) of a span whose ``from`` lies after its ``to``; names both."""
    errors = [
        FieldError("to", f"{until.isoformat()} lies before from, {since.isoformat()}"),
        FieldError("from", f"{since.isoformat()} lies after to, {until.isoformat()}"),
    ]
    return Problem(INVALID, f"{errors[0].field}: {errors[0].message}", errors)
