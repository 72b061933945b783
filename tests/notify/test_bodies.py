"""What Slack, PagerDuty and Alertmanager get, against what they publish."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from risk_service.notify.contract import Post, Reply
from risk_service.notify.kinds import KINDS
from risk_service.notify.sample import payload_of_test
from risk_service.notify.slack import escaped
from tests.notify import schemas
from tests.notify.alerts import ALERT, MESSAGE, NOW, parcel, payload, story

KEY = "R" * 32
CHANNELS: dict[str, dict[str, Any]] = {
    "slack": {"secrets": {"url": "https://hooks.example.org/services/T/B/X"}},
    "pagerduty": {
        "config": {"url": "https://events.pagerduty.com/v2/enqueue"},
        "secrets": {"routing_key": KEY},
    },
    "alertmanager": {"config": {"url": "http://am.example.org/", "labels": {"team": "desk"}}},
}
SCHEMAS = {
    "slack": schemas.SLACK, "pagerduty": schemas.PAGERDUTY, "alertmanager": schemas.ALERTMANAGER,
}  # fmt: skip
EMPTY: dict[str, Any] = {
    "alert": {}, "rule": None, "change": {}, "interval": None, "stories": None, "sectors": [],
    "links": {}, "versions": None, "dyad": None, "headline": "",
}  # fmt: skip
HUGE: dict[str, Any] = {
    "headline": "Risk up " * 500,
    "stories": [story(n, text="<&>" * 2_000, url="https://x.example/" + "a" * 3_900,
                      words=[["w" * 500, 1.0]] * 40) for n in range(9)],
    "sectors": [{"sector": f"s{n}" * 40, "return": 0.1} for n in range(60)],
    "links": {"alert": "https://x.example/" + "a" * 4_000, "chart": "https://x.example/c"},
}  # fmt: skip


def written(kind: str, act: str = "firing", **data: Any) -> Post:
    request = KINDS[kind].write(parcel(kind, act, **CHANNELS[kind], **data), NOW)
    assert isinstance(request, Post)
    return request


def check(kind: str, post: Post) -> Any:
    body = orjson.loads(post.body)
    Draft202012Validator(SCHEMAS[kind], format_checker=FormatChecker()).validate(body)
    return body


@pytest.mark.parametrize("kind", SCHEMAS)
@pytest.mark.parametrize("act", ["firing", "acknowledged", "resolved", "test"])
@pytest.mark.parametrize("data", [{}, EMPTY, HUGE, payload_of_test(NOW, "x")["data"]])
def test_every_act_is_what_the_receiver_publishes(kind: str, act: str, data: Any) -> None:
    check(kind, written(kind, act, **data))


def test_the_schemas_can_refuse() -> None:
    validator = {kind: Draft202012Validator(schema) for kind, schema in SCHEMAS.items()}
    block = {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}
    assert not validator["slack"].is_valid({"text": "x", "blocks": [block]})
    assert not validator["pagerduty"].is_valid({"routing_key": KEY, "event_action": "resolve"})
    assert not validator["alertmanager"].is_valid([{"labels": {"a": 1}}])


def test_pagerduty_knows_all_acts_by_one_key() -> None:
    bodies = {
        act: check("pagerduty", written("pagerduty", act))
        for act in ("firing", "acknowledged", "resolved", "test")
    }
    assert {act: body["event_action"] for act, body in bodies.items()} == {
        "firing": "trigger", "acknowledged": "acknowledge", "resolved": "resolve",
        "test": "trigger",
    }  # fmt: skip
    keys = {act: body["dedup_key"] for act, body in bodies.items()}
    assert {keys.pop("test")} == {MESSAGE}
    assert set(keys.values()) == {ALERT}
    assert bodies["firing"]["payload"]["severity"] == "critical"
    assert bodies["firing"]["payload"]["summary"] == payload()["data"]["headline"]
    # Paths alone lead nowhere from PagerDuty's page.
    assert [link["text"] for link in bodies["firing"]["links"]] == ["Chart", "Alert"]


@pytest.mark.parametrize("kind", ["pagerduty", "slack"])
def test_people_are_led_to_the_page_where_it_is_known(kind: str) -> None:
    page, rule = "https://risk.example/#alerts/alert_1", "https://risk.example/#alerts/rule_1"
    api = {"alert": "https://risk.example/v1/alerts/alert_1", "rule": "/v1/alerts/rules/rule_1"}
    body = check(kind, written(kind, links={**api, "page": page, "rule_page": rule}))
    if kind == "pagerduty":
        assert body["client_url"] == page
        assert [link["href"] for link in body["links"]] == [page, rule]
    else:
        assert [one["url"] for one in body["blocks"][-1]["elements"]] == [page, rule]
    old = check("pagerduty", written("pagerduty", links=api))
    assert old["client_url"] == api["alert"]


def test_alertmanager_knows_all_acts_by_the_same_labels() -> None:
    found = {
        act: check("alertmanager", written("alertmanager", act))[0]
        for act in ("firing", "acknowledged", "resolved")
    }
    labels = [one["labels"] for one in found.values()]
    assert labels[0] == labels[1] == labels[2]
    assert labels[0]["alertname"] == "Jumps <a day>"
    assert labels[0]["team"] == "desk"
    assert {one["startsAt"] for one in found.values()} == {"2026-03-01T12:00:00+00:00"}
    assert found["resolved"]["endsAt"] == "2026-03-02T06:00:00+00:00"
    # A firing one must outlast Alertmanager's own resolve_timeout, for it is told once.
    assert datetime.fromisoformat(found["firing"]["endsAt"]) - NOW == timedelta(days=7)
    assert written("alertmanager").url == "http://am.example.org/api/v2/alerts"


@pytest.mark.parametrize(
    ("secrets", "header"),
    [
        ({"token": "abc"}, "Bearer abc"),
        # From RFC 7617, section 2.
        ({"username": "Aladdin", "password": "open sesame"},
         "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
    ],
)  # fmt: skip
def test_alertmanager_is_logged_in_to(secrets: dict[str, str], header: str) -> None:
    found = parcel("alertmanager", config={"url": "https://am.example.org"}, secrets=secrets)
    request = KINDS["alertmanager"].write(found, NOW)
    assert isinstance(request, Post)
    assert request.headers["authorization"] == header


def test_slack_sees_no_mention_or_link_of_others() -> None:
    text = "<!channel> <https://evil.example|click> & more"
    blocks = written("slack", headline=text, stories=[story(1, text=text, url="javascript:x")])
    mrkdwn = [
        element["text"]
        for block in check("slack", blocks)["blocks"]
        for element in [block.get("text", {}), *block.get("fields", []), *block.get("elements", [])]
        if element.get("type") == "mrkdwn"
    ]
    assert any(escaped(text) in one for one in mrkdwn)
    assert not any("<!" in one or "<https://evil" in one or "javascript" in one for one in mrkdwn)


@pytest.mark.parametrize(
    ("kind", "status", "outcome"),
    [
        ("webhook", 200, "sent"), ("webhook", 204, "sent"), ("webhook", 301, "again"),
        ("webhook", 400, "again"), ("webhook", 404, "again"), ("webhook", 410, "disable"),
        ("webhook", 429, "again"), ("webhook", 503, "again"), ("slack", 200, "sent"),
        ("slack", 400, "dead"), ("slack", 403, "again"), ("slack", 410, "disable"),
        ("pagerduty", 202, "sent"), ("pagerduty", 400, "dead"), ("pagerduty", 429, "again"),
        ("pagerduty", 500, "again"), ("alertmanager", 200, "sent"), ("alertmanager", 400, "dead"),
        ("alertmanager", 500, "again"), ("email", 250, "sent"), ("email", 421, "again"),
        ("email", 550, "dead"), ("email", 535, "again"),
    ],
)  # fmt: skip
def test_what_a_status_means(kind: str, status: int, outcome: str) -> None:
    assert KINDS[kind].read(Reply(status)).outcome == outcome


def test_a_receivers_words_are_kept_only_where_they_are_a_code() -> None:
    read = KINDS["slack"].read
    assert read(Reply(400, body=b"invalid_payload\n")).reason.endswith(": invalid_payload")
    assert "T000" not in read(Reply(404, body=b"no /services/T000/B000/secret here")).reason
