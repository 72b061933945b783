from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine

from risk_service.core.closes import Close
from risk_service.store.close_counts import count_closes
from risk_service.store.engine import reading, writing
from risk_service.store.price_vintages import closes_known_at
from risk_service.store.prices import save_closes
from tests.prices import a_close

MON, TUE, WED = date(2025, 3, 3), date(2025, 3, 4), date(2025, 3, 5)
FIRST = datetime(2025, 3, 4, 22, tzinfo=UTC)
SECOND = FIRST + timedelta(days=30)


def save(engine: Engine, *closes: Close) -> None:
    with writing(engine) as conn:
        save_closes(conn, closes)


def known(engine: Engine, as_of: datetime | None) -> list[tuple[int, float]]:
    with reading(engine) as conn:
        frame = closes_known_at(conn, ["XOM"], MON, WED, as_of, simulated=False)
    return [
        (day.day, close) for day, close in zip(frame["trading_day"], frame["close"], strict=True)
    ]


def test_the_vintage_known_then_is_read_and_no_later_one(engine: Engine) -> None:
    save(engine, a_close(day=MON, close=100, fetched_at=FIRST))
    save(engine, a_close(day=MON, close=101, fetched_at=SECOND))
    assert known(engine, FIRST) == [(3, 100.0)]
    assert known(engine, SECOND - timedelta(seconds=1)) == [(3, 100.0)]
    assert known(engine, SECOND) == known(engine, None) == [(3, 101.0)]


def test_a_close_read_only_later_comes_as_it_was_read_first(engine: Engine) -> None:
    save(engine, a_close(day=MON, close=100, fetched_at=SECOND))
    save(engine, a_close(day=MON, close=101, fetched_at=SECOND + timedelta(days=1)))
    assert known(engine, FIRST) == [(3, 100.0)]


def test_a_close_made_later_is_not_there(engine: Engine) -> None:
    save(engine, *(a_close(day=day, fetched_at=SECOND) for day in (MON, TUE, WED)))
    assert [day for day, _ in known(engine, datetime(2025, 3, 4, 21, tzinfo=UTC))] == [3, 4]
    assert [day for day, _ in known(engine, datetime(2025, 3, 4, 20, 59, tzinfo=UTC))] == [3]


def test_simulated_closes_are_never_among_the_real(engine: Engine) -> None:
    save(engine, a_close(day=MON, close=7, fetched_at=FIRST, simulated=True))
    save(engine, a_close(day=MON, close=100, fetched_at=SECOND))
    assert known(engine, FIRST) == [(3, 100.0)]
    with reading(engine) as conn:
        assert count_closes(conn, simulated=True) == count_closes(conn, simulated=False) == 1
