"""Channels through the API: admins alone, secrets once, errors that name their field."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, insert, select

from risk_service.api.schemas.alert_payload import AlertPayload
from risk_service.api.schemas.channels import ChannelOut, ChannelsOut, MadeChannelOut
from risk_service.notify.signing import valid_secrets
from risk_service.sending import Carrier, Sender
from risk_service.store.alert_channels import one_channel
from risk_service.store.alert_tables import alert_channels, alert_rules, deliveries
from risk_service.store.engine import reading, writing
from tests.api.house import NOW, House
from tests.notify.alerts import SECRET
from tests.notify.outbox_room import RULE
from tests.wire import Reply, Wire

PATH = "/v1/alerts/channels"
HOOK = {"name": "desk", "kind": "webhook", "config": {"url": "https://192.0.32.8/risk"}}
GOOD: dict[str, dict[str, Any]] = {
    "webhook": HOOK,
    "slack": {"name": "s", "kind": "slack", "config": {}, "secrets": {"url": "https://192.0.32.8/T/B/secret-x"}},
    "pagerduty": {"name": "p", "kind": "pagerduty", "config": {"url": "https://192.0.32.8/v2"},
                  "secrets": {"routing_key": "secret-x" * 4}},
    "alertmanager": {"name": "a", "kind": "alertmanager", "config": {"url": "http://192.0.32.8"},
                     "secrets": {"username": "me", "password": "secret-x"}},
    "email": {"name": "m", "kind": "email",
              "config": {"host": "192.0.32.8", "sender": "r@example.org",
                         "to": ["d@example.org"]},
              "secrets": {"username": "me", "password": "secret-x"}},
}  # fmt: skip


@pytest.fixture
def quiet(sqlite_engine: Engine) -> House:
    """A service without news."""
    return House(sqlite_engine)


def ask(house: House, method: str, path: str = "", body: Any = None, scope: str = "admin") -> Any:
    sent = {} if body is None else {"json": body}
    return house.client.ask(method, PATH + path, headers=house.key(scope), **sent)


def made(house: House, body: Any = HOOK) -> dict[str, Any]:
    answer = ask(house, "POST", body=body)
    assert answer.status_code == 200, answer.text
    MadeChannelOut.model_validate(answer.json())
    return dict(answer.json())


def fields(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [error["field"] for error in answer.json()["errors"]]


def held(house: House, id_: str) -> dict[str, Any]:
    with reading(house.engine) as conn:
        row = one_channel(conn, id_)
    assert row is not None
    return dict(row["secrets"])


@pytest.mark.parametrize("kind", GOOD)
def test_a_channel_of_every_kind_is_made_and_its_secret_never_shown_again(
    engine: Engine, kind: str
) -> None:
    house = House(engine)
    channel = made(house, GOOD[kind])
    secret = channel.pop("secret")
    assert (secret is not None) == (kind == "webhook")
    one = ask(house, "GET", f"/{channel['id']}")
    every = ask(house, "GET")
    assert ChannelOut.model_validate(one.json()).name == GOOD[kind]["name"]
    assert [row.id for row in ChannelsOut.model_validate(every.json()).channels] == [channel["id"]]
    assert one.json() == channel
    for answer in (one, every):
        assert (secret or "secret-x") not in answer.text
    assert (secret or "secret-x") in str(held(house, channel["id"]))


@pytest.mark.parametrize("scope", ["read", "write"])
def test_channels_are_for_admins_alone_on_loopback_too(quiet: House, scope: str) -> None:
    id_ = made(quiet)["id"]
    for method, path, body in (
        ("GET", "", None), ("GET", f"/{id_}", None), ("POST", "", HOOK),
        ("PATCH", f"/{id_}", {}), ("DELETE", f"/{id_}", None), ("POST", f"/{id_}/test", None),
        ("POST", f"/{id_}/rotate", {}),
    ):  # fmt: skip
        assert ask(quiet, method, path, body, scope).status_code == 403
    assert quiet.client.get(PATH).status_code == 401
    assert ask(quiet, "GET", f"/{id_}").status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "telegram"}, "kind"),
        ({"name": ""}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"more": 1}, "more"),
        ({"config": {}}, "config.url"),
        ({"config": {"url": "ftp://example.org"}}, "config.url"),
        ({"config": {"url": "https://me:pw@example.org"}}, "config.url"),
        ({"config": {"url": "http://127.0.0.1:1/"}}, "config.url"),
        ({"config": {"url": "http://localhost/"}}, "config.url"),
        ({"config": {"url": "http://169.254.169.254/latest"}}, "config.url"),
        ({"config": {"url": "https://192.0.32.8/", "method": "GET"}}, "config.method"),
        ({"secrets": {"secret": "weak"}}, "secrets.secret"),
        ({"kind": "slack", "config": {}}, "secrets.url"),
        ({**GOOD["slack"], "secrets": {"url": "http://[::1]/"}}, "secrets.url"),
        ({**GOOD["pagerduty"], "secrets": {"routing_key": "short"}}, "secrets.routing_key"),
        ({**GOOD["alertmanager"], "secrets": {"password": "x"}}, "secrets"),
        ({**GOOD["alertmanager"], "config": {"url": "http://192.0.32.8", "labels": {"a-b": "c"}}},
         "config.labels.a-b.[key]"),
        ({**GOOD["email"], "config": {**GOOD["email"]["config"], "host": "10.0.0.1"}},
         "config.host"),
        ({**GOOD["email"], "config": {**GOOD["email"]["config"], "to": ["d@example.org", "x"]}},
         "config.to[1]"),
        ({**GOOD["email"], "config": {**GOOD["email"]["config"], "security": "none"}}, "config"),
    ],
)  # fmt: skip
def test_what_is_not_taken_is_named(quiet: House, body: dict[str, Any], field: str) -> None:
    answer = ask(quiet, "POST", body={**HOOK, **body})
    assert fields(answer) == [field]
    with reading(quiet.engine) as conn:
        assert conn.execute(select(alert_channels)).all() == []


def test_a_private_address_is_refused_with_the_setting_that_allows_it(quiet: House) -> None:
    answer = ask(quiet, "POST", body={**HOOK, "config": {"url": "http://127.0.0.1:9/"}})
    assert fields(answer) == ["config.url"]
    (error,) = answer.json()["errors"]
    assert "RISK_ALERT_PRIVATE=true" in error["message"]
    assert "RISK_ALERT_PRIVATE=true" in answer.json()["detail"]


def test_a_private_address_is_taken_where_it_is_allowed(sqlite_engine: Engine) -> None:
    house = House(sqlite_engine, private_channels=True)
    assert made(house, {**HOOK, "config": {"url": "http://127.0.0.1:9/"}})["name"] == "desk"


def test_a_name_is_had_once_and_is_free_after_a_delete(quiet: House) -> None:
    first = made(quiet)["id"]
    assert fields(ask(quiet, "POST", body=HOOK)) == ["name"]
    other = made(quiet, {**HOOK, "name": "night"})["id"]
    assert fields(ask(quiet, "PATCH", f"/{other}", {"name": "desk"})) == ["name"]
    assert ask(quiet, "DELETE", f"/{first}").json() == {"deleted": first}
    assert ask(quiet, "GET", f"/{first}").status_code == 404
    assert ask(quiet, "DELETE", f"/{first}").status_code == 404
    assert ask(quiet, "PATCH", f"/{other}", {"name": "desk"}).json()["name"] == "desk"
    with reading(quiet.engine) as conn:
        rows = conn.execute(select(alert_channels.c.id, alert_channels.c.secrets))
        kept = {row.id: row.secrets for row in rows}
    assert kept[first] == {}
    assert kept[other] != {}


def test_a_channel_that_a_rule_sends_through_is_not_deleted(quiet: House) -> None:
    id_ = made(quiet)["id"]
    with writing(quiet.engine) as conn:
        conn.execute(insert(alert_rules).values({**RULE, "channels": [id_]}))
    answer = ask(quiet, "DELETE", f"/{id_}")
    assert fields(answer) == ["channel"]
    assert "Jumps" in answer.json()["detail"]


def test_a_change_takes_the_config_whole_and_leaves_the_secrets(quiet: House) -> None:
    channel = made(quiet)
    before = held(quiet, channel["id"])
    url = {"url": "https://192.0.32.8/elsewhere"}
    answer = ask(quiet, "PATCH", f"/{channel['id']}", {"config": url})
    assert answer.json()["config"] == url
    assert held(quiet, channel["id"]) == before
    assert fields(ask(quiet, "PATCH", f"/{channel['id']}", {"config": {}})) == ["config.url"]


def test_switched_off_nothing_is_sent_and_switched_on_it_is_again(quiet: House) -> None:
    id_ = made(quiet)["id"]
    waiting = ask(quiet, "POST", f"/{id_}/test").json()["delivery"]
    off = ask(quiet, "PATCH", f"/{id_}", {"enabled": False}).json()
    assert off["disabled_because"] == "switched off by hand"
    assert fields(ask(quiet, "POST", f"/{id_}/test")) == ["channel"]
    with reading(quiet.engine) as conn:
        state = conn.execute(select(deliveries.c.state).where(deliveries.c.id == waiting)).scalar()
    assert state == "dead"
    on = ask(quiet, "PATCH", f"/{id_}", {"enabled": True}).json()
    assert (on["disabled_at"], on["disabled_because"]) == (None, None)
    assert ask(quiet, "POST", f"/{id_}/test").status_code == 200


def test_a_rotation_shows_the_new_secret_once_and_keeps_the_old_one_a_while(quiet: House) -> None:
    channel = made(quiet, {**HOOK, "secrets": {"secret": SECRET}})
    assert channel["secret"] == SECRET
    answer = ask(quiet, "POST", f"/{channel['id']}/rotate", {"keep_hours": 2}).json()
    assert answer["secret"] not in (None, SECRET)
    assert [one["until"] is None for one in answer["secrets"]] == [True, False]
    for hours, valid in ((1, [answer["secret"], SECRET]), (3, [answer["secret"]])):
        now = NOW + timedelta(hours=hours)
        assert valid_secrets(held(quiet, channel["id"]), now) == valid
    again = ask(quiet, "POST", f"/{channel['id']}/rotate", {"secrets": {"secret": "x"}})
    assert fields(again) == ["secrets.secret"]


@pytest.mark.parametrize("sent", [{}, {"headers": {"content-type": "application/json"}}])
def test_an_empty_body_makes_a_new_secret_too(quiet: House, sent: dict[str, Any]) -> None:
    channel = made(quiet)
    headers = quiet.key("admin") | sent.get("headers", {})
    path = f"{PATH}/{channel['id']}/rotate"
    answer = quiet.client.ask("POST", path, headers=headers)
    assert answer.status_code == 200, answer.text
    secret = answer.json()["secret"]
    assert secret.startswith("whsec_") and secret != channel["secret"]
    assert valid_secrets(held(quiet, channel["id"]), NOW) == [secret, channel["secret"]]
    slack = made(quiet, GOOD["slack"])["id"]
    needs = quiet.client.ask("POST", f"{PATH}/{slack}/rotate", headers=headers)
    assert fields(needs) == ["secrets.url"]


def test_other_secrets_are_replaced_and_checked_alike(quiet: House) -> None:
    id_ = made(quiet, GOOD["slack"])["id"]
    new = {"secrets": {"url": "https://192.0.32.8/T/B/other"}}
    answer = ask(quiet, "POST", f"/{id_}/rotate", new)
    assert (answer.json()["secret"], held(quiet, id_)) == (None, new["secrets"])
    inside = {"secrets": {"url": "http://10.0.0.1/"}}
    assert fields(ask(quiet, "POST", f"/{id_}/rotate", inside)) == ["secrets.url"]
    assert held(quiet, id_) == new["secrets"]


def test_the_test_button_sends_on_the_way_that_alerts_take(engine: Engine) -> None:
    house = House(engine, private_channels=True)
    with Wire() as wire:
        url = wire.route("/hook", Reply(status=204))
        id_ = made(house, {**HOOK, "config": {"url": url}})["id"]
        delivery = ask(house, "POST", f"/{id_}/test").json()["delivery"]
        Sender(engine, house.clock, Carrier(private=True)).once()
    (asked,) = wire.asked
    assert asked.headers["webhook-id"] == delivery
    assert AlertPayload.model_validate_json(asked.body).type == "alert.test"
    told = house.get(f"/v1/alerts/deliveries/{delivery}").json()
    assert (told["state"], told["act"], told["last_status"]) == ("sent", "test", 204)
