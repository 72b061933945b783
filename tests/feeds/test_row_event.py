from datetime import UTC, date, datetime, timedelta

import pytest

from risk_service.core.events import Event
from risk_service.feeds.row_event import RowOptions, row_event

OPTIONS = RowOptions(source="stream")
NOON = "2025-08-15T12:00:00Z"
CODED = {"date": "2018-01-03", "event_code": "111", "goldstein": "-2.0"}


def event_of(options: RowOptions = OPTIONS, **row: object) -> Event:
    return row_event(row, options).event


def test_a_headline() -> None:
    event = event_of(
        first_seen=NOON, outlet="Wire", headline=" Talks  held ", link="https://a.example/1"
    )
    assert event == Event(
        datetime(2025, 8, 15, 12, tzinfo=UTC), "Talks held", "Wire", "https://a.example/1"
    )


def test_a_coded_event_with_names_beside_countries() -> None:
    event = event_of(
        date="2018-01-03",
        actor="Ann Example",
        actor_side="US",
        recipient="Citizen (Russia)",
        recipient_side="RU",
        event_code="57",
        goldstein="8.0",
        quad_class="VerbalCoop",
    )
    assert (event.actor, event.recipient) == ("USA", "RUS")
    assert (event.event_code, event.goldstein, event.quad_class) == ("057", 8.0, 1)
    assert event.source == "stream"


def test_a_day_is_knowable_at_its_end() -> None:
    event = event_of(date="2025-08-15", text="Talks")
    assert event.published_at == datetime(2025, 8, 15, 23, 59, 59, tzinfo=UTC)
    assert event.occurred_on == date(2025, 8, 15)


def test_a_day_of_publication_says_nothing_of_the_happening() -> None:
    event = event_of(published_at="2025-08-15", text="Talks")
    assert event.published_at == datetime(2025, 8, 15, 23, 59, 59, tzinfo=UTC)
    assert event.occurred_on is None


def test_without_a_publication_the_day_it_happened_is_used() -> None:
    event = event_of(sqldate="20250815", text="Talks")
    assert event.published_at == datetime(2025, 8, 15, 23, 59, 59, tzinfo=UTC)
    assert event.occurred_on == date(2025, 8, 15)


def test_gdelts_time_of_adding_is_utc() -> None:
    event = event_of(SQLDATE="20250814", DATEADDED=20250815121500, EventCode="057")
    assert event.published_at == datetime(2025, 8, 15, 12, 15, tzinfo=UTC)
    assert event.occurred_on == date(2025, 8, 14)


def test_a_typed_time_is_taken_as_it_is() -> None:
    moment = datetime(2025, 8, 15, 12, tzinfo=UTC)
    assert event_of(published_at=moment, text="Talks").published_at == moment


def test_a_moment_without_zone_needs_a_word() -> None:
    with pytest.raises(ValueError, match=r"^published_at: .* has no time zone"):
        event_of(date="2025-08-15 12:00", text="Talks")
    event = event_of(RowOptions("stream", assume_utc=True), date="2025-08-15 12:00", text="Talks")
    assert event.published_at.hour == 12
    assert event.occurred_on is None


def test_options_stand_in_where_a_row_says_nothing() -> None:
    options = RowOptions("stream", language="en", actor="USA", recipient="RUS")
    event = event_of(options, published_at=NOON, text="Talks", lang="", actor="UA")
    assert (event.language, event.actor, event.recipient) == ("en", "UKR", "RUS")


def test_what_is_no_country_or_language_is_left_out_and_named() -> None:
    row = {"published_at": NOON, "text": "Talks", "actor": "Ann Example", "lang": "Klingon"}
    read = row_event(row, OPTIONS)
    assert (read.event.actor, read.event.language) == (None, None)
    assert sorted(read.left_out) == [
        "actor: 'Ann Example' is no country",
        "language: 'Klingon' is unknown",
    ]


def test_coded_rows_that_differ_in_other_columns_are_two_events() -> None:
    one, other = event_of(**CODED, name="Ann"), event_of(**CODED, name="Bob")
    assert one.key != other.key
    assert one.key == event_of(**CODED, name="Ann").key


def test_texts_are_known_by_themselves_whatever_stands_beside_them() -> None:
    one = event_of(published_at=NOON, text="Talks", times_seen=1)
    assert one.key == event_of(published_at=NOON, text="Talks", times_seen=2).key


def test_an_identity_of_the_source_is_kept() -> None:
    assert event_of(**CODED, GLOBALEVENTID=4711).external_id == "4711"


def test_row_numbers_of_two_files_do_not_shadow_each_other() -> None:
    one = event_of(id=1, published_at=NOON, text="Talks")
    assert one.key == event_of(id=1, published_at=NOON, text="Talks").key
    assert one.key != event_of(id=1, published_at=NOON, text="War").key
    assert one.key != event_of(id=2, published_at=NOON, text="Talks").key


@pytest.mark.parametrize("own", ["a\0b", "x" * 201, "\ud800"])
def test_an_identity_no_database_takes_becomes_a_digest(own: str) -> None:
    event = event_of(external_id=own, published_at=NOON, text="Talks")
    assert event.external_id is not None
    assert len(event.external_id) == 64


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"text": "Talks"}, "published_at: is missing"),
        ({"published_at": "", "text": "Talks"}, "published_at: is empty"),
        ({"published_at": "soon", "text": "Talks"}, "published_at: 'soon'"),
        ({"published_at": "0025-08-15T12:00:00Z", "text": "Talks"}, "published_at: year 25"),
        ({"published_at": NOON, "text": ""}, "text: is empty"),
        ({"published_at": NOON, "text": "x" * 100_000}, "text: 100000 characters"),
        ({"published_at": NOON, "text": ["Talks"]}, "text: a list"),
        ({"published_at": NOON, "text": "Talks", "url": "ftp://a"}, "url:"),
        ({"published_at": NOON, "text": "Talks", "sqldate": "x"}, "occurred_on: 'x'"),
        ({"published_at": NOON, "goldstein": "NaN"}, "goldstein: 'NaN'"),
        ({"published_at": NOON, "goldstein": float("nan")}, "goldstein: 'nan'"),
        ({"published_at": NOON, "goldstein": "11"}, "goldstein: 11"),
        ({"published_at": NOON, "code": "99"}, "event_code: '99'"),
        ({"published_at": NOON, "text": "Talks", "quad_class": 5}, "quad_class: '5'"),
        ({"published_at": NOON, "text": "Talks", "outlet": "x" * 201}, "source: 201"),
    ],
)
def test_a_bad_row_is_refused_by_the_name_of_its_field(row: dict[str, object], field: str) -> None:
    with pytest.raises(ValueError, match=f"^{field}"):
        row_event(row, OPTIONS)


def test_other_calendars_than_utc_are_turned_into_it() -> None:
    event = event_of(pubDate="Fri, 15 Aug 2025 15:00:00 +0300", title="Talks")
    assert event.published_at == datetime(2025, 8, 15, 12, tzinfo=UTC)
    assert event.published_at.utcoffset() == timedelta(0)
