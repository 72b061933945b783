"""The OpenBB backend: its two files against schemas written from OpenBB's documentation, and each
widget asked as Workspace asks it.

One error in ``widgets.json`` takes the whole backend down, so the schemas are closed. Shapes of the
answers by the pages "Metric", "Plotly Charts", "Newsfeed" and "AgGrid Table Charts" of
docs.openbb.co/workspace/developers/widget-types.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from risk_service.core.events import Event
from tests.api.house import NOW, House, serving
from tests.api.udf_client import UdfClient

FOLDER = Path(__file__).parent / "openbb"


@pytest.fixture(scope="module")
def http(shared_url: str) -> Any:
    with httpx.Client(base_url=shared_url) as client:
        yield client


@pytest.fixture(scope="module")
def widgets(http: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = http.get("/widgets.json").json()
    return found


def validator(name: str) -> jsonschema.Draft202012Validator:
    schema = json.loads((FOLDER / f"{name}.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_widgets_are_as_the_reference_has_them(widgets: dict[str, Any]) -> None:
    assert [error.message for error in validator("widgets").iter_errors(widgets)] == []
    kinds = {widget["type"] for widget in widgets.values()}
    assert kinds == {"metric", "chart", "table", "newsfeed", "advanced_charting"}


@pytest.mark.parametrize(
    "change",
    [
        {"gridData": {"w": 41, "h": 5}},
        {"refetchInterval": 10},
        {"type": "graph"},
        {"colour": "red"},
        {"params": [{"paramName": "dyad"}]},
        {"data": {"table": {"columnsDefs": [{"field": "a", "headerName": "A", "kind": "text"}]}}},
        {"name": None},
    ],
)
def test_the_schema_sees_what_it_looks_for(widgets: dict[str, Any], change: dict[str, Any]) -> None:
    broken = {**widgets, "openbb_metric": {**widgets["openbb_metric"], **change}}
    assert not validator("widgets").is_valid(broken)


def test_the_app_is_as_the_reference_has_it(http: httpx.Client, widgets: dict[str, Any]) -> None:
    apps = http.get("/apps.json").json()
    assert [error.message for error in validator("apps").iter_errors(apps)] == []
    placed = [place for app in apps for tab in app["tabs"].values() for place in tab["layout"]]
    assert {place["i"] for place in placed} == set(widgets)
    assert all(place["x"] + place["w"] <= 40 for place in placed)
    # "If the widget endpoint is test/widget_1 the id will be test_widget_1."
    for name, widget in widgets.items():
        assert name == widget["endpoint"].strip("/").replace("/", "_")


def asked(widget: dict[str, Any]) -> dict[str, Any]:
    """The parameters Workspace sends at first: defaults, with a date that is counted back from
    today, an empty one where none is chosen, and the theme.
    """
    today = NOW.date()
    values = {param["paramName"]: param["value"] for param in widget["params"]}
    dates = {"$currentDate-2y": str(today - timedelta(days=730)), None: ""}
    return {name: dates.get(value, value) for name, value in values.items()} | {"theme": "light"}


def test_every_widget_is_answered_with_its_shape(
    http: httpx.Client, widgets: dict[str, Any]
) -> None:
    for name, widget in widgets.items():
        if widget["type"] == "advanced_charting":
            continue
        answer = http.get(widget["endpoint"], params=asked(widget))
        assert answer.status_code == 200, (name, answer.text)
        assert answer.headers["content-type"] == "application/json"
        SHAPES[widget["type"]](answer.json(), widget)


def is_table(rows: Any, widget: dict[str, Any]) -> None:
    """ "A flat structure": objects of plain values, with every column that the widget names."""
    columns = widget["data"]["table"]["columnsDefs"]
    assert rows, widget["name"]
    for row in rows:
        assert set(row) >= {column["field"] for column in columns}
        assert all(not isinstance(value, dict | list) for value in row.values())
    kinds = {"number": (int, float), "text": (str,), "dateString": (str,), "boolean": (bool,)}
    for column in columns:
        told = [row[column["field"]] for row in rows if row[column["field"]] is not None]
        assert all(isinstance(value, kinds[column["cellDataType"]]) for value in told), column
    chart = widget["data"]["table"].get("chartView")
    if chart:
        fields = {column["field"] for column in columns}
        assert set(chart["cellRangeCols"][chart["chartType"]]) <= fields


def is_metric(metrics: Any, _: dict[str, Any]) -> None:
    assert metrics
    for metric in metrics:
        assert {"label", "value"} <= set(metric) <= {"label", "value", "delta"}
        assert all(isinstance(text, str) for text in metric.values())
        float(metric.get("delta", "0"))


def is_figure(figure: Any, _: dict[str, Any]) -> None:
    """Plotly's JSON: a list of traces, and a layout; as many x as y."""
    assert set(figure) == {"data", "layout"}
    for trace in figure["data"]:
        assert trace["type"] == "scatter"
        assert len(trace["x"]) == len(trace["y"]) > 0
    assert figure["layout"]["paper_bgcolor"] == "#ffffff"


def is_news(articles: Any, _: dict[str, Any]) -> None:
    assert articles
    for article in articles:
        assert set(article) == {"title", "date", "author", "excerpt", "body"}
        assert datetime.fromisoformat(article["date"]) <= NOW


SHAPES = {"table": is_table, "metric": is_metric, "chart": is_figure, "newsfeed": is_news}


def test_the_chart_widget_leads_to_a_datafeed(shared_url: str, widgets: dict[str, Any]) -> None:
    widget = widgets["udf"]
    with UdfClient(shared_url + widget["endpoint"].removesuffix("/udf")) as chart:
        chart.on_ready()
        info = chart.resolve(widget["data"]["defaultSymbol"])
        assert chart.get_bars(info, "1D", 0, int(NOW.timestamp()), 5).bars


def test_the_figure_is_the_index_and_its_band(http: httpx.Client, shared_house: House) -> None:
    span = {"from": "2025-02-01", "to": "2025-03-05"}
    figure = http.get("/openbb/chart", params={**span, "theme": "dark"}).json()
    rows = shared_house.get("/v1/index/history", **span).json()["rows"]
    for trace, name in zip(figure["data"], ("low", "high", "risk_index"), strict=True):
        assert trace["x"] == [row["day"] for row in rows]
        assert trace["y"] == pytest.approx([row[name] for row in rows], abs=0.005)
    # What the switch to raw data asks for.
    raw = http.get("/openbb/chart", params={**span, "raw": "true"}).json()
    assert [row["date"] for row in raw] == [row["day"] for row in rows][::-1]


def test_the_metric_says_how_fresh_it_is(http: httpx.Client, shared_house: House) -> None:
    live = shared_house.get("/v1/index").json()
    told = {one["label"]: one for one in http.get("/openbb/metric").json()}
    assert told["Risk index"]["value"] == f"{live['risk_index']:.1f}"
    assert told["Risk index"]["delta"] == f"{live['change']['one_day']:.1f}"
    assert told["State"]["value"].startswith("stale: no news has been read since")


def test_news_of_a_theme_is_of_it(http: httpx.Client) -> None:
    every = http.get("/openbb/news", params={"limit": 100}).json()
    some = http.get("/openbb/news", params={"limit": 100, "topic": "military"}).json()
    assert 0 < len(some) < len(every)
    assert all(article["excerpt"].endswith("military") for article in some)
    refused = http.get("/openbb/news", params={"topic": "weather"})
    assert refused.json()["errors"][0]["field"] == "topic"


def test_a_headline_cannot_become_markup(small_house: House) -> None:
    text = "Moscow and Washington strike [here](http://x.example) <script>alert(1)</script> *x*"
    url = "https://news.example/a(b)"
    small_house.keep([Event(NOW - timedelta(hours=2), text, "Wire", url=url)])
    news = small_house.get("/openbb/news").json()
    told = [one for one in news if "here" in one["title"]]
    assert len(told) == 1
    assert "<" not in told[0]["title"] + told[0]["body"]
    assert r"\[here\](http://x.example)" in told[0]["body"]
    assert told[0]["body"].endswith("[At the outlet](https://news.example/a%28b%29)")
    # The others have no address, and so no link.
    assert not [one for one in news if one not in told and "At the outlet" in one["body"]]


def test_widgets_are_cached_and_keyed_like_all_reads(locked_house: House) -> None:
    with serving(locked_house.app) as url:
        assert httpx.get(f"{url}/widgets.json").status_code == 401
        key = locked_house.key("read")
        first = httpx.get(f"{url}/openbb/history", headers=key)
        held = {**key, "If-None-Match": first.headers["etag"]}
        assert first.headers["cache-control"].startswith("private")
        assert httpx.get(f"{url}/openbb/history", headers=held).status_code == 304


def test_an_empty_service_has_rows_of_nothing(sqlite_engine: Any) -> None:
    house = House(sqlite_engine)
    house.work()
    for path in ("history", "news", "stories"):
        assert house.get(f"/openbb/{path}").json() == []
    assert house.get("/openbb/chart").json()["data"][0]["x"] == []
    assert {row["level"] for row in house.get("/openbb/sectors").json()} == {None}
    assert house.get("/openbb/metric").json()[-1]["value"] == "empty: no event has come yet"
