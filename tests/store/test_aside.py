from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from risk_service.feeds.contract import BadRow
from risk_service.store.aside import AsidePlace, page_of_aside
from risk_service.store.engine import reading, writing
from risk_service.store.feeds import put_aside

NOW = datetime(2025, 8, 15, 18, tzinfo=UTC)
FILE = "news_1.csv (3f2a90c1d7be)"


def fill(engine: Engine) -> None:
    lines = [BadRow(FILE, f"line {n}", "text: is empty", f"row {n}") for n in (10, 9, 100, 2)]
    other = BadRow("newsX1.csv (0000000000aa)", "line 1", "text: is empty", "x")
    with writing(engine) as conn:
        put_aside(conn, [*lines, other], NOW)
        put_aside(conn, [BadRow("gdelt", "row 3", "code", "y")], NOW + timedelta(minutes=5))


def places(engine: Engine, origin: str | None, limit: int = 100) -> list[tuple[str, str]]:
    """Origin and place of every row, read page by page."""
    found: list[tuple[str, str]] = []
    after = None
    with reading(engine) as conn:
        while rows := page_of_aside(conn, origin, after, limit):
            found += [(row["origin"].split(" ")[0], row["locator"]) for row in rows]
            last = rows[-1]
            after = AsidePlace(last["seen_at"], last["origin"], last["locator"], last["key"])
    return found


ALL = [
    ("gdelt", "row 3"), ("news_1.csv", "line 2"), ("news_1.csv", "line 9"),
    ("news_1.csv", "line 10"), ("news_1.csv", "line 100"), ("newsX1.csv", "line 1"),
]  # fmt: skip


def test_rows_come_newest_first_and_then_in_the_order_of_their_file(engine: Engine) -> None:
    fill(engine)
    whole = places(engine, None)
    assert whole[0] == ALL[0]
    # Where capitals stand among letters is the database's affair; pages follow it.
    assert sorted(whole) == sorted(ALL)
    assert [place for place in whole if place[0] == "news_1.csv"] == ALL[1:5]
    for limit in (1, 2, 4):
        assert places(engine, None, limit) == whole


def test_a_file_is_found_with_and_without_its_digest_and_no_other(engine: Engine) -> None:
    fill(engine)
    for origin in (FILE, "news_1.csv"):
        assert places(engine, origin) == ALL[1:5]
    assert places(engine, "gdelt") == ALL[:1]
    for origin in ("news", "news_1.csv (", "%", ""):
        assert places(engine, origin) == []
