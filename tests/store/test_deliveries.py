"""The outbox in either database: queued once, taken once, in order."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from risk_service.store import outbox
from risk_service.store.alert_channels import (
    add_channel,
    all_channels,
    change_channel,
    delete_channel,
    disable_channel,
    one_channel,
)
from risk_service.store.deliveries import (
    Asked,
    one_delivery,
    page_of_deliveries,
    queue_deliveries,
    send_again,
)
from risk_service.store.engine import reading, writing
from tests.house import check_rerunnable
from tests.notify.alerts import NOW
from tests.notify.outbox_room import alert, channel, delivery, payload_of, queue, states

MINUTE = timedelta(minutes=1)


def due(engine: Engine, now: datetime = NOW) -> list[str]:
    with reading(engine) as conn:
        return [id_ for id_, _ in outbox.due(conn, now, 100, 100)]


def take(engine: Engine, *ids: str, hold: str = "me", now: datetime = NOW) -> list[outbox.Taken]:
    with writing(engine) as conn:
        return outbox.take(conn, ids, hold, now, now + MINUTE)


def test_an_act_is_queued_once_for_each_channel(engine: Engine) -> None:
    both = [channel(engine, "http://a.example/"), channel(engine, "http://b.example/")]
    with writing(engine) as conn:
        id_ = alert(conn)

    def step() -> None:
        with writing(engine) as conn:
            queued = queue_deliveries(
                conn, [*both, both[0], "channel_unknown"], id_, "firing", payload_of(id_), NOW
            )
            assert len(set(queued)) == len(queued) == 2

    check_rerunnable(engine, step)
    with writing(engine) as conn:
        queue_deliveries(conn, both, id_, "resolved", payload_of(id_, "resolved"), NOW)
        tests = [queue_deliveries(conn, both[:1], None, "test", {}, NOW)[0] for _ in range(2)]
    assert len(states(engine)) == 2 + 2 + 2
    assert tests[0] != tests[1]


def test_of_two_that_take_at_once_one_gets_each(engine: Engine) -> None:
    to = channel(engine, "http://a.example/")
    ids = [id_ for number in range(20) for id_ in queue(engine, [to], number)]
    taken: dict[str, list[str]] = {}
    start = threading.Barrier(2)

    def run(name: str, order: list[str]) -> None:
        start.wait()
        taken[name] = [one.id for one in take(engine, *order, hold=name)]

    threads = [
        threading.Thread(target=run, args=("one", ids)),
        threading.Thread(target=run, args=("two", ids[::-1])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(taken["one"] + taken["two"]) == sorted(ids)
    assert due(engine) == []


def test_what_is_taken_is_free_again_when_its_time_is_over(engine: Engine) -> None:
    (id_,) = queue(engine, [channel(engine, "http://a.example/")])
    (first,) = take(engine, id_)
    assert due(engine, NOW + 0.9 * MINUTE) == []
    assert take(engine, id_, hold="another") == []
    assert due(engine, NOW + MINUTE) == [id_]
    (second,) = take(engine, id_, hold="another", now=NOW + MINUTE)
    assert (first.payload, first.kind) == (second.payload, "webhook")
    # The first one's failure is no news any more; its success is.
    with writing(engine) as conn:
        outbox.note_failure(conn, first, None, 500, "late")
    assert delivery(engine, id_)["state"] == "waiting"
    with writing(engine) as conn:
        outbox.note_sent(conn, first, NOW + MINUTE, 200, "")
        outbox.note_failure(conn, second, NOW + 2 * MINUTE, 500, "too late")
    assert delivery(engine, id_)["state"] == "sent"


@pytest.mark.parametrize("end", ["sent", "dead"])
def test_what_comes_later_of_an_alert_waits_for_what_comes_before(engine: Engine, end: str) -> None:
    to, other = channel(engine, "http://a.example/"), channel(engine, "http://b.example/")
    acts = ("resolved", "acknowledged", "firing")
    ids = dict(zip(acts, queue(engine, [to], 0, *acts), strict=True))
    alone = queue(engine, [other], 1, "resolved")
    assert set(due(engine)) == {ids["firing"], *alone}
    for act, following in (("firing", "acknowledged"), ("acknowledged", "resolved")):
        (taken,) = take(engine, ids[act])
        assert due(engine) == alone
        with writing(engine) as conn:
            if end == "sent":
                outbox.note_sent(conn, taken, NOW, 200, "")
            else:
                outbox.note_failure(conn, taken, None, 500, "gone")
        assert set(due(engine)) == {ids[following], *alone}


def test_a_channel_with_much_to_send_leaves_room_for_others(engine: Engine) -> None:
    full, other = channel(engine, "http://a.example/"), channel(engine, "http://b.example/")
    for number in range(10):
        queue(engine, [full], number)
    (last,) = queue(engine, [other], 10, now=NOW + MINUTE)
    with reading(engine) as conn:
        found = outbox.due(conn, NOW + MINUTE, 3, 2)
        rest = outbox.due(conn, NOW + MINUTE, 3, 2, busy=[full])
    assert [channel for _, channel in found] == [full, full, other]
    assert rest == [(last, other)]


def test_a_disabled_channel_gets_dead_deliveries_and_none_is_sent(engine: Engine) -> None:
    to, other = channel(engine, "http://a.example/"), channel(engine, "http://b.example/")
    waiting, kept = queue(engine, [to, other], 0)
    with writing(engine) as conn:
        disable_channel(conn, to, "the receiver answered 410 Gone", NOW)
    (late,) = queue(engine, [to], 1)
    assert states(engine) == {waiting: "dead", kept: "waiting", late: "dead"}
    assert "410 Gone" in str(delivery(engine, waiting)["last_error"])
    assert "410 Gone" in str(delivery(engine, late)["last_error"])
    assert due(engine) == [kept]


def test_a_deleted_channel_forgets_its_secrets_and_keeps_its_deliveries(engine: Engine) -> None:
    to = channel(engine, "http://a.example/", name="desk")
    (id_,) = queue(engine, [to])
    with writing(engine) as conn:
        delete_channel(conn, to, NOW)
        assert one_channel(conn, to) is None
        assert queue_deliveries(conn, [to], None, "test", {}, NOW) == []
        assert add_channel(conn, "desk", "slack", {}, {"url": "http://c.example/"}, NOW)
        assert [row["name"] for row in all_channels(conn)] == ["desk"]
    assert delivery(engine, id_)["state"] == "dead"
    assert due(engine) == []


def test_a_name_is_had_once(engine: Engine) -> None:
    one = channel(engine, "http://a.example/", name="desk")
    other = channel(engine, "http://b.example/", name="night")
    with writing(engine) as conn:
        assert add_channel(conn, "desk", "webhook", {}, {}, NOW) is None
        assert not change_channel(conn, other, name="desk")
        assert change_channel(conn, one, name="desk")


def test_a_dead_firing_is_sent_again_before_what_followed_it(engine: Engine) -> None:
    to = channel(engine, "http://a.example/")
    firing, resolved = queue(engine, [to], 0, "firing", "resolved")
    (taken,) = take(engine, firing)
    with writing(engine) as conn:
        outbox.note_failure(conn, taken, None, 500, "gone")
    (taken,) = take(engine, resolved)
    with writing(engine) as conn:
        outbox.note_sent(conn, taken, NOW, 200, "")
        row = one_delivery(conn, firing)
        assert row is not None
        send_again(conn, row, NOW + MINUTE)
    assert states(engine) == {firing: "waiting", resolved: "waiting"}
    assert due(engine, NOW + MINUTE) == [firing]
    assert delivery(engine, firing)["attempts"] == 0


def test_a_resolved_one_is_sent_again_alone(engine: Engine) -> None:
    to = channel(engine, "http://a.example/")
    firing, resolved = queue(engine, [to], 0, "firing", "resolved")
    for id_, dead in ((firing, False), (resolved, True)):
        (taken,) = take(engine, id_)
        with writing(engine) as conn:
            if dead:
                outbox.note_failure(conn, taken, None, 500, "gone")
            else:
                outbox.note_sent(conn, taken, NOW, 200, "")
    with writing(engine) as conn:
        row = one_delivery(conn, resolved)
        assert row is not None
        send_again(conn, row, NOW)
    assert states(engine) == {firing: "sent", resolved: "waiting"}


def test_pages_tell_every_delivery_once_newest_first(engine: Engine) -> None:
    to, other = channel(engine, "http://a.example/"), channel(engine, "http://b.example/")
    ids = [
        (now, id_)
        for number in range(7)
        for now in [NOW + (number // 3) * MINUTE]
        for id_ in queue(engine, [to, other], number, now=now)
    ]
    expected = [id_ for _, id_ in sorted(ids, key=lambda one: (-one[0].timestamp(), one[1]))]
    seen: list[str] = []
    after = None
    with reading(engine) as conn:
        while page := page_of_deliveries(conn, Asked(state="waiting"), after, 4):
            seen += [row["id"] for row in page]
            after = (page[-1]["created_at"], page[-1]["id"])
        assert seen == expected
        assert page_of_deliveries(conn, Asked(state="dead"), None, 4) == []
        assert len(page_of_deliveries(conn, Asked(channel=to), None, 99)) == 7
        one = page_of_deliveries(conn, Asked(alert=f"alert_{3:032x}"), None, 99)
    assert len(one) == 2
    assert "payload" not in one[0]
