"""Rows set aside, told to whoever runs the service."""

import csv
import io
from datetime import timedelta
from typing import Any

import httpx
import pytest

from risk_service.api.schemas.aside import AsideOut
from risk_service.feeds.contract import BadRow
from risk_service.store.engine import writing
from risk_service.store.feeds import put_aside
from tests.api.house import NOW, House

PATH = "/v1/set-aside"


@pytest.fixture
def filled(house: House) -> House:
    rows = [
        BadRow("news.csv (3f2a90c1d7be)", f"line {n}", "text: is empty", f"=row {n}")
        for n in range(2, 14)
    ]
    with writing(house.engine) as conn:
        put_aside(conn, rows, NOW)
        put_aside(conn, [BadRow("gdelt", "row 3", "code: is odd", "a,b")], NOW + timedelta(hours=1))
    return house


def ask(house: House, path: str = PATH, **query: Any) -> httpx.Response:
    return house.client.get(path, params=query or None, headers=house.key("admin"))


def test_place_reason_and_moment_are_told_newest_first(filled: House) -> None:
    answer = AsideOut.model_validate(ask(filled).json())
    assert (answer.count, answer.next) == (13, None)
    newest, second = answer.rows[:2]
    assert (newest.origin, newest.locator, newest.reason) == ("gdelt", "row 3", "code: is odd")
    assert (newest.seen_at, newest.raw) == (NOW + timedelta(hours=1), "a,b")
    assert (second.origin, second.locator) == ("news.csv (3f2a90c1d7be)", "line 2")


def test_pages_tell_every_row_once(filled: House) -> None:
    seen: list[str] = []
    path: str | None = f"{PATH}?limit=5&origin=news.csv"
    while path:
        page = ask(filled, path)
        seen += [row["locator"] for row in page.json()["rows"]]
        path = page.json()["next"]
        assert (path is not None) == ("link" in page.headers)
    assert seen == [f"line {n}" for n in range(2, 14)]


def test_csv_tells_the_same_and_does_not_run_as_formulas(filled: House) -> None:
    answer = ask(filled, format="csv", limit=2)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["content-type"].startswith("text/csv")
    assert 'rel="next"' in answer.headers["link"]
    assert [row["locator"] for row in rows] == ["row 3", "line 2"]
    assert rows[0]["seen_at"] == "2025-03-10T13:00:00Z"
    assert rows[1]["raw"] == "'=row 2"
    assert ask(filled, format="csv", origin="nothing").text.startswith('"seen_at"')


def test_it_is_for_admins_even_where_reads_are_open(small_house: House) -> None:
    assert small_house.get(PATH).status_code == 401
    for scope, status in (("read", 403), ("write", 403), ("admin", 200)):
        answer = small_house.client.get(PATH, headers=small_house.key(scope))
        assert answer.status_code == status
    told = small_house.get("/openapi.json").json()["paths"][PATH]["get"]["security"]
    assert told == [{"bearer": []}, {"apiKey": []}]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 501}, "limit"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": "bnVsbA"}, "cursor"),
        ({"cursor": "WzFd"}, "cursor"),
        ({"cursor": "WyIyMDI1IiwiYSIsImIiXQ"}, "cursor"),
        ({"cursor": "WyJzb29uIiwiYSIsImIiLCJjIl0"}, "cursor"),
        ({"origin": "a\x00"}, "origin"),
        ({"format": "arrow"}, "format"),
        ({"file": "news.csv"}, "file"),
    ],
)
def test_what_is_not_taken_is_named(small_house: House, query: dict[str, Any], field: str) -> None:
    answer = ask(small_house, **query)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
