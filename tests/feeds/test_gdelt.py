from datetime import UTC, datetime, timedelta

import pytest

from risk_service.errors import FeedError
from risk_service.feeds.contract import Reading
from risk_service.feeds.gdelt import GdeltFeed
from risk_service.feeds.gdelt_slots import Agenda, files_of
from tests.feeds.gdelt_wire import export_row, gkg_row, put_slot, zipped
from tests.wire import Reply, Wire

SLOT = datetime(2025, 8, 15, 18, tzinfo=UTC)
NOW = SLOT + timedelta(minutes=1)
QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)


def feed(wire: Wire, slots: int = 8) -> GdeltFeed:
    return GdeltFeed(
        keep=lambda actor, recipient: {actor, recipient} == {"USA", "RUS"},
        wanted=lambda text: "Talks" in text,
        base_url=wire.url,
        slots=slots,
        private=True,
    )


def put(wire: Wire, slot: datetime) -> None:
    number = int(slot.timestamp())
    put_slot(wire, slot, zipped(export_row(number, slot)), zipped(gkg_row(number, slot, "Talks")))


def moments(reading: Reading) -> list[str]:
    return [f"{event.published_at:%H%M} {event.text}".strip() for event in reading.events]


def test_the_latest_slot_is_read_first_and_once(wire: Wire) -> None:
    put(wire, SLOT)
    first = feed(wire).read(None, NOW)
    assert moments(first) == ["1800 Talks", "1800"]
    again = feed(wire).read(first.cursor, NOW)
    assert again == Reading(cursor=first.cursor)
    assert [asked.path for asked in wire.asked].count("/gdeltv2/lastupdate.txt") == 2
    assert len(wire.asked) == 4


def test_missed_slots_are_filled_a_few_at_a_time(wire: Wire) -> None:
    put(wire, SLOT)
    cursor = feed(wire).read(None, NOW).cursor
    for step in range(1, 5):
        put(wire, SLOT + step * QUARTER)
    later = NOW + 4 * QUARTER
    first = feed(wire, slots=3).read(cursor, later)
    assert moments(first)[1::2] == ["1900", "1845", "1830"]
    second = feed(wire, slots=3).read(first.cursor, later)
    assert moments(second)[1::2] == ["1815"]
    assert Agenda.of(second.cursor).waiting == {}


def test_a_file_that_is_not_there_yet_is_read_later(wire: Wire) -> None:
    put(wire, SLOT)
    export, gkg = files_of(SLOT)
    body = wire.reply_of(f"/gdeltv2/{gkg}").body
    wire.route(f"/gdeltv2/{gkg}", Reply(status=404))
    first = feed(wire).read(None, NOW)
    assert moments(first) == ["1800"]
    assert first.cursor["waiting"] == {gkg: NOW.isoformat()}
    wire.route(f"/gdeltv2/{gkg}", Reply(body))
    second = feed(wire).read(first.cursor, NOW + QUARTER)
    assert moments(second) == ["1800 Talks"]
    assert len(wire.asked_for(f"/gdeltv2/{export}")) == 1


def test_a_file_that_never_comes_is_given_up_and_told(wire: Wire) -> None:
    put(wire, SLOT)
    cursor = feed(wire).read(None, NOW).cursor
    put(wire, SLOT + QUARTER)
    export, gkg = files_of(SLOT + QUARTER)
    for name in (export, gkg):
        wire.route(f"/gdeltv2/{name}", Reply(status=404))
    cursor = feed(wire).read(cursor, NOW + QUARTER).cursor
    assert list(cursor["waiting"]) == [export, gkg]
    for step in range(2, 27):
        put(wire, SLOT + step * QUARTER)
        last = feed(wire).read(cursor, NOW + step * QUARTER)
        cursor = last.cursor
    assert cursor["given_up"] == [export, gkg]
    assert [row.locator for row in last.set_aside] == [export, gkg]
    assert cursor["waiting"] == {}


def test_a_list_that_stands_still_is_an_error(wire: Wire) -> None:
    put(wire, SLOT)
    cursor = feed(wire).read(None, NOW).cursor
    assert feed(wire).read(cursor, SLOT + 2 * HOUR).events == []
    with pytest.raises(FeedError, match=r"2025-08-15T18:00Z, more than 2 hours ago: .*still"):
        feed(wire).read(cursor, SLOT + 2 * HOUR + QUARTER)


def test_files_absent_for_two_hours_are_an_error_and_filled_later(wire: Wire) -> None:
    put(wire, SLOT)
    cursor = feed(wire).read(None, NOW).cursor
    missed = [SLOT + step * QUARTER for step in range(1, 10)]
    for slot in missed:
        put(wire, slot)
        for name in files_of(slot):
            wire.route(f"/gdeltv2/{name}", Reply(status=404))
        if slot <= SLOT + 2 * HOUR - QUARTER:
            cursor = feed(wire).read(cursor, slot + timedelta(minutes=1)).cursor
        else:
            with pytest.raises(FeedError, match="no file of the last 2 hours was"):
                feed(wire).read(cursor, slot + timedelta(minutes=1))
    for slot in missed:
        put(wire, slot)
    now = missed[-1] + timedelta(minutes=2)
    reading = feed(wire, slots=20).read(cursor, now)
    assert len(reading.events) == 2 * len(missed)
    assert feed(wire).read(reading.cursor, now).events == []


def test_a_first_reading_that_finds_no_file_is_an_error(wire: Wire) -> None:
    put(wire, SLOT)
    for name in files_of(SLOT):
        wire.route(f"/gdeltv2/{name}", Reply(status=404))
    with pytest.raises(FeedError, match="not there"):
        feed(wire).read(None, NOW)


def test_a_file_unlike_its_sum_is_not_taken(wire: Wire) -> None:
    put(wire, SLOT)
    export, gkg = files_of(SLOT)
    right = wire.reply_of(f"/gdeltv2/{export}").body
    wire.route(f"/gdeltv2/{export}", Reply(zipped(export_row(7, SLOT))))
    first = feed(wire).read(None, NOW)
    assert moments(first) == ["1800 Talks"]
    assert list(first.cursor["waiting"]) == [export]
    wire.route(f"/gdeltv2/{export}", Reply(right))
    assert moments(feed(wire).read(first.cursor, NOW)) == ["1800"]
    assert len(wire.asked_for(f"/gdeltv2/{gkg}")) == 1


def test_a_reading_that_gets_nothing_is_an_error(wire: Wire) -> None:
    put(wire, SLOT)
    for name in files_of(SLOT):
        wire.route(f"/gdeltv2/{name}", Reply(b"<html>busy</html>"))
    with pytest.raises(FeedError, match=r"gkg\.csv\.zip: the file has"):
        feed(wire).read(None, NOW)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"<html>busy</html>"),
        Reply(b""),
        Reply(status=404),
        Reply(b"1 " + b"a" * 32 + b" http://x/20250815180700.export.CSV.zip"),
        Reply(b"1 " + b"a" * 32 + b" http://x/20990815180000.export.CSV.zip"),
        Reply(b"1 " + b"a" * 32 + b" http://x/20259915180000.export.CSV.zip"),
    ],
)
def test_a_listing_that_makes_no_sense_is_an_error(wire: Wire, reply: Reply) -> None:
    wire.route("/gdeltv2/lastupdate.txt", reply)
    with pytest.raises(FeedError):
        feed(wire).read(None, NOW)


def test_files_are_asked_of_the_base_address_whatever_the_list_says(wire: Wire) -> None:
    put(wire, SLOT)
    feed(wire).read(None, NOW)
    assert all(asked.headers["Host"] == f"127.0.0.1:{wire.port}" for asked in wire.asked)
