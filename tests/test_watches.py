"""What was watched settles; what was not is a gap, and what waits makes the answer stale."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine

from risk_service.core.events import Event
from risk_service.desk import read_gazetteers
from risk_service.errors import FeedError
from risk_service.feeds.contract import Reading
from risk_service.live import live_answer
from risk_service.pipeline import take_in, work_off
from risk_service.store.engine import reading
from risk_service.store.freshness import watched_until
from risk_service.store.index import read_days
from tests.core.test_relevance import USA_CHN
from tests.house import NOW, MovedClock, check_rerunnable, desk, event, keep
from tests.test_pipeline import DYAD, STRIKE, TALKS, Wire, days, risk_now


def test_an_outage_is_stale_and_never_calm(engine: Engine) -> None:
    strikes = [event(f"{STRIKE} in wave {n}", n, source=f"Wire {n}") for n in range(1, 60, 3)]
    keep(engine, *strikes, origin="file")
    clock = MovedClock()
    work_off(engine, desk(), clock)
    before = risk_now(engine)
    clock.pass_by(days=40)
    work_off(engine, desk(), clock)
    with reading(engine) as conn:
        answer = live_answer(conn, desk(), DYAD, clock.now)
    assert answer["state"] == "stale"
    assert answer["freshness"]["reasons"]
    assert answer["risk_index"] == pytest.approx(before, abs=1)
    assert days(engine)["day"].max() < NOW.date()
    # The news comes back: the days in between were watched by nobody, and stay a gap.
    take_in(engine, Wire(Reading([], [], {})), clock.now)
    clock.pass_by(days=1)
    take_in(engine, Wire(Reading([], [], {})), clock.now)
    work_off(engine, desk(), clock)
    assert days(engine)["day"].max() < NOW.date()
    with reading(engine) as conn:
        assert live_answer(conn, desk(), DYAD, clock.now)["state"] == "thin"


def test_watched_quiet_days_are_written(engine: Engine) -> None:
    clock = MovedClock()
    keep(engine, event(STRIKE), origin="file")
    for _ in range(24):
        take_in(engine, Wire(Reading([], [], {})), clock.now)
        clock.pass_by(hours=3)
    work_off(engine, desk(), clock)
    assert days(engine)["day"].max() == clock.now.date() - timedelta(days=1)


def test_a_minority_of_feeds_is_no_watch(engine: Engine) -> None:
    names = ["one", "two", "three"]
    wires = [Wire(FeedError("down")), Wire(FeedError("down")), Wire(Reading([], [], {}))]
    for name, wire in zip(names, wires, strict=True):
        wire.name = name
        with suppress(FeedError):
            take_in(engine, wire, NOW)
    with reading(engine) as conn:
        assert watched_until(conn, DYAD, NOW) is None


def test_waiting_events_make_the_answer_stale(engine: Engine) -> None:
    keep(engine, event(TALKS))
    work_off(engine, desk(), MovedClock())
    keep(engine, event(STRIKE), now=NOW - timedelta(minutes=5))
    with reading(engine) as conn:
        answer = live_answer(conn, desk(), DYAD, NOW)
    assert answer["state"] == "stale"
    assert "not assessed" in answer["freshness"]["reasons"][0]


def test_a_new_model_scores_the_past_and_makes_new_vintages(engine: Engine) -> None:
    keep(engine, event(STRIKE, 60), event(TALKS, 1), origin="file")
    clock = MovedClock()
    work_off(engine, desk(), clock)
    first, before = days(engine), risk_now(engine)
    card = replace(desk().classifier.card, version="newer")
    fresh = replace(desk(), classifier=replace(desk().classifier, card=card))
    with reading(engine) as conn:
        assert live_answer(conn, fresh, DYAD, NOW)["state"] == "stale"
    clock.pass_by(minutes=5)
    check_rerunnable(engine, lambda: work_off(engine, fresh, clock))
    with reading(engine) as conn:
        answer = live_answer(conn, fresh, DYAD, NOW)
    assert answer["risk_index"] == before
    assert answer["versions"]["model"] == "newer"
    # The same scores under another name move no day: no vintage is written for nothing.
    pd.testing.assert_frame_equal(days(engine), first)


def strikes(count: int = 20) -> list[Event]:
    return [
        event(f"{STRIKE} in wave {n}", 24 * 30 + n, source=f"Wire {n}") for n in range(1, count)
    ]


@pytest.mark.parametrize(
    "news",
    [
        event("Local bakery wins pie contest in Leeds"),
        event("US and Russia sign visa accord", 24 * 10),
        event("Local bakery wins pie contest in Leeds", 24 * 10),
    ],
)
def test_an_irrelevant_or_backdated_event_ends_no_outage(engine: Engine, news: Event) -> None:
    keep(engine, *strikes(), origin="file")
    work_off(engine, desk(), MovedClock())
    with reading(engine) as conn:
        before = live_answer(conn, desk(), DYAD, NOW)
    keep(engine, news)
    work_off(engine, desk(), MovedClock())
    with reading(engine) as conn:
        after = live_answer(conn, desk(), DYAD, NOW)
    assert (after["state"], after["risk_index"]) == ("stale", before["risk_index"])


def test_a_relevant_event_moves_the_index_but_failing_feeds_keep_it_stale(engine: Engine) -> None:
    keep(engine, *strikes(), origin="file")
    with suppress(FeedError):
        take_in(engine, Wire(FeedError("down")), NOW)
    keep(engine, event(TALKS, 0.1))
    work_off(engine, desk(), MovedClock())
    with reading(engine) as conn:
        answer = live_answer(conn, desk(), DYAD, NOW)
    assert answer["risk_index"] < 50
    assert answer["state"] == "stale"
    assert answer["change"] == {"one_day": None, "seven_days": None}


def test_scattered_irrelevant_rows_are_no_archive(engine: Engine) -> None:
    keep(engine, event("Rain in Bergen", 24 * 40), event("Rain in Oslo", 24), origin="file")
    work_off(engine, desk(), MovedClock())
    assert days(engine).empty


def test_what_watches_one_dyad_does_not_watch_another(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "usa-chn.toml").write_text(USA_CHN)
    both = replace(desk(), gazetteers=read_gazetteers(tmp_path))
    keep(engine, *strikes(), origin="file")
    work_off(engine, both, MovedClock())
    with reading(engine) as conn:
        assert live_answer(conn, both, "USA-CHN", NOW)["state"] == "empty"
        assert read_days(conn, "USA-CHN").empty


def test_the_old_model_is_served_until_the_new_one_has_scored_the_past(engine: Engine) -> None:
    keep(engine, *strikes(), origin="file")
    work_off(engine, desk(), MovedClock())
    card = replace(desk().classifier.card, version="newer")
    fresh = replace(desk(), classifier=replace(desk().classifier, card=card))
    with reading(engine) as conn:
        old = live_answer(conn, desk(), DYAD, NOW)
        meanwhile = live_answer(conn, fresh, DYAD, NOW)
    assert meanwhile["risk_index"] == old["risk_index"]
    assert meanwhile["versions"]["model"] == old["versions"]["model"]
    assert any("still being scored" in reason for reason in meanwhile["freshness"]["reasons"])
