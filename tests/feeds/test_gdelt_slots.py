import json
from datetime import UTC, datetime, timedelta

import pytest

from risk_service.feeds.gdelt_slots import Agenda, files_of, plan, settle, slot_of

LATEST = datetime(2025, 8, 15, 18, tzinfo=UTC)
NOW = LATEST + timedelta(minutes=2)
HOUR = timedelta(hours=1)


def slots(agenda: Agenda) -> list[str]:
    return sorted({f"{slot_of(name):%d %H%M}" for name in agenda.waiting})


def test_the_first_reading_starts_with_the_latest_slot() -> None:
    agenda = plan(Agenda(), LATEST, NOW, 2)
    assert agenda.newest == LATEST
    assert list(agenda.waiting) == files_of(LATEST)


def test_missed_slots_are_filled_newest_first() -> None:
    agenda = plan(Agenda(LATEST - HOUR), LATEST, NOW, 2)
    assert slots(agenda) == ["15 1715", "15 1730", "15 1745", "15 1800"]
    assert agenda.turn(1) == ["20250815180000.gkg.csv.zip", "20250815180000.export.CSV.zip"]
    assert len(agenda.turn(3)) == 6


def test_nothing_new_is_nothing_to_do() -> None:
    for newest in (LATEST, LATEST + HOUR):
        agenda = plan(Agenda(newest), LATEST, NOW, 2)
        assert (agenda.newest, agenda.waiting) == (newest, {})


@pytest.mark.parametrize(("days", "count"), [(0, 1), (1, 96), (2, 192)])
def test_gaps_are_filled_so_many_days_back(days: int, count: int) -> None:
    agenda = plan(Agenda(LATEST - timedelta(days=5_000)), LATEST, NOW, days)
    assert abs(len(agenda.waiting) // 2 - count) <= 1
    assert set(files_of(LATEST)) <= set(agenda.waiting)


def test_a_failed_file_waits_behind_the_untried() -> None:
    agenda = plan(Agenda(LATEST - HOUR), LATEST, NOW, 2)
    first, second = agenda.turn(1)
    after, lost = settle(agenda, {second}, {first}, NOW, 2)
    assert lost == []
    assert after.waiting[first] == NOW
    assert second not in after.waiting
    assert after.turn(1) == ["20250815174500.gkg.csv.zip", "20250815174500.export.CSV.zip", first]


def test_a_file_is_given_up_six_hours_after_it_first_failed() -> None:
    (name, _) = files_of(LATEST)
    agenda = Agenda(LATEST, {name: NOW})
    later, lost = settle(agenda, set(), {name}, NOW + 6 * HOUR, 2)
    assert (later.waiting, lost) == ({name: NOW}, [])
    later, lost = settle(later, set(), {name}, NOW + 6 * HOUR + timedelta(seconds=1), 2)
    assert (later.waiting, lost, later.given_up) == ({}, [name], (name,))


def test_a_slot_that_grew_too_old_is_given_up() -> None:
    (name, _) = files_of(LATEST)
    agenda = Agenda(LATEST, {name: None})
    later, lost = settle(agenda, set(), set(), NOW + timedelta(days=3), 2)
    assert (later.waiting, lost) == ({}, [name])


def test_an_agenda_goes_through_json_and_back() -> None:
    agenda = Agenda(LATEST, {files_of(LATEST)[0]: NOW, files_of(LATEST)[1]: None}, ("old",))
    assert Agenda.of(json.loads(json.dumps(agenda.cursor()))) == agenda


@pytest.mark.parametrize(
    "cursor", [None, {}, {"newest": "x"}, {"newest": None, "waiting": {}, "given_up": []}, {"a": 1}]
)
def test_a_cursor_of_another_make_starts_afresh(cursor: dict[str, object] | None) -> None:
    assert Agenda.of(cursor) == Agenda()
