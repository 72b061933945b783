"""The index as a picture over HTTP: what it shows, how large it may be, when it is made anew."""

from __future__ import annotations

import struct
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pandas as pd
import pytest

from risk_service import index_chart, pictures
from risk_service.api.routes import chart
from risk_service.core.events import Event
from risk_service.errors import NoCharts
from risk_service.index_chart import Look, draw_index
from tests.api.house import NOW, House, serving

ASKER = httpx.Client()
LIGHT = Look(800, 360, "light", "svg")


@pytest.fixture(scope="module", autouse=True)
def _closed_at_the_end() -> Iterator[None]:
    yield
    ASKER.close()


def png_size(content: bytes) -> tuple[int, int]:
    """Width and height, from the header of the format (PNG specification, IHDR)."""
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def test_a_png_has_the_size_and_theme_asked_for(shared_url: str) -> None:
    asked = {"width": 640, "height": 200, "theme": "dark"}
    dark = ASKER.get(f"{shared_url}/v1/index/chart.png", params=asked)
    assert dark.headers["content-type"] == "image/png"
    assert png_size(dark.content) == (640, 200)
    light = ASKER.get(f"{shared_url}/v1/index/chart.png", params={**asked, "theme": "light"})
    assert png_size(light.content) == (640, 200)
    assert light.content != dark.content


def test_an_svg_is_one_and_can_be_shown_on_pages_of_others(shared_url: str) -> None:
    answer = ASKER.get(f"{shared_url}/v1/index/chart.svg", params={"from": "2025-02-01"})
    assert answer.headers["content-type"].startswith("image/svg+xml")
    root = ET.fromstring(answer.content)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    # 800 pixels at 72 points and 100 pixels an inch.
    assert float(root.attrib["width"].removesuffix("pt")) == 576
    # By the Fetch standard a picture in another page is fetched without CORS: this header lets it.
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "style-src 'unsafe-inline'" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text


def test_an_unchanged_picture_is_304_and_another_day_is_not(small_house: House) -> None:
    path = "/v1/index/chart.svg"
    with serving(small_house.app) as url:
        first = ASKER.get(url + path)
        held = {"If-None-Match": first.headers["etag"]}
        again = ASKER.get(url + path, headers=held)
        assert (again.status_code, again.content) == (304, b"")
        assert ASKER.get(url + path, params={"theme": "dark"}, headers=held).status_code == 200
        small_house.keep([Event(NOW, "Washington and Moscow strike a deal", "Wire")])
        small_house.clock.now = NOW + timedelta(hours=2)
        assert ASKER.get(url + path, headers=held).status_code == 200


def test_the_same_days_make_the_same_picture(shared_house: House) -> None:
    days = shared_house.get("/v1/index/history").json()["rows"]
    points = pd.DataFrame(days).assign(day=lambda rows: pd.to_datetime(rows["day"]))
    one = draw_index(points, "USA-RUS risk index", (), LIGHT)
    assert draw_index(points, "USA-RUS risk index", (), LIGHT) == one
    moved = points.assign(risk_index=points["risk_index"] + 1)
    assert draw_index(moved, "USA-RUS risk index", (), LIGHT) != one


def test_the_notes_say_what_to_know(small_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The picture's text is drawn as shapes, so that the notes are looked at on their way in."""
    told: list[tuple[str, ...]] = []
    draw = chart.draw_index

    def listening(points: pd.DataFrame, title: str, notes: tuple[str, ...], look: Look) -> bytes:
        told.append(notes)
        return draw(points, title, notes, look)

    monkeypatch.setattr(chart, "draw_index", listening)
    small_house.get("/v1/index/chart.svg")
    small_house.get("/v1/index/chart.svg", as_of="2025-03-05T00:00:00Z")
    small_house.clock.now = NOW - timedelta(hours=1, minutes=30)
    small_house.snapshots.refresh()
    small_house.get("/v1/index/chart.svg")
    assert told[0] == ("STALE: no news since 2025-03-10 10:00 UTC",)
    assert told[1] == ("as known at 2025-03-05 00:00 UTC",)
    thin = small_house.get("/v1/index").json()["coverage"]["thin"]
    assert told[2] == (("thin: little news stands behind it now",) if thin else ())


def test_as_of_shows_no_later_day(shared_house: House) -> None:
    asked = {"from": "2025-03-01"}
    early = shared_house.get("/v1/index/chart.svg", as_of="2025-03-05T00:00:00Z", **asked)
    until = shared_house.get("/v1/index/chart.svg", as_of="2025-03-09T00:00:00Z", **asked)
    assert early.content != until.content
    assert shared_house.get("/v1/index/chart.svg", as_of="2026-01-01T00:00:00Z").status_code == 422


@pytest.mark.parametrize(
    "asked", [{"width": 5_000}, {"height": 10}, {"theme": "blue"}, {"widht": 300}]
)
def test_what_it_does_not_draw_is_refused_by_name(shared_url: str, asked: dict[str, str]) -> None:
    answer = ASKER.get(f"{shared_url}/v1/index/chart.png", params=asked)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == next(iter(asked))


def test_only_so_many_are_drawn_at_once(
    shared_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chart, "PATIENCE", 0.05)
    monkeypatch.setattr(chart, "_drawing", threading.BoundedSemaphore(1))
    with chart._turn():
        answer = shared_house.get("/v1/index/chart.png", width=321)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert shared_house.get("/v1/index/chart.png", width=321).status_code == 200


def test_decades_are_drawn_by_week_and_stay_small() -> None:
    days = pd.date_range("1991-01-01", "2026-01-01")
    wave = pd.Series(range(len(days))) % 100 * 1.0
    points = pd.DataFrame({"day": days, "risk_index": wave, "low": wave, "high": wave})
    by_week = points.iloc[::7]
    assert len(draw_index(by_week, "x", (), LIGHT)) < 400_000


def test_a_gap_breaks_the_line() -> None:
    days = pd.to_datetime(["2025-01-01", "2025-01-02", "2025-01-03", "2025-02-01", "2025-02-02"])
    points = pd.DataFrame({"day": days, "risk_index": 50.0, "low": 40.0, "high": 60.0})
    broken = index_chart._with_gaps(points)
    assert list(broken["day"][broken["risk_index"].isna()]) == [pd.Timestamp("2025-01-31")]
    assert len(broken) == 6


def test_without_the_extra_the_problem_says_what_to_install(
    shared_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "mpl", None)
    answer = shared_house.get("/v1/index/chart.svg", width=333)
    assert answer.status_code == 503
    assert "pip install 'risk-service[charts]'" in answer.json()["detail"]
    with pytest.raises(NoCharts):
        draw_index(pd.DataFrame(), "x", (), LIGHT)


def test_a_service_without_days_has_an_empty_picture(sqlite_engine: object) -> None:
    house = House(sqlite_engine)  # type: ignore[arg-type]
    house.work()
    answer = house.get("/v1/index/chart.png")
    assert answer.status_code == 200
    assert png_size(answer.content) == (800, 360)
