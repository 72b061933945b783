from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_service.core.events import EVENT_COLUMNS, Event, events_to_frame, refuse_future

AT = datetime(2025, 2, 27, 15, 0, tzinfo=UTC)


def event(**changes: object) -> Event:
    fields = {"published_at": AT, "text": "Envoys meet", "source": "Wire", **changes}
    return Event(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("published_at", datetime(2025, 2, 27, 15)),  # noqa: DTZ001
        ("published_at", datetime(1, 1, 1, tzinfo=UTC)),
        ("published_at", datetime(9999, 1, 1, tzinfo=UTC)),
        ("published_at", "2025-02-27"),
        ("text", ""),
        ("text", " \x00\t "),
        ("text", "x" * 20_001),
        ("text", "x" * 100_000),
        ("text", None),
        ("source", ""),
        ("source", "s" * 201),
        ("url", "ftp://example.org/a"),
        ("url", "javascript:alert(1)"),
        ("url", "http://[broken"),
        ("url", "https://example.org/" + "a" * 2_000),
        ("language", "EN"),
        ("language", "english"),
        ("occurred_on", AT),
        ("occurred_on", date(1066, 10, 14)),
        ("actor", "US"),
        ("recipient", "rus"),
        ("event_code", "5"),
        ("event_code", "hello world"),
        ("goldstein", float("nan")),
        ("goldstein", float("inf")),
        ("goldstein", 10.5),
        ("quad_class", 0),
        ("quad_class", 5),
        ("external_id", ""),
        ("external_id", "a\x00b"),
        ("external_id", "a\x1fb"),
        ("external_id", "a\tb"),
        ("external_id", "a\nb"),
        ("external_id", "a\x7f"),
        ("external_id", "a\ud83d"),
        ("external_id", "a\uffff"),
    ],
)
def test_a_bad_value_is_refused_and_its_field_named(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"^{field}: "):
        event(**{field: value})


def test_times_become_utc() -> None:
    ankara = datetime(2025, 2, 27, 18, 0, tzinfo=timezone(timedelta(hours=3)))
    assert event(published_at=ankara).published_at == AT
    assert event(published_at=ankara).published_at.tzinfo is UTC


def test_text_may_be_empty_when_the_event_is_coded() -> None:
    assert event(text="", event_code="057").event_code == "057"
    assert event(text="", goldstein=-10.0).text == ""


def test_white_space_and_control_characters_are_folded() -> None:
    assert event(text=" Envoys\n\u00a0 meet\x07 ").text == "Envoys meet"


def test_half_a_surrogate_pair_cannot_reach_the_store() -> None:
    assert event(text="Envoys \ud83d meet").text == "Envoys meet"


def test_the_key_is_equal_for_the_same_report_and_differs_otherwise() -> None:
    later = event(published_at=AT + timedelta(hours=2))
    assert event().key == later.key
    others = [
        event(text="Envoys part"),
        event(source="Other"),
        event(url="https://example.org/a"),
        event(published_at=AT + timedelta(days=1)),
        event(event_code="040"),
        event(goldstein=1.0),
    ]
    assert len({event().key, *(other.key for other in others)}) == 7


def test_an_external_id_is_the_identity_within_its_source() -> None:
    first = event(external_id="9", text="As first told")
    assert first.key == event(external_id="9", text="As told later").key
    assert first.key != event(external_id="9", source="Other").key


def test_an_external_id_may_be_of_any_script_and_hold_blanks() -> None:
    assert event(external_id="новость 7\u00a0–😀").external_id == "новость 7\u00a0–😀"


def test_the_future_is_refused_with_ten_minutes_of_grace() -> None:
    refuse_future(event(), AT - timedelta(minutes=10))
    with pytest.raises(ValueError, match=r"^published_at: .*future"):
        refuse_future(event(), AT - timedelta(minutes=11))


def test_frame_keeps_unknown_as_unknown() -> None:
    frame = events_to_frame([event(), event(goldstein=0.0)])
    assert list(frame.columns) == list(EVENT_COLUMNS)
    assert frame["goldstein"].isna().tolist() == [True, False]
    assert list(events_to_frame([]).columns) == list(EVENT_COLUMNS)


@given(st.text(max_size=300))
def test_any_text_is_taken_clean_or_refused(text: str) -> None:
    try:
        made = event(text=text)
    except ValueError as error:
        assert str(error).startswith("text: ")
        return
    made.text.encode("utf-8")
    assert made.text == made.text.strip()
    assert "\x00" not in made.text
