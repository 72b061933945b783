"""What is posted now goes before an archive that is imported, and changes no story by it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine, select

from risk_service.assess import assess_waiting
from risk_service.core.events import Event
from risk_service.store.engine import make_engine, migrate, reading
from risk_service.store.tables import events, relevances
from tests.house import NOW, desk, event, keep

ARCTIC = "US and Russian envoys meet on Arctic shipping lanes"
TALKS = "US and Russian diplomats agree to restore embassy staff after Istanbul talks"
AGAIN = "Istanbul talks: US, Russian diplomats agree to restore staff of embassy"


def archive(count: int, hours_ago: float) -> list[Event]:
    """Reports of the dyad, a minute apart up to a moment, no two of one happening."""
    return [
        event(f"Moscow and Washington note item{n}x, point{n}y", hours_ago + (count - n) / 60)
        for n in range(count)
    ]


def assessed(engine: Engine) -> set[str]:
    with reading(engine) as conn:
        query = select(events.c.text).where(events.c.assessed_with.is_not(None))
        return set(conn.execute(query).scalars())


def stories(engine: Engine) -> dict[str, str]:
    """Of each relevant report the first one of its story."""
    with reading(engine) as conn:
        rows = conn.execute(
            select(events.c.id, events.c.text, relevances.c.story_id).join_from(events, relevances)
        ).all()
    texts = {row.id: row.text for row in rows}
    return {row.text: texts[row.story_id] for row in rows}


def work(engine: Engine) -> None:
    while assess_waiting(engine, desk(), NOW, 10).read:
        pass


def test_a_posted_event_does_not_wait_behind_an_archive(engine: Engine) -> None:
    keep(engine, *archive(40, hours_ago=1), origin="file")
    keep(engine, event(ARCTIC, 0.5), event("Rain over London", 0.4))
    assess_waiting(engine, desk(), NOW, 10)
    assert assessed(engine) == {ARCTIC, "Rain over London"}
    assess_waiting(engine, desk(), NOW, 10)
    assert len(assessed(engine)) == 12


def test_one_that_may_belong_to_what_waits_is_left_in_its_place(engine: Engine) -> None:
    keep(engine, *archive(40, hours_ago=3), event(TALKS, 2), origin="file")
    keep(engine, event(AGAIN, 1), event(ARCTIC, 0.5))
    assess_waiting(engine, desk(), NOW, 10)
    assert assessed(engine) == {ARCTIC}
    work(engine)
    assert stories(engine)[AGAIN] == TALKS


def test_what_was_published_long_ago_is_not_live(engine: Engine) -> None:
    keep(engine, *archive(40, hours_ago=20), origin="file")
    keep(engine, event(ARCTIC, 7))
    assess_waiting(engine, desk(), NOW, 10)
    assert ARCTIC not in assessed(engine)


def test_stories_are_those_of_the_order_of_publication(engine: Engine, tmp_path: object) -> None:
    """The same events, all of an archive: there nothing goes first."""
    other = make_engine(f"sqlite:///{tmp_path}/other.sqlite3")
    migrate(other)
    old = [event(TALKS, 30), *archive(30, hours_ago=2), event(ARCTIC, 1.5)]
    live = [
        event(f"{text} ({n})", hours)
        for n, (text, hours) in enumerate([(AGAIN, 1), (ARCTIC, 0.9), (TALKS, 0.2), (AGAIN, 0.1)])
    ]
    live.append(event("Kremlin hails deal on grain export from Rostov", 0.3))
    for one, origin in ((engine, "api"), (other, "file")):
        keep(one, *old, origin="file")
        keep(one, *live, origin=origin, now=NOW + timedelta(seconds=1))
        work(one)
    assert stories(engine) == stories(other)
    assert len(set(stories(engine).values())) < len(stories(engine))
    other.dispose()
