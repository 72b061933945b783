import io
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, select

from risk_service.chronology import load_chronology, read_chronology
from risk_service.errors import FileError
from risk_service.store.engine import reading
from risk_service.store.events import count_events
from risk_service.store.tables import events

NOW = datetime(2025, 8, 15, 21, 30, tzinfo=UTC)
TABLE = """occurred_on,actor,recipient,event_code,theme,direction,intensity,text,document
2001-02-03,USA,RUS,057,diplomacy,thaw,3,"Envoys sign a made-up accord, in ""Example"".",Accord
2001-02-03,RUS,USA,111,military,escalation,1,A made-up ministry scolds a made-up fleet.,Statement
2002-12-31,USA,NTO,040,diplomacy,neutral,,Made-up delegates talk.,Readout
"""


def test_happenings_become_events_knowable_at_the_end_of_their_day() -> None:
    first, second, third = read_chronology(io.StringIO(TABLE))
    assert first.published_at == datetime(2001, 2, 3, 23, 59, 59, tzinfo=UTC)
    assert first.occurred_on == date(2001, 2, 3)
    assert (first.actor, first.recipient, first.event_code) == ("USA", "RUS", "057")
    assert (first.source, first.language) == ("chronology", "en")
    assert first.text == 'Envoys sign a made-up accord, in "Example".'
    assert len({event.key for event in (first, second, third)}) == 3


def test_loading_twice_adds_nothing(engine: Engine) -> None:
    assert load_chronology(engine, NOW, io.StringIO(TABLE)) == 3
    assert load_chronology(engine, NOW, io.StringIO(TABLE)) == 0
    with reading(engine) as conn:
        assert count_events(conn) == 3
        assert set(conn.execute(select(events.c.origin)).scalars()) == {"chronology"}


@pytest.mark.parametrize(
    "line", ["2001-02-30,USA,RUS,057,,,,Text,", "2001-02-03,USA,Russia,057,,,,Text,", "2001-02-03"]
)
def test_a_wrong_line_is_named_and_nothing_is_kept(sqlite_engine: Engine, line: str) -> None:
    with pytest.raises(FileError, match="chronology, line 5"):
        load_chronology(sqlite_engine, NOW, io.StringIO(TABLE + line + "\n"))
    with reading(sqlite_engine) as conn:
        assert count_events(conn) == 0
