from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest
from sqlalchemy import Engine, func, select

from risk_service.assess import assess_waiting
from risk_service.desk import read_gazetteers
from risk_service.errors import FeedError
from risk_service.feeds.contract import BadRow, Reading
from risk_service.live import live_answer
from risk_service.pipeline import take_in, work_off
from risk_service.settle import end_of, settle_days
from risk_service.store.engine import reading, writing
from risk_service.store.feeds import cursor_of
from risk_service.store.index import read_days
from risk_service.store.tables import events, relevances, scores, set_aside
from tests.core.test_relevance import USA_CHN
from tests.house import NOW, MovedClock, check_rerunnable, desk, event, keep

DYAD = "USA-RUS"
TALKS = "US and Russian diplomats agree to restore embassy staff after Istanbul talks"
STRIKE = "Russia launches massive missile attack on Kyiv, killing dozens"


class Wire:
    """A feed that hands back what it was given, or fails."""

    name = "wire"

    def __init__(self, *readings: Reading | FeedError) -> None:
        self.readings = list(readings)
        self.asked: list[object] = []

    def read(self, cursor, now):  # type: ignore[no-untyped-def]
        self.asked.append(cursor)
        answer = self.readings.pop(0) if len(self.readings) > 1 else self.readings[0]
        if isinstance(answer, FeedError):
            raise answer
        return answer


def count(engine: Engine, table) -> int:  # type: ignore[no-untyped-def]
    with reading(engine) as conn:
        return conn.execute(select(func.count()).select_from(table)).scalar_one()


def days(engine: Engine, **which: object) -> pd.DataFrame:
    with reading(engine) as conn:
        return read_days(conn, DYAD, **which)  # type: ignore[arg-type]


def risk_now(engine: Engine, now=NOW) -> float:  # type: ignore[no-untyped-def]
    with reading(engine) as conn:
        return float(live_answer(conn, desk(), DYAD, now)["risk_index"])


def test_taking_in_is_rerunnable(engine: Engine) -> None:
    bad = BadRow("wire", "entry 3", "title: is empty", "<item/>")
    feed = Wire(Reading([event(TALKS), event(STRIKE)], [bad], {"seen": 2}))
    check_rerunnable(engine, lambda: take_in(engine, feed, NOW))
    assert feed.asked == [None, {"seen": 2}]
    assert (count(engine, events), count(engine, set_aside)) == (2, 1)


def test_an_event_from_the_future_is_set_aside(engine: Engine) -> None:
    taken = take_in(engine, Wire(Reading([event(TALKS, hours_ago=-2)], [], {})), NOW)
    assert (taken.new, taken.set_aside) == (0, 1)
    assert count(engine, events) == 0


def test_a_failing_feed_is_on_record_and_keeps_its_cursor(engine: Engine) -> None:
    feed = Wire(Reading([event(TALKS)], [], {"seen": 1}), FeedError("wire: answered HTML"))
    take_in(engine, feed, NOW)
    with pytest.raises(FeedError):
        take_in(engine, feed, NOW)
    with reading(engine) as conn:
        assert cursor_of(conn, "wire") == {"seen": 1}


def test_assessing_is_rerunnable(engine: Engine) -> None:
    keep(engine, event(TALKS), event(STRIKE), event("Rain in Bergen", source="Other"))
    check_rerunnable(engine, lambda: assess_waiting(engine, desk(), NOW))
    assert (count(engine, relevances), count(engine, scores)) == (2, 2)


def test_settling_is_rerunnable(engine: Engine) -> None:
    keep(engine, event(TALKS, 50), event(STRIKE, 30), event(STRIKE, 1), origin="file")
    assess_waiting(engine, desk(), NOW)
    check_rerunnable(engine, lambda: settle_days(engine, desk(), DYAD, NOW))


def test_foreign_text_is_kept_and_recognised_but_not_scored(engine: Engine) -> None:
    swedish = "Ryssland och USA möts i Istanbul för samtal om ambassaderna och visum"
    keep(engine, event(swedish, language=None))
    step = assess_waiting(engine, desk(), NOW)
    assert (step.relevant, step.scored) == (1, 0)
    with reading(engine) as conn:
        assert conn.execute(select(events.c.language)).scalar() == "sv"
    assert risk_now(engine) == 50


def test_coded_events_are_scored_from_their_code(engine: Engine) -> None:
    coded = {"actor": "RUS", "recipient": "USA", "language": None}
    keep(engine, event("", event_code="174", **coded), event("", event_code="057", **coded))
    assert assess_waiting(engine, desk(), NOW).scored == 2
    with reading(engine) as conn:
        found = conn.execute(
            select(events.c.event_code, scores.c.p_thaw, scores.c.basis).join(scores)
        ).all()
    assert {basis for _, _, basis in found} == {"code"}
    thaw = {code: p for code, p, _ in found}
    assert thaw["057"] > 0.7 > 0.2 > thaw["174"]


def test_arms_for_ukraine_are_no_thaw_by_their_cooperative_code(engine: Engine) -> None:
    arms = {"actor": "USA", "recipient": "UKR", "event_code": "072", "language": None}
    keep(engine, event("", **arms))
    step = assess_waiting(engine, desk(), NOW)
    assert (step.relevant, step.scored) == (1, 0)


def test_copies_join_one_story_across_batches(engine: Engine) -> None:
    keep(engine, event(STRIKE, 5), event(STRIKE + " - live", 4, source="Other"))
    assess_waiting(engine, desk(), NOW, limit=1)
    assess_waiting(engine, desk(), NOW, limit=1)
    with reading(engine) as conn:
        assert len(set(conn.execute(select(relevances.c.story_id)).scalars())) == 1


def test_thaw_lowers_the_live_value_and_escalation_raises_it(engine: Engine) -> None:
    keep(engine, event(TALKS))
    work_off(engine, desk(), MovedClock())
    calm = risk_now(engine)
    keep(engine, *(event(f"{STRIKE} in wave {n}", source=f"Wire {n}") for n in range(5)))
    work_off(engine, desk(), MovedClock())
    assert calm < 50 < risk_now(engine)


def test_live_drivers_and_rest_add_up(engine: Engine) -> None:
    keep(engine, *(event(text, hours) for hours, text in enumerate([TALKS, STRIKE] * 2, 1)))
    work_off(engine, desk(), MovedClock())
    with reading(engine) as conn:
        answer = live_answer(conn, desk(), DYAD, NOW)
    told = sum(driver["contribution"] for driver in answer["drivers"])
    assert told + answer["rest"]["contribution"] == pytest.approx(
        answer["risk_index"] - 50, abs=0.01
    )
    assert answer["drivers"][0]["words"]
    assert answer["versions"]["model"] == desk().classifier.version


def test_an_empty_house_says_so(engine: Engine) -> None:
    with reading(engine) as conn:
        answer = live_answer(conn, desk(), DYAD, NOW)
    assert (answer["state"], answer["risk_index"], answer["drivers"]) == ("empty", 50, [])
    assert answer["interval"]["low"] < 30 < 70 < answer["interval"]["high"]


def test_a_late_report_makes_a_new_vintage_and_as_of_reads_the_old(engine: Engine) -> None:
    clock = MovedClock()
    keep(engine, event(STRIKE, 60), event(TALKS, 1), origin="file")
    work_off(engine, desk(), clock)
    first = days(engine).set_index("day")
    seen = clock.now
    clock.pass_by(hours=3)
    keep(engine, event("Moscow and Washington sign visa accord", 55), now=clock.now)
    work_off(engine, desk(), clock)
    newest = days(engine).set_index("day")
    changed = (NOW - timedelta(hours=55)).date()
    assert newest.loc[changed, "vintage"] == 2
    assert newest.loc[changed, "risk_index"] < first.loc[changed, "risk_index"]
    as_known = days(engine, as_of=seen).set_index("day")
    pd.testing.assert_frame_equal(as_known, first)


def test_a_reconstructed_day_is_known_at_its_end(engine: Engine) -> None:
    reports = [event(f"{STRIKE} on day {n}", 24 * n) for n in (30, 20, 10)]
    keep(engine, *reports, event(TALKS, 1), origin="file")
    work_off(engine, desk(), MovedClock())
    table = days(engine).set_index("day")
    old = date(2025, 8, 10)
    assert table.loc[old, "reconstructed"]
    assert table.loc[old, "known_at"] == end_of(old)
    assert not table.loc[date(2025, 8, 31), "reconstructed"]


def test_history_is_causal_through_the_store(engine: Engine) -> None:
    """What the days up to D say is the same whether or not later events ever came."""
    keep(engine, event(STRIKE, 24 * 9), event(TALKS, 24 * 7), origin="file")
    work_off(engine, desk(), MovedClock())
    cut = date(2025, 8, 24)
    before = days(engine, until=cut).drop(columns=["computed_at"])
    keep(engine, *(event(f"{STRIKE} again {n}", n, source=f"Wire {n}") for n in range(1, 20)))
    work_off(engine, desk(), MovedClock())
    after = days(engine, until=cut).drop(columns=["computed_at"])
    pd.testing.assert_frame_equal(before, after)


def test_a_failed_step_leaves_nothing_half_written(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(engine, event(STRIKE), event(TALKS))

    def fail(*_: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr("risk_service.assess.event_store.mark_assessed", fail)
    with pytest.raises(RuntimeError):
        assess_waiting(engine, desk(), NOW)
    assert (count(engine, relevances), count(engine, scores)) == (0, 0)
    monkeypatch.undo()
    assert assess_waiting(engine, desk(), NOW).scored == 2


def test_a_second_dyad_is_followed_beside_the_first(engine: Engine, tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "usa-chn.toml").write_text(USA_CHN)
    both = replace(desk(), gazetteers=read_gazetteers(tmp_path))
    keep(engine, event("Washington hits China with new tariffs and Beijing vows to retaliate"))
    work_off(engine, both, MovedClock())
    with reading(engine) as conn:
        china = live_answer(conn, both, "USA-CHN", NOW)
        russia = live_answer(conn, both, "USA-RUS", NOW)
    assert china["coverage"]["stories"] == 1
    assert russia["coverage"]["stories"] == 0
    with writing(engine) as conn:
        assert conn.execute(select(func.count()).select_from(relevances)).scalar_one() == 1
