"""Posted events: each checked by itself, the good ones kept together in one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Engine

from risk_service.api.problems import (
    INVALID,
    WHOLE,
    FieldError,
    Problem,
    from_core,
    from_pydantic,
    invalid,
)  # fmt: skip
from risk_service.api.schemas.events import EventIn
from risk_service.core.events import Event, refuse_future
from risk_service.store.engine import writing
from risk_service.store.events import Saved, save_events
from risk_service.store.upsert import Row

MOST_EVENTS = 1_000
ORIGIN = "api"
_TOLD = 20


def post_events(engine: Engine, body: Any, now: datetime) -> Row:
    """Keep the valid events of a body, and tell of each what became of it.

    Raises
    ------
    Problem
        422 for one event that is not valid, and for a body that is neither an event nor a list of
        1 to 1,000.
    """
    if isinstance(body, dict):
        checked = [_checked(body, now)]
        if isinstance(checked[0], list):
            detail = "; ".join(f"{e.field}: {e.message}" for e in checked[0])
            raise Problem(INVALID, detail, checked[0])
    else:
        checked = [_placed(_checked(one, now), n) for n, one in enumerate(_listed(body))]
    good = [event for event in checked if isinstance(event, Event)]
    with writing(engine) as conn:
        saved = iter(save_events(conn, good, ORIGIN, now))
    results = [
        _refused(one) if isinstance(one, list) else _accepted(next(saved)) for one in checked
    ]
    counts = {
        status: sum(one["status"] == status for one in results)
        for status in ("created", "exists", "invalid")
    }
    return {**counts, "results": results}


def _listed(body: Any) -> list[Any]:
    if not isinstance(body, list):
        raise invalid("body", "is neither an event nor a list of events")
    if not 1 <= len(body) <= MOST_EVENTS:
        raise invalid("body", f"{len(body)} events, from 1 to {MOST_EVENTS:,} are taken")
    return body


def _checked(one: Any, now: datetime) -> Event | list[FieldError]:
    try:
        event = EventIn.model_validate(one).as_event()
        refuse_future(event, now)
    except ValidationError as error:
        return [from_pydantic(found) for found in error.errors(include_input=False)[:_TOLD]]
    except ValueError as error:
        return [from_core(error)]
    return event


def _placed(one: Event | list[FieldError], number: int) -> Event | list[FieldError]:
    """The errors of one event of a list, named by their place in it."""
    if isinstance(one, Event):
        return one
    return [replace(error, field=f"events[{number}]{_below(error.field)}") for error in one]


def _below(field: str) -> str:
    return "" if field == WHOLE else f".{field}"


def _accepted(saved: Saved) -> Row:
    status = "created" if saved.new else "exists"
    return {"status": status, "id": saved.id, "key": saved.key, "errors": []}


def _refused(errors: list[FieldError]) -> Row:
    told = [{"field": error.field[:200], "message": error.message} for error in errors]
    return {"status": "invalid", "id": None, "key": None, "errors": told}
