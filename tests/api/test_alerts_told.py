"""``/v1/alerts`` over HTTP: listed, read, acknowledged and commented on."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine

from risk_service.api.schemas.alerts_told import AlertOut, AlertsOut
from risk_service.store.alert_channels import add_channel
from risk_service.store.alert_rules import add_rule
from risk_service.store.alerts import add_alert, alert_id
from risk_service.store.engine import writing
from tests.api.house import NOW, House
from tests.house import everything

URL = "/v1/alerts"


@pytest.fixture
def house(engine: Engine) -> House:
    return House(engine)


def payload_of(house: House) -> dict[str, Any]:
    """The example of the document, which is what its schema says."""
    document = house.get("/openapi.json").json()
    example: dict[str, Any] = document["components"]["schemas"]["AlertPayload"]["examples"][0]
    return example


def keep(house: House, count: int, **more: Any) -> list[str]:
    """Alerts of one rule with a channel, an hour between them, oldest first."""
    payload, found = payload_of(house), []
    with writing(house.engine) as conn:
        desk = add_channel(conn, "desk", "webhook", {"url": "https://e.org/"}, {}, NOW)
        fields = {
            "name": "one", "dyad": "USA-RUS", "series": "risk",
            "rule": {"kind": "stale", "what": "feeds", "dwell": 0, "hold": 0, "cooldown": 0},
            "threshold": 6.0, "severity": "info", "channels": [desk], "enabled": True,
        }  # fmt: skip
        rule = add_rule(conn, fields, "test", NOW)
        for n in range(count):
            at: datetime = NOW - timedelta(hours=count - n)
            id_ = alert_id(rule, 1, "neither", at.isoformat())
            row = {
                "id": id_, "rule_id": rule, "dyad": "USA-RUS", "direction": "neither",
                "state": "firing", "severity": "info", "started_at": at, "payload": payload,
                **more,
            }  # fmt: skip
            assert add_alert(conn, row)
            found.append(id_)
    return found


def listed(house: House, **query: Any) -> AlertsOut:
    answer = house.get(URL, **query)
    assert answer.status_code == 200, answer.text
    return AlertsOut.model_validate(answer.json())


def test_pages_hold_each_alert_once(house: House) -> None:
    ids = keep(house, 5)
    first = listed(house, limit=2)
    assert [one.id for one in first.alerts] == [ids[4], ids[3]] and first.next is not None
    rest = AlertsOut.model_validate(house.client.get(first.next).json())
    last = AlertsOut.model_validate(house.client.get(str(rest.next)).json())
    assert [one.id for one in (*rest.alerts, *last.alerts)] == [ids[2], ids[1], ids[0]]
    assert last.next is None


def test_filters_choose(house: House) -> None:
    ids = keep(house, 3)
    assert listed(house, state="resolved").alerts == []
    since = (NOW - timedelta(hours=2)).isoformat().replace("+00:00", "Z")
    assert [one.id for one in listed(house, **{"from": since}).alerts] == [ids[2], ids[1]]
    assert [one.id for one in listed(house, to=since).alerts] == [ids[0]]
    rule = listed(house).alerts[0].rule_id
    assert listed(house, rule=rule).count == 3 and listed(house, rule="rule_x").count == 0


def test_csv_has_a_row_an_alert(house: House) -> None:
    ids = keep(house, 2)
    table = pd.read_csv(io.StringIO(house.get(URL, format="csv").text))
    assert list(table["id"]) == ids[::-1]
    assert "state" in table and "payload" not in table


def test_it_is_acknowledged_once_and_its_channels_are_told(house: House) -> None:
    (id_,) = keep(house, 1)
    answer = house.client.post(f"{URL}/{id_}/acknowledge", headers=house.key("write"))
    told = AlertOut.model_validate(answer.json())
    assert (told.acknowledged_by, told.acknowledged_at) == ("write", NOW)
    assert [one.act for one in told.deliveries] == ["acknowledged"]
    assert told.payload.type == "alert.acknowledged"
    assert told.payload.data.alert.acknowledged_by == "write"
    before = everything(house.engine)
    house.clock.now += timedelta(minutes=1)
    again = house.client.post(f"{URL}/{id_}/acknowledge", headers=house.key("write"))
    assert AlertOut.model_validate(again.json()).acknowledged_at == NOW
    after = everything(house.engine)
    assert {name: rows for name, rows in after.items() if name != "api_keys"} == {
        name: rows for name, rows in before.items() if name != "api_keys"
    }


def test_what_was_held_back_is_acknowledged_in_silence(house: House) -> None:
    (id_,) = keep(house, 1, held_back="muted")
    answer = house.client.post(f"{URL}/{id_}/acknowledge", headers=house.key("write"))
    assert AlertOut.model_validate(answer.json()).deliveries == []


def test_comments_are_kept_in_order(house: House) -> None:
    (id_,) = keep(house, 1)
    for text in ("seen", "over by noon"):
        house.post(f"{URL}/{id_}/comments", {"text": text})
    told = AlertOut.model_validate(house.get(f"{URL}/{id_}").json())
    assert [(one.who, one.text) for one in told.comments] == [
        ("write", "seen"), ("write", "over by noon"),
    ]  # fmt: skip
    empty = house.post(f"{URL}/{id_}/comments", {"text": ""})
    assert empty.json()["errors"][0]["field"] == "text"


def test_what_is_not_there_is_404_and_strange_is_422(house: House) -> None:
    none = "alert_" + "0" * 32
    assert house.get(f"{URL}/{none}").status_code == 404
    assert house.post(f"{URL}/{none}/comments", {"text": "x"}).status_code == 404
    assert house.get(f"{URL}/alert_1").status_code == 422
    assert house.get(URL, cursor="x").json()["errors"][0]["field"] == "cursor"
    assert house.get(URL, **{"from": "2025-03-02", "to": "2025-03-01"}).status_code == 422


def test_writes_need_a_key_that_may_write(locked_house: House) -> None:
    read = locked_house.key("read")
    path = f"{URL}/alert_{'0' * 32}/acknowledge"
    assert locked_house.client.post(path, headers=read).status_code == 403
    assert locked_house.client.get(URL, headers=read).status_code == 200


def test_the_document_tells_of_the_webhook(house: House) -> None:
    document = house.get("/openapi.json").json()
    told = document["webhooks"]["alert"]["post"]
    body = told["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/AlertPayload"}
    names = {one["name"] for one in told["parameters"]}
    assert names == {"webhook-id", "webhook-timestamp", "webhook-signature"}
