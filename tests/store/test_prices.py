from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select

from risk_service.core.closes import Close, closes_to_frame
from risk_service.store.engine import reading, writing
from risk_service.store.prices import (
    Holding,
    SavedCloses,
    latest_closes,
    newest_close,
    save_closes,
)
from risk_service.store.tables import closes as table
from tests.prices import FETCHED, a_close, weekdays

MON, TUE, WED = date(2025, 3, 3), date(2025, 3, 4), date(2025, 3, 5)
LATER = FETCHED + timedelta(days=1)


def save(engine: Engine, *closes: Close) -> SavedCloses:
    with writing(engine) as conn:
        return save_closes(conn, closes)


def prices(
    engine: Engine, *tickers: str, as_of: datetime | None = None, simulated: bool = False
) -> list[float]:
    with reading(engine) as conn:
        frame = latest_closes(conn, tickers or ["XOM"], MON, WED, as_of, simulated=simulated)
    return frame["close"].tolist()


def count(engine: Engine) -> int:
    with reading(engine) as conn:
        return conn.execute(select(func.count()).select_from(table)).scalar_one()


def test_what_is_saved_is_read_in_the_same_types(engine: Engine) -> None:
    saved = [a_close("XOM", TUE, 111, 110), a_close("XOM", MON), a_close("CL=F", MON, -37.63)]
    assert save(engine, *saved) == SavedCloses(added=3)
    with reading(engine) as conn:
        frame = latest_closes(conn, ["XOM", "CL=F"], MON, WED, simulated=False)
        none = latest_closes(conn, ["CVX"], MON, WED, simulated=False)
    expected = closes_to_frame(saved)
    assert frame.equals(expected)
    assert none.empty
    assert none.dtypes.equals(expected.dtypes)


def test_saving_again_changes_nothing(engine: Engine) -> None:
    saved = [a_close(day=MON), a_close(day=TUE)]
    save(engine, *saved)
    again = [replace(close, fetched_at=LATER) for close in saved]
    assert save(engine, *again) == SavedCloses(repeated=2)
    assert count(engine) == 2


def test_other_last_digits_are_no_revision(engine: Engine) -> None:
    save(engine, a_close(close=110.0))
    assert save(engine, a_close(close=110.00001)) == SavedCloses(repeated=1)
    assert save(engine, a_close(close=110.001)) == SavedCloses(revised=1)


@pytest.mark.parametrize(
    "changed",
    [
        a_close(close=101.0, adj_close=100.0, fetched_at=LATER),
        a_close(close=100.0, adj_close=99.0, fetched_at=LATER),
        a_close(currency="EUR", fetched_at=LATER),
    ],
)
def test_a_changed_close_stands_beside_the_old(engine: Engine, changed: Close) -> None:
    before = a_close(fetched_at=FETCHED)
    save(engine, before)
    assert save(engine, changed) == SavedCloses(revised=1)
    assert count(engine) == 2
    with reading(engine) as conn:
        now = latest_closes(conn, ["XOM"], MON, WED, simulated=False)
        then = latest_closes(conn, ["XOM"], MON, WED, FETCHED, simulated=False)
        earlier = latest_closes(
            conn, ["XOM"], MON, WED, FETCHED - timedelta(seconds=1), simulated=False
        )
    assert now.equals(closes_to_frame([changed]))
    assert then.equals(closes_to_frame([before]))
    assert earlier.empty


def test_a_close_that_changes_back_is_a_revision_too(engine: Engine) -> None:
    for n, price in enumerate([100.0, 101.0, 100.0]):
        save(engine, a_close(close=price, fetched_at=FETCHED + timedelta(days=n)))
    assert prices(engine) == [100.0]
    assert prices(engine, as_of=LATER) == [101.0]
    assert count(engine) == 3


def test_one_day_twice_in_a_batch_is_a_close_and_its_revision(engine: Engine) -> None:
    assert save(engine, a_close(close=100), a_close(close=101)) == SavedCloses(1, 1, 0)
    assert prices(engine) == [101.0]


def test_simulated_and_real_closes_never_mix(engine: Engine) -> None:
    save(engine, a_close(close=100), a_close("CVX", TUE, 50))
    assert save(engine, a_close(close=7, simulated=True)) == SavedCloses(added=1)
    assert save(engine, a_close(close=100), a_close(close=7, simulated=True)).repeated == 2
    assert prices(engine, "XOM", "CVX") == [50.0, 100.0]
    assert prices(engine, "XOM", "CVX", simulated=True) == [7.0]
    with reading(engine) as conn:
        assert set(newest_close(conn, simulated=True)) == {"XOM"}
        assert set(newest_close(conn, simulated=False)) == {"XOM", "CVX"}


def test_only_the_asked_days_and_tickers_are_read(engine: Engine) -> None:
    save(engine, *(a_close("XOM", day, n) for n, day in enumerate(weekdays(MON, 10), 1)))
    save(engine, a_close("CVX", MON, 50))
    assert prices(engine) == [1.0, 2.0, 3.0]
    assert prices(engine, "CVX") == [50.0]


def test_a_holding_tells_first_last_and_freshness(engine: Engine) -> None:
    save(engine, a_close(day=MON), a_close(day=TUE))
    save(engine, a_close(day=WED, fetched_at=LATER))
    with reading(engine) as conn:
        held = newest_close(conn, simulated=False)
    assert held == {"XOM": Holding(MON, WED, datetime(2025, 3, 5, 21, tzinfo=UTC), LATER)}


def test_nothing_to_save_is_nothing_done(engine: Engine) -> None:
    assert save(engine) == SavedCloses()
