from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, select

from risk_service.feeds.contract import BadRow
from risk_service.store.engine import reading, writing
from risk_service.store.feeds import (
    FeedState,
    all_feeds,
    cursor_of,
    put_aside,
    record_failure,
    record_success,
)
from risk_service.store.tables import set_aside

NOW = datetime(2025, 8, 15, 18, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


def state(engine: Engine) -> list[FeedState]:
    with reading(engine) as conn:
        return all_feeds(conn)


def aside(engine: Engine) -> list[tuple[str, str, str, datetime]]:
    table = set_aside.c
    with reading(engine) as conn:
        query = select(table.locator, table.reason, table.raw, table.seen_at).order_by(
            table.locator
        )
        return [tuple(row) for row in conn.execute(query)]


def test_a_feed_nobody_read_has_no_cursor(engine: Engine) -> None:
    with reading(engine) as conn:
        assert cursor_of(conn, "rss:Wire") is None
        assert all_feeds(conn) == []


def test_a_success_keeps_the_cursor_and_forgets_the_failures(engine: Engine) -> None:
    with writing(engine) as conn:
        record_failure(conn, "rss:Wire", NOW, "answered HTML")
        record_success(conn, "rss:Wire", LATER, {"etag": '"1"', "first_seen": {"a\x00": "б"}})
    assert state(engine) == [FeedState("rss:Wire", LATER, LATER, 0, None)]
    with reading(engine) as conn:
        assert cursor_of(conn, "rss:Wire") == {"etag": '"1"', "first_seen": {"a\x00": "б"}}


def test_failures_are_counted_and_the_cursor_stays(engine: Engine) -> None:
    with writing(engine) as conn:
        record_success(conn, "gdelt", NOW, {"newest": "20250815180000"})
    for error in ("status 500", "status \x00503" + "!" * 2_000):
        with writing(engine) as conn:
            record_failure(conn, "gdelt", LATER, error)
    (gdelt,) = state(engine)
    assert (gdelt.attempted_at, gdelt.succeeded_at, gdelt.failures) == (LATER, NOW, 2)
    assert gdelt.error is not None
    assert gdelt.error.startswith("status \ufffd503!")
    assert len(gdelt.error) == 1_000
    with reading(engine) as conn:
        assert cursor_of(conn, "gdelt") == {"newest": "20250815180000"}


def test_a_feed_that_never_worked_is_told_too(engine: Engine) -> None:
    with writing(engine) as conn:
        record_failure(conn, "rss:Wire", NOW, "no address")
    assert state(engine) == [FeedState("rss:Wire", NOW, None, 1, "no address")]


def test_rows_are_set_aside_once(engine: Engine) -> None:
    rows = [BadRow("Wire", "entry 1", "title: is empty", "<item/>")] * 2
    other = BadRow("Wire", "entry 2", "title: is empty", "a\x00b\ud800" + "x" * 5_000)
    with writing(engine) as conn:
        put_aside(conn, [*rows, other], NOW)
    with writing(engine) as conn:
        put_aside(conn, [BadRow("Wire", "entry 1", "title: is still empty", "<item/>")], LATER)
        put_aside(conn, [], LATER)
    assert aside(engine) == [
        ("entry 1", "title: is still empty", "<item/>", LATER),
        ("entry 2", "title: is empty", "a\ufffdb\ufffd" + "x" * 1_996, NOW),
    ]
