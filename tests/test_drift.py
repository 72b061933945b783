"""Drift by week: computed from the store, kept once, and told by page, table and gauges."""

import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine

from models.text import words_of
from models.vocabulary import known_words
from risk_service import drift
from risk_service.core.drift import LEAST_SCORED, REFERENCE_WEEKS, psi
from risk_service.core.events import Event
from risk_service.drift import WEEK, newest_weeks, refresh_drift
from risk_service.drift_page import drift_page
from risk_service.pipeline import work_off
from risk_service.store.drift import read_drift
from risk_service.store.engine import reading, writing
from risk_service.store.events import save_events
from tests.house import MovedClock, check_rerunnable, desk

FIRST = date(2025, 3, 3)
NOW = datetime(2025, 6, 4, tzinfo=UTC)
NAMES = "Adler Berg Carlin Dorn Ekman Falk Gerd Holm Ibsen Jarl Krog Lund".split()
CALM = ("Washington and Moscow agree to let {} see visas again", "Moscow and Washington discuss {}")
GRIM = ("Russia launches missile attack on Kyiv, killing {}", "Russian drones strike Odesa near {}")


def week_of_news(number: int, lines: tuple[str, ...], count: int = LEAST_SCORED) -> list[Event]:
    """So many English reports of a week, ten Swedish ones, and ten that are not of the dyad."""
    start = datetime.combine(FIRST + number * WEEK, datetime.min.time(), UTC)
    found = []
    for n in range(count):
        line = lines[n % len(lines)].format(f"{NAMES[n % 12]} {NAMES[n // 12]}")
        found.append(Event(start + timedelta(hours=n), line, "Wire", external_id=f"{number}-{n}"))
    for n in range(10):
        at = start + timedelta(hours=n, minutes=1)
        found.append(
            Event(at, "Ryssland anfaller Ukraina med robotar och drönare", "S", None, "sv")
        )
        found.append(Event(at, "A bakery opens in the old harbour of Genoa", "Wire"))
    return [
        Event(e.published_at, e.text, e.source, e.url, e.language, external_id=f"{number}/{n}")
        for n, e in enumerate(found)
    ]


def keep(engine: Engine, events: list[Event], origin: str = "api") -> None:
    with writing(engine) as conn:
        save_events(conn, events, origin, NOW)
    work_off(engine, desk(), MovedClock(NOW))


def weeks_of(engine: Engine) -> pd.DataFrame:
    with reading(engine) as conn:
        return read_drift(conn, "USA-RUS", desk().classifier.version)


@pytest.fixture(scope="module")
def quarter() -> list[Event]:
    """Eight weeks of talks, the reference, and two of strikes."""
    weeks = [week_of_news(n, CALM) for n in range(REFERENCE_WEEKS)]
    return [
        event for week in [*weeks, week_of_news(8, GRIM), week_of_news(9, GRIM)] for event in week
    ]


def test_strikes_after_weeks_of_talks_are_drift(engine: Engine, quarter: list[Event]) -> None:
    chronology = Event(datetime(2001, 6, 16, tzinfo=UTC), "Bush and Putin meet in Slovenia", "Own")
    keep(engine, [chronology], "chronology")
    keep(engine, quarter)
    check_rerunnable(engine, lambda: refresh_drift(engine, desk(), NOW))
    weeks = weeks_of(engine)
    assert weeks["week"].tolist() == [FIRST + n * WEEK for n in range(10)]
    assert (weeks["scored"] == LEAST_SCORED).all()
    assert set(weeks["relevance_rate"].round(9)) == {round(40 / 50, 9)}
    assert weeks["languages"].iloc[0] == {"en": 0.8, "sv": 0.2}
    assert weeks["psi"].iloc[:8].max() < 0.25 < weeks["psi"].iloc[8:].min()
    assert (weeks["ks"].iloc[8:] > weeks["ks_critical"].iloc[8:]).all()
    assert weeks["share_escalation"].iloc[8] > 0.9 > weeks["share_escalation"].iloc[0]
    assert weeks["reference_from"].unique().tolist() == [FIRST]
    assert weeks["reference_to"].unique().tolist() == [FIRST + 8 * WEEK - timedelta(days=1)]
    assert weeks["reference_scored"].unique().tolist() == [8 * LEAST_SCORED]


def test_the_figures_are_those_of_the_texts(sqlite_engine: Engine, quarter: list[Event]) -> None:
    keep(sqlite_engine, quarter)
    refresh_drift(sqlite_engine, desk(), NOW)
    last = weeks_of(sqlite_engine).iloc[9]
    english = [e.text for e in quarter if "Genoa" not in e.text and e.language != "sv"]
    scored = desk().classifier.score(english).probabilities
    net = scored[:, 1] - scored[:, 0]
    assert last["mean_net"] == pytest.approx(net[-LEAST_SCORED:].mean(), abs=2e-3)
    assert last["psi"] == pytest.approx(psi(net[: 8 * LEAST_SCORED], net[-LEAST_SCORED:]), rel=0.2)
    words = [w for text in english[-LEAST_SCORED:] for w in words_of(text) if w[0].isalpha()]
    known = known_words(desk().classifier.model)
    assert known is not None
    assert last["unknown_words"] == pytest.approx(np.mean([word not in known for word in words]))


def test_only_weeks_that_changed_are_written_again(
    sqlite_engine: Engine, quarter: list[Event]
) -> None:
    keep(sqlite_engine, quarter)
    assert refresh_drift(sqlite_engine, desk(), NOW) == 10
    later = NOW + timedelta(hours=1)
    report = Event(NOW - timedelta(days=20), "Moscow and Washington talk of grain", "Late Wire")
    keep(sqlite_engine, [report])
    assert refresh_drift(sqlite_engine, desk(), later) == 1
    weeks = weeks_of(sqlite_engine)
    changed = weeks[weeks["computed_at"] == later]
    assert changed["week"].tolist() == [drift.week_of(report.published_at.date())]


def test_a_late_report_into_the_reference_lets_every_week_be_computed_anew(
    sqlite_engine: Engine, quarter: list[Event]
) -> None:
    keep(sqlite_engine, quarter)
    refresh_drift(sqlite_engine, desk(), NOW)
    first = datetime.combine(FIRST, datetime.min.time(), UTC)
    keep(sqlite_engine, [Event(first, "Moscow and Washington talk of grain", "Late Wire")])
    assert refresh_drift(sqlite_engine, desk(), NOW) == 10
    assert weeks_of(sqlite_engine)["reference_scored"].unique().tolist() == [8 * LEAST_SCORED + 1]


def test_without_enough_weeks_what_compares_is_unknown(sqlite_engine: Engine) -> None:
    keep(sqlite_engine, week_of_news(0, CALM))
    refresh_drift(sqlite_engine, desk(), NOW)
    (week,) = weeks_of(sqlite_engine).to_dict("records")
    assert (week["psi"], week["ks"], week["language_psi"], week["reference_from"]) == (None,) * 4
    assert week["share_thaw"] + week["share_escalation"] + week["share_neutral"] == pytest.approx(1)


def test_the_newest_week_is_one_that_is_over(sqlite_engine: Engine) -> None:
    keep(sqlite_engine, [*week_of_news(0, CALM), *week_of_news(1, CALM)])
    refresh_drift(sqlite_engine, desk(), NOW)
    second = datetime.combine(FIRST + WEEK, datetime.min.time(), UTC)
    for now, expected in (
        (second - timedelta(seconds=1), None),
        (second, FIRST),
        (second + WEEK, FIRST + WEEK),
    ):
        with reading(sqlite_engine) as conn:
            told = newest_weeks(conn, desk(), now)
        assert told.get("USA-RUS", {}).get("week") == expected


def test_the_page_stands_by_itself(sqlite_engine: Engine, quarter: list[Event]) -> None:
    keep(sqlite_engine, quarter)
    refresh_drift(sqlite_engine, desk(), NOW)
    page = drift_page("USA-RUS", "<v>", weeks_of(sqlite_engine), NOW)
    assert "Drift of &lt;v&gt;" in page
    assert "240 texts scored in weeks from 2025-03-03 to 2025-04-27" in page
    assert page.count("<tr>") == 1 + 10
    svg = ET.fromstring(page[page.index("<svg") : page.index("</svg>") + 6])
    assert svg.attrib["viewBox"]
    outside = ("http:", "https:", "src=", "<link", "<script", "@import")
    body = page.replace("http://www.w3.org/", "").replace("http://purl.org/", "")
    body = body.replace("http://creativecommons.org/", "").replace("https://matplotlib.org/", "")
    assert not [mark for mark in outside if mark in body]
    assert page == drift_page("USA-RUS", "<v>", weeks_of(sqlite_engine), NOW)


def test_a_page_without_weeks_says_so(sqlite_engine: Engine) -> None:
    page = drift_page("USA-RUS", "v", weeks_of(sqlite_engine), NOW)
    assert "No news has been assessed yet" in page
    assert "<svg" not in page
