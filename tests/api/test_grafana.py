"""The shipped dashboards against the service: each query sent as Grafana's plugins send it.

Infinity ("JSON", "Query editor" and "Time formats" of grafana.com/docs/plugins/
yesoreyeram-infinity-datasource) takes an array at the root without a root selector, its backend
parser takes one flat object a row, and a timestamp column needs a format it detects by itself:
ISO 8601. Global variables such as ``${__from:date:iso}`` are put in before a query is sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.api.house import NOW, House
from tests.api.test_prometheus import names_in, told_names
from tests.service import ROOT

FOLDER = ROOT / "docs" / "grafana"
INFINITY, PROMETHEUS = "yesoreyeram-infinity-datasource", "prometheus"
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
"""The format ``2006-01-02T15:04:05Z`` of Go that Infinity's time detection begins with."""


def dashboard(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / name).read_text("utf-8"))
    return found


def targets(name: str) -> list[dict[str, Any]]:
    board = dashboard(name)
    of_panels = [target for panel in board["panels"] for target in panel["targets"]]
    return of_panels + [one["target"] for one in board["annotations"]["list"]]


@pytest.fixture(scope="module")
def http(shared_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=shared_url) as client:
        yield client


def filled_in(text: str, since: datetime, until: datetime) -> str:
    """What Grafana makes of the variables we use: ISO with milliseconds, and the dyad."""
    iso = "%Y-%m-%dT%H:%M:%S.000Z"
    text = text.replace("${__from:date:iso}", since.strftime(iso))
    return text.replace("${__to:date:iso}", until.strftime(iso)).replace("${dyad}", "USA-RUS")


def queried(http: httpx.Client, target: dict[str, Any], days: int) -> list[dict[str, Any]]:
    pairs = {
        param["key"]: filled_in(param["value"], NOW - timedelta(days=days), NOW)
        for param in target["url_options"]["params"]
    }
    assert not [value for value in pairs.values() if "$" in value]
    answer = http.get(target["url"], params=pairs)
    assert answer.status_code == 200, answer.text
    rows = answer.json()
    assert isinstance(rows, list)
    assert target["root_selector"] == ""
    return rows


@pytest.mark.parametrize("days", [2, 60])
def test_every_query_of_the_dashboard_finds_its_columns(http: httpx.Client, days: int) -> None:
    found = targets("dashboard.json")
    assert len(found) == 10
    for target in found:
        assert target["datasource"] == {"type": INFINITY, "uid": "${infinity}"}
        assert (target["type"], target["parser"], target["source"]) == ("json", "backend", "url")
        rows = queried(http, target, days)
        assert rows, target["url"]
        for column in target["columns"]:
            values = [row[column["selector"]] for row in rows]
            has_type(column["type"], [value for value in values if value is not None])
        assert not [
            value for row in rows for value in row.values() if isinstance(value, list | dict)
        ]


def has_type(kind: str, values: list[Any]) -> None:
    if kind == "timestamp":
        assert values
        assert all(ISO.fullmatch(value) for value in values)
    elif kind == "number":
        assert all(isinstance(value, int | float) for value in values)
    else:
        assert kind == "string"
        assert all(isinstance(value, str) for value in values)


def test_points_stand_at_the_moment_they_were_known(
    http: httpx.Client, shared_house: House
) -> None:
    span = {"from": "2025-01-20T00:00:00Z", "to": "2025-03-10T12:00:00Z"}
    rows = http.get("/grafana/index", params=span).json()
    days = {row["day"]: row for row in shared_house.get("/v1/index/history").json()["rows"]}
    for row in rows[:-1]:
        ends = datetime.fromisoformat(row["time"])
        assert ends.time().isoformat() == "00:00:00"
        day = days[(ends - timedelta(days=1)).date().isoformat()]
        assert row["risk_index"] == pytest.approx(day["risk_index"], abs=1e-4)
    live = shared_house.get("/v1/index").json()
    assert rows[-1]["time"] == live["evaluated_at"]
    assert rows[-1]["risk_index"] == live["risk_index"]


def test_a_short_span_is_told_by_hour(http: httpx.Client, shared_house: House) -> None:
    span = {"from": "2025-03-05T00:00:00Z", "to": "2025-03-06T23:30:00Z"}
    rows = http.get("/grafana/index", params=span).json()
    asked = {"resolution": "1h", "from": "2025-03-04", "to": "2025-03-06"}
    hours = shared_house.get("/v1/index/history", **asked).json()["rows"]
    told = {row["time"]: row["risk_index"] for row in hours}
    expected = [datetime(2025, 3, 5, tzinfo=UTC) + timedelta(hours=n) for n in range(48)]
    assert [row["time"] for row in rows] == [f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in expected]
    assert [row["risk_index"] for row in rows] == pytest.approx(
        [told[row["time"]] for row in rows], abs=1e-4
    )


def test_the_row_of_now_is_the_live_answer(http: httpx.Client, shared_house: House) -> None:
    live = shared_house.get("/v1/index").json()
    (row,) = http.get("/grafana/now").json()
    assert (row["risk_index"], row["low"]) == (live["risk_index"], live["interval"]["low"])
    assert (row["stale"], row["state"]) == (1, "stale")
    assert row["why"] == "; ".join(live["freshness"]["reasons"])


def test_parameters_are_checked_like_those_of_all_reads(http: httpx.Client) -> None:
    for asked, field in (
        ({"form": "1"}, "form"),
        ({"from": "2025-03-01"}, "from"),
        ({"from": "2025-03-02T00:00:00Z", "to": "2025-03-01T00:00:00Z"}, "to"),
    ):
        answer = http.get("/grafana/index", params=asked)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == field


def test_an_unchanged_panel_is_304(http: httpx.Client) -> None:
    for path in ("/grafana/index", "/grafana/now", "/grafana/stories"):
        first = http.get(path)
        held = {"If-None-Match": first.headers["etag"]}
        assert http.get(path, headers=held).status_code == 304


def test_an_empty_service_has_no_rows(sqlite_engine: Any) -> None:
    house = House(sqlite_engine)
    house.work()
    for asked in ({}, {"from": "2024-01-01T00:00:00Z"}):
        assert house.get("/grafana/index", **asked).json() == []
    assert house.get("/grafana/stories").json() == []
    assert house.get("/grafana/now").json()[0]["state"] == "empty"


def test_the_metrics_dashboard_names_metrics_that_exist(http: httpx.Client) -> None:
    there_are = told_names(http.get("/metrics").text)
    found = targets("dashboard-prometheus.json")
    assert len(found) > 9
    for target in found:
        assert target["datasource"] == {"type": PROMETHEUS, "uid": "${prometheus}"}
        named = names_in(target["expr"])
        assert named
        assert named <= there_are, target["expr"]


@pytest.mark.parametrize("name", ["dashboard.json", "dashboard-prometheus.json"])
def test_a_dashboard_can_be_imported(name: str) -> None:
    """What Grafana asks of one: a uid, unique panel ids, each within 24 columns, and variables for
    the sources it is to ask.
    """
    board = dashboard(name)
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids)
    assert board["uid"]
    assert board["schemaVersion"] >= 36
    for panel in board["panels"]:
        place = panel["gridPos"]
        assert place["x"] >= 0
        assert place["x"] + place["w"] <= 24
    variables = {one["name"] for one in board["templating"]["list"]}
    used = set(re.findall(r"\$\{?([a-z]+)\}?", json.dumps(board)))
    assert used <= variables


def test_the_provisioning_files_name_what_is_shipped() -> None:
    folder: Path = FOLDER / "provisioning"
    sources = yaml.safe_load((folder / "datasources.yaml").read_text("utf-8"))
    assert sources["apiVersion"] == 1
    kinds = {one["type"]: one for one in sources["datasources"]}
    assert set(kinds) == {INFINITY, PROMETHEUS}
    assert kinds[INFINITY]["url"] in kinds[INFINITY]["jsonData"]["allowedHosts"]
    boards = yaml.safe_load((folder / "dashboards.yaml").read_text("utf-8"))
    assert boards["providers"][0]["type"] == "file"
