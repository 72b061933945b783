"""The outbox step over real HTTP and SMTP: retries, order, slow receivers, two senders, kills."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from sqlalchemy import Engine
from standardwebhooks import Webhook

from risk_service.notify.schedule import WAITS, Schedule
from risk_service.sending import HOLD, Carrier, Sender, deliver
from risk_service.store import outbox
from risk_service.store.alert_channels import one_channel
from risk_service.store.deliveries import send_again
from risk_service.store.engine import reading, writing
from tests.house import MovedClock, running
from tests.notify import schemas
from tests.notify.alerts import NOW, SECRET
from tests.notify.outbox_room import channel, delivery, payload_of, queue, states
from tests.notify.post_office import PostOffice
from tests.service import comes_true
from tests.wire import Reply, Wire

INSIDE = Carrier(private=True, seconds=5)
QUICK = Schedule((timedelta(0),) + (timedelta(milliseconds=50),) * 40)


def sender(engine: Engine, clock: Any = None, **changes: Any) -> Sender:
    return Sender(engine, clock or MovedClock(NOW), **{"carrier": INSIDE, **changes})


def utc_now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire() as wire:
        yield wire


def ids_at(wire: Wire, path: str) -> list[str]:
    return [asked.headers["webhook-id"] for asked in wire.asked_for(path)]


def test_every_kind_of_channel_gets_what_it_publishes_over_the_wire(
    engine: Engine, wire: Wire
) -> None:
    for path, status in (("/hook", 200), ("/slack", 200), ("/pd", 202), ("/am/api/v2/alerts", 200)):
        wire.route(path, Reply(status=status))
    with PostOffice() as office:
        to = [
            channel(engine, wire.url + "/hook"),
            channel(engine, "s", "slack", config={}, secrets={"url": wire.url + "/slack"}),
            channel(engine, wire.url + "/pd", "pagerduty", secrets={"routing_key": "R" * 32}),
            channel(engine, wire.url + "/am", "alertmanager"),
            channel(engine, "mail", "email", config={
                "host": "127.0.0.1", "port": office.port, "security": "none",
                "sender": "risk@example.org", "to": ["desk@example.org"]}),
        ]  # fmt: skip
        now = utc_now()
        queue(engine, to, 0, "firing", "acknowledged", "resolved", now=now)
        sender(engine, lambda: now).once()
    assert set(states(engine).values()) == {"sent"}
    for path, schema in (
        ("/slack", schemas.SLACK), ("/pd", schemas.PAGERDUTY),
        ("/am/api/v2/alerts", schemas.ALERTMANAGER),
    ):  # fmt: skip
        bodies = [orjson.loads(asked.body) for asked in wire.asked_for(path)]
        assert len(bodies) == 3
        for body in bodies:
            Draft202012Validator(schema, format_checker=FormatChecker()).validate(body)
    for asked, act in zip(
        wire.asked_for("/hook"), ("firing", "acknowledged", "resolved"), strict=True
    ):
        told = Webhook(SECRET).verify(asked.body, asked.headers)
        assert told == payload_of(f"alert_{0:032x}", act)
        assert len(asked.body) < 20_000
    actions = [orjson.loads(asked.body)["event_action"] for asked in wire.asked_for("/pd")]
    assert actions == ["trigger", "acknowledge", "resolve"]
    assert [mail["Subject"].split()[0] for mail in office.mails] == [
        "[Firing", "[Acknowledged", "[Resolved",
    ]  # fmt: skip


def test_a_failed_one_is_tried_again_by_the_schedule_under_its_id_until_it_is_dead(
    engine: Engine, wire: Wire
) -> None:
    to = channel(engine, wire.route("/a", Reply(status=500)))
    (id_,) = queue(engine, [to])
    clock = MovedClock(NOW)
    sending = sender(engine, clock)
    for attempts, wait in enumerate(WAITS):
        before = delivery(engine, id_)["next_at"]
        assert wait <= before - clock() <= 1.2 * wait
        clock.now = before - timedelta(seconds=1)
        sending.once()
        assert len(wire.asked) == attempts
        clock.now = before
        sending.once()
        assert len(wire.asked) == attempts + 1
        assert delivery(engine, id_)["attempts"] == attempts + 1
    row = delivery(engine, id_)
    assert (row["state"], row["last_status"]) == ("dead", 500)
    assert row["last_error"] == "given up after 10 attempts: answered with status 500"
    assert set(ids_at(wire, "/a")) == {id_}
    assert len({asked.headers["webhook-timestamp"] for asked in wire.asked}) == len(WAITS)
    wire.route("/a", Reply(status=204))
    with writing(engine) as conn:
        send_again(conn, row, clock())
    sending.once()
    assert delivery(engine, id_)["state"] == "sent"
    assert ids_at(wire, "/a")[-1] == id_


def test_gone_disables_the_channel_and_all_that_waits_for_it(engine: Engine, wire: Wire) -> None:
    gone = channel(engine, wire.route("/gone", Reply(status=410)))
    good = channel(engine, wire.route("/good", Reply()))
    first, kept = queue(engine, [gone, good], 0)
    (second,) = queue(engine, [gone], 1, "resolved", now=NOW + timedelta(hours=1))
    sender(engine).once()
    assert states(engine) == {first: "dead", second: "dead", kept: "sent"}
    with reading(engine) as conn:
        row = one_channel(conn, gone)
    assert row is not None
    assert (row["disabled_at"], row["disabled_because"]) == (NOW, "the receiver answered 410 Gone")
    assert len(wire.asked_for("/gone")) == 1


def test_a_redirect_is_a_failure(sqlite_engine: Engine, wire: Wire) -> None:
    url = wire.route("/a", Reply(status=301, headers={"Location": wire.url + "/b"}))
    wire.route("/b", Reply())
    (id_,) = queue(sqlite_engine, [channel(sqlite_engine, url)])
    sender(sqlite_engine).once()
    row = delivery(sqlite_engine, id_)
    assert (row["state"], row["last_status"]) == ("waiting", 301)
    assert "redirects are not followed" in row["last_error"]
    assert wire.asked_for("/b") == []


@pytest.mark.parametrize(
    ("status", "headers", "least"),
    [(503, {"Retry-After": "600"}, 600), (429, {"Retry-After": "600"}, 600), (429, {}, 30),
     (502, {}, 30), (504, {}, 30)],
)  # fmt: skip
def test_a_receiver_under_load_is_left_alone_with_all_that_waits_for_it(
    sqlite_engine: Engine, wire: Wire, status: int, headers: dict[str, str], least: int
) -> None:
    to = channel(sqlite_engine, wire.route("/a", Reply(status=status, headers=headers)))
    (first,) = queue(sqlite_engine, [to], 0)
    (later,) = queue(sqlite_engine, [to], 1, now=NOW + timedelta(seconds=1))
    sender(sqlite_engine).once()
    assert delivery(sqlite_engine, first)["next_at"] >= NOW + timedelta(seconds=least)
    assert delivery(sqlite_engine, later)["next_at"] == NOW + timedelta(seconds=least)
    assert delivery(sqlite_engine, later)["attempts"] == 0


def test_a_slow_receiver_holds_up_no_other(engine: Engine, wire: Wire) -> None:
    slow = channel(engine, wire.route("/slow", Reply(delay=1.5)))
    good = channel(engine, wire.route("/good", Reply()))
    for number in range(8):
        queue(engine, [slow], number)
    for number in range(8, 20):
        queue(engine, [good], number)
    with running(sender(engine, carrier=Carrier(True, 1.0))):
        started = time.monotonic()
        assert comes_true(lambda: len(wire.asked_for("/good")) == 12, 5)
        assert time.monotonic() - started < 1.2
    assert len(wire.asked_for("/slow")) <= 4


def test_two_senders_at_once_send_each_once(engine: Engine, wire: Wire) -> None:
    paths = [f"/{n}" for n in range(5)]
    to = [channel(engine, wire.route(path, Reply(delay=0.01))) for path in paths]
    queued = [id_ for number in range(8) for id_ in queue(engine, to, number)]
    with running(sender(engine), sender(engine)):
        assert comes_true(lambda: set(states(engine).values()) == {"sent"})
    assert Counter(id_ for path in paths for id_ in ids_at(wire, path)) == Counter(queued)


def test_all_arrives_in_order_at_a_receiver_that_fails_half_the_time(
    engine: Engine, wire: Wire
) -> None:
    answers = [Reply(status=500) if n % 2 else Reply() for n in range(200)]
    to = channel(engine, wire.route("/a", *answers))
    alerts = [queue(engine, [to], number, "firing", "resolved") for number in range(6)]
    with running(sender(engine, utc_now, schedule=QUICK), sender(engine, utc_now, schedule=QUICK)):
        assert comes_true(lambda: set(states(engine).values()) == {"sent"})
    came = ids_at(wire, "/a")
    assert set(came) == {id_ for pair in alerts for id_ in pair}
    for firing, resolved in alerts:
        last_firing = max(n for n, id_ in enumerate(came) if id_ == firing)
        assert last_firing < came.index(resolved)


def test_who_dies_before_noting_leaves_it_to_be_sent_again_under_its_id(
    engine: Engine, wire: Wire
) -> None:
    to = channel(engine, wire.route("/a", Reply()))
    (id_,) = queue(engine, [to])
    clock = MovedClock(NOW)
    with writing(engine) as conn:
        (taken,) = outbox.take(conn, [id_], "who dies", NOW, NOW + HOLD)
    assert deliver(taken, INSIDE, NOW).outcome == "sent"
    clock.now = NOW + HOLD - timedelta(seconds=1)
    sender(engine, clock).once()
    assert len(wire.asked) == 1
    clock.now = NOW + HOLD
    sender(engine, clock).once()
    assert ids_at(wire, "/a") == [id_, id_]
    assert states(engine) == {id_: "sent"}


def test_nothing_is_sent_inside_unless_allowed(engine: Engine, wire: Wire) -> None:
    to = channel(engine, wire.route("/a", Reply()))
    (id_,) = queue(engine, [to])
    sender(engine, carrier=Carrier()).once()
    row = delivery(engine, id_)
    assert (row["state"], wire.asked) == ("waiting", [])
    assert "not on the open internet" in row["last_error"]


def test_a_name_that_later_leads_inside_is_refused_then(sqlite_engine: Engine, wire: Wire) -> None:
    wire.route("/a", Reply())
    to = channel(sqlite_engine, f"http://desk.example:{wire.port}/a")
    (id_,) = queue(sqlite_engine, [to])
    rebound = Carrier(False, 5, lambda host, port: ["127.0.0.1"])
    sender(sqlite_engine, carrier=rebound).once()
    assert "desk.example leads to 127.0.0.1" in delivery(sqlite_engine, id_)["last_error"]
    assert wire.asked == []


def test_what_cannot_be_written_is_dead_and_does_not_stop_the_others(
    sqlite_engine: Engine, wire: Wire
) -> None:
    to = channel(sqlite_engine, wire.route("/a", Reply()))
    bad, good = queue(sqlite_engine, [to], 0)[0], queue(sqlite_engine, [to], 1)[0]
    with writing(sqlite_engine) as conn:
        conn.execute(
            outbox.deliveries.update()
            .where(outbox.deliveries.c.id == bad)
            .values(payload={"data": {"headline": "x" * 30_000}})
        )
    sender(sqlite_engine).once()
    assert states(sqlite_engine) == {bad: "dead", good: "sent"}


def test_a_fault_of_ours_loses_nothing(sqlite_engine: Engine, wire: Wire) -> None:
    to = channel(
        sqlite_engine, wire.route("/a", Reply()), "slack", config={}, secrets={"wrong": "x"}
    )
    (id_,) = queue(sqlite_engine, [to])
    sender(sqlite_engine).once()
    row = delivery(sqlite_engine, id_)
    assert (row["state"], row["last_error"]) == ("waiting", "the service failed: KeyError")
    assert row["next_at"] > NOW
