from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from risk_service.store import index as store
from risk_service.store.engine import reading, writing
from risk_service.store.tables import INDEX_VALUES
from risk_service.store.upsert import Row

DYAD = "USA-RUS"
NOW = datetime(2025, 9, 1, 12, tzinfo=UTC)
MONDAY, TUESDAY = date(2025, 8, 25), date(2025, 8, 26)


def at(**later: float) -> datetime:
    return NOW + timedelta(**later)


def vintage(day: date, number: int, risk: float, known: datetime = NOW, dyad: str = DYAD) -> Row:
    values = dict.fromkeys(INDEX_VALUES, 0.0) | {"risk_index": risk}
    return {
        "dyad": dyad, "day": day, "vintage": number, "known_at": known, "computed_at": known,
        "reconstructed": False, "model_version": "m", "method_version": "1",
        "escalation_index": None, "thaw_index": None, **values,
    }  # fmt: skip


def add(engine: Engine, *rows: Row) -> None:
    with writing(engine) as conn:
        store.add_vintages(conn, rows)


def read(engine: Engine, **which: object) -> list[tuple[date, int, float]]:
    with reading(engine) as conn:
        table = store.read_days(conn, DYAD, **which)  # type: ignore[arg-type]
    return list(table[["day", "vintage", "risk_index"]].itertuples(index=False, name=None))


def dirty(engine: Engine, since: datetime, dyad: str = DYAD) -> None:
    with writing(engine) as conn:
        store.mark_dirty(conn, dyad, since, NOW)


def standing(engine: Engine, dyad: str = DYAD) -> tuple[int, datetime | None]:
    with reading(engine) as conn:
        version, since = store.dirty_from(conn, dyad)
        assert version == store.index_version(conn, dyad)
    return version, since


def clean(engine: Engine, version: int) -> None:
    with writing(engine) as conn:
        store.mark_clean(conn, DYAD, version, NOW)


def test_the_newest_vintage_of_each_day_is_read(engine: Engine) -> None:
    add(engine, vintage(TUESDAY, 1, 60), vintage(MONDAY, 1, 50), vintage(MONDAY, 2, 55))
    assert read(engine) == [(MONDAY, 2, 55), (TUESDAY, 1, 60)]


def test_a_vintage_is_never_changed(engine: Engine) -> None:
    add(engine, vintage(MONDAY, 1, 50))
    add(engine, vintage(MONDAY, 1, 99), vintage(MONDAY, 2, 55))
    assert read(engine, as_of=NOW) == [(MONDAY, 2, 55)]
    with writing(engine) as conn:
        store.add_vintages(conn, [])
    assert read(engine) == [(MONDAY, 2, 55)]


def test_as_of_reads_what_was_known_then(engine: Engine) -> None:
    add(engine, vintage(MONDAY, 1, 50, at(days=-5)), vintage(MONDAY, 2, 55, at(days=-1)))
    add(engine, vintage(TUESDAY, 1, 60, at(days=-4)))
    assert read(engine, as_of=at(days=-6)) == []
    assert read(engine, as_of=at(days=-5)) == [(MONDAY, 1, 50)]
    assert read(engine, as_of=at(days=-2)) == [(MONDAY, 1, 50), (TUESDAY, 1, 60)]
    assert read(engine, as_of=at(days=-1)) == [(MONDAY, 2, 55), (TUESDAY, 1, 60)]


def test_a_span_holds_both_its_ends(engine: Engine) -> None:
    days = [MONDAY + timedelta(days=n) for n in range(4)]
    add(engine, *(vintage(day, 1, 50) for day in days))
    assert [row[0] for row in read(engine, since=days[1], until=days[2])] == days[1:3]


def test_an_empty_table_still_has_its_columns(sqlite_engine: Engine) -> None:
    with reading(sqlite_engine) as conn:
        table = store.read_days(conn, DYAD)
        assert store.last_day(conn, DYAD) is None
    assert table.empty
    assert {"day", "vintage", "known_at", *INDEX_VALUES} <= set(table.columns)


def test_moments_and_unknowns_come_back_as_they_went_in(engine: Engine) -> None:
    add(engine, vintage(MONDAY, 1, 50, at(days=-5)))
    with reading(engine) as conn:
        row = store.read_days(conn, DYAD).iloc[0]
    assert row["known_at"] == at(days=-5)
    assert row["known_at"].tzinfo is not None
    assert row["escalation_index"] is None
    assert row["reconstructed"] == False  # noqa: E712


def test_dyads_are_apart(engine: Engine) -> None:
    add(engine, vintage(MONDAY, 1, 50), vintage(TUESDAY, 1, 80, dyad="USA-CHN"))
    dirty(engine, at(days=-1), "USA-CHN")
    assert read(engine) == [(MONDAY, 1, 50)]
    assert standing(engine) == (0, None)
    with reading(engine) as conn:
        assert store.last_day(conn, DYAD) == MONDAY
        assert store.last_day(conn, "USA-CHN") == TUESDAY


def test_dirt_is_kept_from_the_earliest_event_and_moves_the_version(engine: Engine) -> None:
    assert standing(engine) == (0, None)
    for version, (days, earliest) in enumerate([(-2, -2), (-9, -9), (-1, -9)], 1):
        dirty(engine, at(days=days))
        assert standing(engine) == (version, at(days=earliest))


def test_cleaning_forgets_the_dirt_and_moves_the_version(engine: Engine) -> None:
    dirty(engine, at(days=-2))
    clean(engine, 1)
    assert standing(engine) == (2, None)
    dirty(engine, at(days=-1))
    assert standing(engine) == (3, at(days=-1))


def test_an_event_between_reading_and_cleaning_leaves_the_day_dirty(engine: Engine) -> None:
    dirty(engine, at(days=-2))
    version, _ = standing(engine)
    dirty(engine, at(days=-5))
    clean(engine, version)
    assert standing(engine) == (2, at(days=-5))
    clean(engine, 2)
    assert standing(engine) == (3, None)


def test_cleaning_waits_for_an_event_that_is_being_counted(postgres: str, engine: Engine) -> None:
    """On PostgreSQL both transactions may be open at once: the later one must see the earlier."""
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    dirty(engine, at(days=-2))
    with engine.connect() as settling:
        version, _ = store.dirty_from(settling, DYAD)
        dirty(engine, at(days=-5))
        store.mark_clean(settling, DYAD, version, NOW)
        settling.commit()
    assert standing(engine) == (2, at(days=-5))


def test_a_base_is_frozen_once_for_each_method_and_model(engine: Engine) -> None:
    row = {
        "dyad": DYAD, "method_version": "1", "model_version": "m",
        "escalation": 0.2, "thaw": 0.1, "frozen_at": NOW,
    }  # fmt: skip
    with writing(engine) as conn:
        store.freeze_base(conn, row)
        store.freeze_base(conn, row | {"escalation": 0.9})
        store.freeze_base(conn, row | {"model_version": "n", "escalation": 0.3})
    with reading(engine) as conn:
        assert store.base_of(conn, DYAD, "1", "m") == (0.2, 0.1)
        assert store.base_of(conn, DYAD, "1", "n") == (0.3, 0.1)
        assert store.base_of(conn, DYAD, "2", "m") is None
