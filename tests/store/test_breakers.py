from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine

from risk_service.store.breakers import (
    TRIAL,
    Open,
    look_through,
    note_answer,
    note_refusal,
    rest_after,
)
from risk_service.store.engine import writing
from tests.house import NOW

MINUTE = timedelta(minutes=1)


def look(engine: Engine, minutes: float = 0, name: str = "a") -> Open | None:
    with writing(engine) as conn:
        return look_through(conn, name, NOW + minutes * MINUTE)


def refuse(engine: Engine, minutes: float = 0, asked: timedelta | None = None) -> None:
    with writing(engine) as conn:
        note_refusal(conn, "a", NOW + minutes * MINUTE, "429", asked)


def test_a_refusal_opens_it_for_everybody_and_for_that_source_only(engine: Engine) -> None:
    assert look(engine) is None
    refuse(engine)
    assert look(engine, 0.9) == Open(NOW + MINUTE, 1, "429")
    assert look(engine, 0.9, "b") is None


def test_when_the_rest_is_over_one_caller_alone_may_try(engine: Engine) -> None:
    refuse(engine)
    assert look(engine, 1) is None
    assert look(engine, 1) == Open(NOW + MINUTE + TRIAL, 1, "429")
    # The one that tried never came back: another may, later.
    assert look(engine, 6) is None


def test_an_answer_closes_it_for_everybody(engine: Engine) -> None:
    refuse(engine)
    assert look(engine, 1) is None
    with writing(engine) as conn:
        note_answer(conn, "a")
    assert look(engine, 1) is None
    assert look(engine, 1) is None
    refuse(engine, 2)
    assert look(engine, 2) == Open(NOW + 3 * MINUTE, 1, "429")


def test_refusals_in_a_row_double_the_rest(engine: Engine) -> None:
    refuse(engine)
    refuse(engine, 1)
    refuse(engine, 3)
    assert look(engine, 3) == Open(NOW + 7 * MINUTE, 3, "429")


def test_what_the_source_asks_for_counts_within_reason(engine: Engine) -> None:
    refuse(engine, asked=timedelta(minutes=50))
    assert look(engine, 49) == Open(NOW + 50 * MINUTE, 1, "429")
    assert rest_after(1, timedelta(days=900)) == timedelta(days=1)
    assert rest_after(3, timedelta(seconds=1)) == 4 * MINUTE
