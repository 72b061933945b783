"""Stories as marks of the UDF datafeed, at the times of bars."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from risk_service.core.events import Event
from tests.api.house import NOW, House, serving
from tests.api.udf_client import DAY, UdfClient, seconds


def test_stories_are_marks_at_the_times_of_bars(chart: UdfClient) -> None:
    info = chart.resolve("USARUS_RISK")
    since, until = seconds(NOW) - 60 * DAY, seconds(NOW) + DAY
    for resolution in ("60", "1D", "1W"):
        bars = {bar.time for bar in chart.scroll_back(info, resolution, until, 200)}
        marks = chart.marks(info, resolution, since, until)
        assert marks
        # "The time of each mark must match the time of a bar", and ten a bar are drawn at most.
        assert {mark["time"] for mark in marks} <= bars
        assert max(Counter(mark["time"] for mark in marks).values()) <= 10
        assert {(mark["label"], mark["color"]) for mark in marks} == {("E", "red"), ("T", "blue")}
        on_axis = chart.timescale_marks(info, resolution, since, until)
        assert max(Counter(mark["time"] for mark in on_axis).values()) == 1
        assert {mark["time"] for mark in on_axis} == {mark["time"] for mark in marks}
    strikes = [mark for mark in marks if "strike" in mark["text"]]
    assert {mark["label"] for mark in strikes} == {"E"}


def test_a_theme_has_the_marks_of_its_stories_and_a_sector_none(chart: UdfClient) -> None:
    span = seconds(NOW) - 60 * DAY, seconds(NOW)
    every = chart.marks(chart.resolve("USARUS_RISK"), "1D", *span)
    military = chart.marks(chart.resolve("USARUS_MILITARY"), "1D", *span)
    assert 0 < len(military) < len(every)
    assert {mark["id"] for mark in military} < {mark["id"] for mark in every}
    assert chart.marks(chart.resolve("SECTOR_ENERGY"), "1D", *span) == []


def test_a_headline_cannot_put_a_tag_into_the_page(small_house: House) -> None:
    text = "Washington and Moscow strike <img src=x onerror=alert(1)> & trade"
    small_house.keep([Event(NOW - timedelta(hours=2), text, "<b>Wire</b>")])
    span = seconds(NOW) - DAY, seconds(NOW)
    with serving(small_house.app) as url, UdfClient(url) as chart:
        info = chart.resolve("USARUS_RISK")
        marks = chart.marks(info, "1D", *span), chart.timescale_marks(info, "60", *span)
    told = [str(mark) for found in marks for mark in found]
    assert any("onerror" in one for one in told)
    assert not any("<" in one or ">" in one for one in told)
