"""Deliveries through the API: listed, paged, read by whoever may read alerts, sent again."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from risk_service.api.schemas.channels import DeliveriesOut, DeliveryOut
from risk_service.store import outbox
from risk_service.store.alert_channels import delete_channel, disable_channel
from risk_service.store.engine import writing
from tests.api.house import NOW, House
from tests.notify.alerts import SECRET
from tests.notify.outbox_room import channel, payload_of, queue, states

PATH = "/v1/alerts/deliveries"


@pytest.fixture
def filled(engine: Engine) -> House:
    """Three alerts to two channels; the first one's firing is dead on the first channel."""
    house = House(engine)
    to = [channel(engine, "https://a.example/"), channel(engine, "https://b.example/")]
    for number in range(3):
        at = NOW - timedelta(hours=number)
        queue(engine, to, number, "firing", "resolved", now=at)
    kill(house, to[0])
    return house


def alert(number: int) -> str:
    return f"alert_{number:032x}"


def kill(house: House, channel_id: str) -> None:
    """Let the firing delivery of the first alert to a channel be dead."""
    page = house.get(PATH, alert=alert(0), channel=channel_id).json()
    (id_,) = [row["id"] for row in page["deliveries"] if row["act"] == "firing"]
    with writing(house.engine) as conn:
        (taken,) = outbox.take(conn, [id_], "me", NOW, NOW + timedelta(minutes=1))
        outbox.note_failure(conn, taken, None, 500, "answered with status 500")


def rows(house: House, **query: Any) -> list[dict[str, Any]]:
    answer = house.get(PATH, **query)
    assert answer.status_code == 200, answer.text
    DeliveriesOut.model_validate(answer.json())
    return list(answer.json()["deliveries"])


def resend(house: House, id_: str) -> Any:
    return house.post(f"{PATH}/{id_}/resend", None)


def test_deliveries_are_chosen_by_state_channel_and_alert(filled: House) -> None:
    assert len(rows(filled)) == 12
    (dead,) = rows(filled, state="dead")
    assert (dead["act"], dead["attempts"], dead["last_status"]) == ("firing", 1, 500)
    assert len(rows(filled, channel=dead["channel_id"])) == 6
    assert {row["alert_id"] for row in rows(filled, alert=alert(2))} == {alert(2)}
    assert len(rows(filled, alert=alert(2), state="waiting")) == 4
    assert rows(filled, alert="alert_unknown") == []


def test_pages_tell_every_delivery_once(filled: House) -> None:
    seen: list[str] = []
    path: str | None = f"{PATH}?limit=5"
    while path:
        page = filled.client.get(path)
        seen += [row["id"] for row in page.json()["deliveries"]]
        path = page.json()["next"]
        assert (path is not None) == ("link" in page.headers)
    assert len(set(seen)) == len(seen) == 12
    times = [row["created_at"] for row in rows(filled)]
    assert times == sorted(times, reverse=True)


def test_csv_tells_the_same(filled: House) -> None:
    answer = filled.get(PATH, format="csv", limit=3)
    told = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["content-type"].startswith("text/csv")
    assert [row["id"] for row in told] == [row["id"] for row in rows(filled, limit=3)]
    assert list(csv.DictReader(io.StringIO(filled.get(PATH, format="csv", alert="x").text))) == []


def test_one_delivery_tells_what_it_carries_and_no_secret(filled: House) -> None:
    id_ = rows(filled, alert=alert(1))[0]["id"]
    answer = filled.get(f"{PATH}/{id_}")
    told = DeliveryOut.model_validate(answer.json())
    assert told.payload == payload_of(alert(1), told.act)
    for page in (answer, filled.get(PATH), filled.get(PATH, format="csv")):
        assert SECRET not in page.text
        assert "a.example" not in page.text


def test_a_dead_one_is_sent_again_under_its_id_and_no_other(filled: House) -> None:
    (dead,) = rows(filled, state="dead")
    assert resend(filled, dead["id"]).json() == {"delivery": dead["id"]}
    (now,) = [row for row in rows(filled, state="waiting") if row["id"] == dead["id"]]
    assert (now["attempts"], now["next_at"]) == (0, "2025-03-10T12:00:00Z")
    assert len(states(filled.engine)) == 12
    again = resend(filled, dead["id"])
    assert again.status_code == 422
    assert again.json()["errors"][0]["field"] == "delivery"
    assert "waiting" in again.json()["detail"]


@pytest.mark.parametrize("end", [disable_channel, delete_channel])
def test_a_dead_one_of_a_channel_that_is_off_stays_dead(filled: House, end: Any) -> None:
    (dead,) = rows(filled, state="dead")
    with writing(filled.engine) as conn:
        because = ("410 Gone",) if end is disable_channel else ()
        end(conn, dead["channel_id"], *because, NOW)
    answer = resend(filled, dead["id"])
    assert answer.status_code == 422
    assert "channel is" in answer.json()["detail"]


def test_what_is_not_there_is_told(filled: House) -> None:
    unknown = "msg_" + "0" * 32
    assert filled.get(f"{PATH}/{unknown}").status_code == 404
    assert resend(filled, unknown).status_code == 404
    assert filled.get(f"{PATH}/msg_x").status_code == 422
    for query in ({"state": "lost"}, {"cursor": "x"}, {"limit": 0}, {"chanel": "x"}):
        answer = filled.get(PATH, **query)
        assert answer.status_code == 422
        assert [one["field"] for one in answer.json()["errors"]] == list(query)


def test_reading_needs_a_read_key_and_sending_again_a_write_key(locked_house: House) -> None:
    assert locked_house.client.get(PATH).status_code == 401
    assert locked_house.client.get(PATH, headers=locked_house.key("read")).status_code == 200
    path = f"{PATH}/msg_{'0' * 32}/resend"
    assert locked_house.client.post(path, headers=locked_house.key("read")).status_code == 403
    assert locked_house.client.post(path, headers=locked_house.key("write")).status_code == 404
