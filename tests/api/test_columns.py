"""Columns of the history that are asked for, and drivers with and without their words."""

import csv
import io

from tests.api.house import House

PATH = "/v1/index/history"


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_only_the_columns_asked_for_come_in_the_order_asked(small_house: House) -> None:
    some = rows(small_house.get(PATH, format="csv", columns="high,risk_index").text)
    every = rows(small_house.get(PATH, format="csv").text)
    assert list(some[0]) == ["day", "high", "risk_index"]
    assert some == [{name: row[name] for name in some[0]} for row in every]
    hours = rows(small_house.get(PATH, format="csv", columns="low", resolution="1h").text)
    assert list(hours[0]) == ["time", "low"]


def test_columns_that_are_not_there_and_columns_of_json_are_refused(small_house: House) -> None:
    for query in ({"format": "csv", "columns": "hihg"}, {"columns": "high"}):
        answer = small_house.get(PATH, **query)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "columns"


def test_drivers_tell_words_where_they_are_asked_for_and_are_the_same_stories(
    small_house: House,
) -> None:
    day = small_house.get(PATH).json()["rows"][-1]["day"]
    told = small_house.get(f"/v1/index/{day}/drivers", words="true").json()["stories"]
    bare = small_house.get(f"/v1/index/{day}/drivers").json()["stories"]
    assert any(story["words"] for story in told)
    assert bare == [{**story, "words": []} for story in told]
    same = small_house.get(f"/v1/index/{day}/drivers", words="false").json()["stories"]
    assert same == bare
