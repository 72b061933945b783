"""``/v1/event-study``: studies of our own happenings and of a caller's dates, over HTTP."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pandas as pd
import pytest
from sqlalchemy import Engine

from risk_service.api.schemas.studies import StudyOut
from risk_service.core.closes import closes_to_frame
from risk_service.core.dyads import THEMES
from risk_service.core.event_study import Study, basket_asset, run_study
from tests.api.house import House, news, sectors_of_tests

URL = "/v1/event-study"
ASKED = {"first": -1, "last": 1, "estimation": 100, "least": 60}


@pytest.fixture
def priced(small_house: House) -> House:
    small_house.keep_prices(date(2024, 3, 1), date(2025, 3, 10))
    return small_house


def test_thaw_and_escalation_are_studied_apart_and_simulated_prices_say_so(priced: House) -> None:
    answer = StudyOut.model_validate(priced.get(URL, **ASKED).json())
    assert [one.direction for one in answer.studies] == ["thaw", "escalation"]
    assert answer.prices.simulated and answer.prices.providers == ["sample"]
    for one in answer.studies:
        assert [average.asset for average in one.averages] == ["energy", "defense"]
        assert one.used == one.averages[0].events > 0
        left_out = sum(row.count for row in one.dropped if row.whole_event)
        assert one.given == one.used + left_out
        assert {car.event_id for car in one.cars} and all(car.text for car in one.cars)
    assert "not what they will do" in answer.note


def test_the_figures_are_the_cores_own(priced: House) -> None:
    closes = closes_to_frame(priced.keep_prices(date(2024, 3, 1), date(2025, 3, 10)))
    at = datetime(2025, 3, 4, 12, tzinfo=UTC)
    body = {"events": [{"at": at.isoformat(), "direction": "thaw"}], "assets": ["energy"], **ASKED}
    (group,) = StudyOut.model_validate(priced.client.post(URL, json=body).json()).studies
    basket = basket_asset(closes, "energy", sectors_of_tests().holdings("energy"), ["SPY"])
    study = Study(first=-1, last=1, estimation=100, least=60)
    expected = run_study([at], [basket], study).average("energy").caar
    assert group.averages[0].caar == pytest.approx(list(expected), abs=1e-8)
    assert (group.direction, group.given, group.used) == ("thaw", 1, 1)


def given(house: House, **query: object) -> list[int]:
    answer = house.get(URL, **{**ASKED, **query}).json()
    return [one["given"] for one in answer["studies"]]


def test_what_filters_part_adds_up_to_the_whole(priced: House) -> None:
    whole = given(priced)
    parts = (
        [given(priced, directness=one) for one in ("dyad", "theatre")],
        [given(priced, origin=one) for one in ("chronology", "live")],
        [given(priced, to="2025-03-04"), given(priced, **{"from": "2025-03-05"})],
        [given(priced, theme=one) for one in THEMES],
    )
    for part in parts:
        assert [sum(each) for each in zip(*part, strict=True)] == whole
    assert given(priced, direction="escalation") == whole[1:]
    assert given(priced, min_severity=3) <= whole
    assert 0 < given(priced, to="2025-03-04")[0] < whole[0]


def test_a_year_is_the_span_of_its_days_and_stands_alone(priced: House) -> None:
    whole = given(priced)
    assert given(priced, year=2025) == given(priced, **{"from": "2025-01-01", "to": "2025-12-31"})
    assert given(priced, year=2025) == whole
    assert given(priced, year=2024) == [0, 0]
    answer = priced.get(URL, year=2025, to="2025-03-01", **ASKED)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "year"


def surprising(house: House, **query: object) -> dict[str, dict[int, float | None]]:
    """Surprise of every event used, by direction."""
    answer = StudyOut.model_validate(house.get(URL, **{**ASKED, **query}).json())
    return {
        one.direction: {car.event_id: car.surprise for car in one.cars if car.event_id}
        for one in answer.studies
    }


def test_least_surprise_chooses_and_every_event_says_its_own(sqlite_engine: Engine) -> None:
    house = House(sqlite_engine)
    house.keep(news(50))
    house.keep_prices(date(2024, 3, 1), date(2025, 3, 10))
    told = surprising(house, overlap="drop", first=0, last=0)
    known = [s for one in told.values() for s in one.values() if s is not None]
    assert len(known) >= 5
    middle = sorted(known)[len(known) // 2]
    answer = StudyOut.model_validate(house.get(URL, min_surprise=middle, **ASKED).json())
    assert answer.filter is not None and answer.filter.min_surprise == middle
    for one in answer.studies:
        assert all(car.surprise is not None and car.surprise >= middle for car in one.cars)
    assert sum(one.given for one in answer.studies) < sum(given(house))
    # What was expected is told by the news before the span too.
    late = surprising(house, overlap="drop", first=0, last=0, **{"from": "2025-03-05"})
    for direction, events in late.items():
        assert events.items() <= told[direction].items()
    assert priced_out(house, min_surprise=-1) == priced_out(house, min_surprise="nan") == 422


def priced_out(house: House, **query: object) -> int:
    return house.get(URL, **ASKED, **query).status_code


def test_crowding_is_told_in_every_form(priced: House) -> None:
    answer = StudyOut.model_validate(priced.get(URL, **ASKED).json())
    shares = [average.crowding for one in answer.studies for average in one.averages]
    assert all(share is not None and 0 <= share < 1 for share in shares)
    table = pd.read_csv(io.StringIO(priced.get(URL, format="csv", table="tests", **ASKED).text))
    told = table.drop_duplicates(["direction", "asset"])["crowding"].tolist()
    assert told == pytest.approx(shares, abs=1e-6)


def test_a_study_of_nothing_is_unknown_and_tells_its_filter(priced: House) -> None:
    answer = StudyOut.model_validate(priced.get(URL, origin="chronology", **ASKED).json())
    assert answer.filter is not None and answer.filter.origin == "chronology"
    assert [one.given for one in answer.studies] == [0, 0]
    assert answer.studies[0].averages[0].caar == [None, None, None]
    assert answer.studies[0].averages[0].placebo.draws == 0


def test_as_of_leaves_out_what_was_published_and_closed_later(priced: House) -> None:
    moment = "2025-03-06T12:00:00Z"
    now, then = (priced.get(URL, **ASKED, **more).json() for more in ({}, {"as_of": moment}))
    assert then["prices"]["last_trading_day"] == "2025-03-05"
    for before, after in zip(then["studies"], now["studies"], strict=True):
        assert 0 < before["given"] < after["given"]
        assert all(car["over_at"] <= moment for car in before["cars"])
        assert before["cars"] == after["cars"][: len(before["cars"])]


def test_the_tables_as_csv_tell_the_same(priced: House) -> None:
    answer = priced.get(URL, **ASKED).json()
    tables = {
        name: pd.read_csv(io.StringIO(priced.get(URL, format="csv", table=name, **ASKED).text))
        for name in ("averages", "tests", "cars", "dropped")
    }
    averages = [average for one in answer["studies"] for average in one["averages"]]
    caars = [round(x, 6) for average in averages for x in average["caar"]]
    assert tables["averages"]["caar"].tolist() == pytest.approx(caars, abs=1e-6)
    assert len(tables["cars"]) == sum(len(one["cars"]) for one in answer["studies"])
    assert len(tables["dropped"]) == sum(
        row["count"] for one in answer["studies"] for row in one["dropped"]
    )
    assert set(tables["tests"]["test"]) >= {"kolari_pynnonen", "placebo"}
    assert tables["averages"]["simulated"].all()


@pytest.mark.parametrize(("form", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_a_picture_is_drawn_and_is_the_same_each_time(
    priced: House, form: str, start: bytes
) -> None:
    first = priced.get(URL, format=form, **ASKED)
    assert first.content.startswith(start)
    assert first.headers["content-type"].startswith("image/")
    priced.get(URL, format=form, seed=1, **ASKED)
    etag = first.headers["etag"]
    again = priced.client.get(
        URL, params={"format": form, **ASKED}, headers={"If-None-Match": etag}
    )
    assert again.status_code == 304


def test_a_study_without_prices_is_empty_and_says_why(small_house: House) -> None:
    answer = StudyOut.model_validate(small_house.get(URL, **ASKED).json())
    assert list(answer.missing) == ["energy", "defense"]
    assert all(one.averages == [] and one.given > 0 for one in answer.studies)
    assert small_house.get(URL, format="svg", **ASKED).status_code == 200


def test_dates_are_grouped_by_direction_and_keep_their_words(priced: House) -> None:
    body = {
        "events": [
            {"at": "2025-02-18", "text": "talks", "direction": "thaw"},
            {"at": "2025-02-24T10:00:00Z", "text": "strike"},
            {"at": "2025-02-18"},
        ],
        "controls": [], "assets": ["XOM"], **ASKED,
    }  # fmt: skip
    answer = StudyOut.model_validate(priced.client.post(URL, json=body).json())
    assert [(one.direction, one.given) for one in answer.studies] == [("thaw", 1), ("given", 2)]
    assert answer.parameters.model == "constant mean"
    (car,) = answer.studies[0].cars
    assert (car.text, car.trading_day) == ("talks", date(2025, 2, 19))
    assert car.knowable_at == datetime(2025, 2, 18, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"assets": "energy,bakeries"}, "assets"),
        ({"assets": "energy,energy"}, "assets"),
        ({"controls": "XYZ"}, "controls"),
        ({"estimation": 30, "least": 60}, "least"),
        ({"first": 1}, "first"),
        ({"from": "2025-03-01", "to": "2025-02-01"}, "to"),
        ({"as_of": "2029-01-01T00:00:00Z"}, "as_of"),
        ({"asset": "energy"}, "asset"),
    ],
)
def test_what_cannot_be_studied_is_refused_by_name(
    small_house: House, query: dict[str, object], field: str
) -> None:
    answer = small_house.client.get(URL, params=query)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_posting_dates_is_a_read_that_keeps_nothing(locked_house: House) -> None:
    body = {"events": [{"at": "2025-02-18"}]}
    assert locked_house.client.post(URL, json=body).status_code == 401
    key = locked_house.key("read")
    assert locked_house.client.post(URL, json=body, headers=key).status_code == 200
    assert locked_house.client.post(URL, json={"events": []}, headers=key).status_code == 422
