"""``/v1/stream`` over real sockets: nothing missed, nothing twice, nobody held up by the slow."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import Engine, insert, update

from risk_service.api.schemas.stream import IndexTold, ResetTold, StoryTold
from risk_service.core.events import Event
from risk_service.store.alert_tables import alert_rules, alerts
from risk_service.store.engine import reading, writing
from risk_service.store.stream import (
    Entry,
    append,
    forget_before,
    last_id,
    take_ids,
    tell_alerts,
    told_after,
)
from tests.api.house import NOW, news, serving
from tests.service import comes_true
from tests.streams import ALERT, RULE, Streaming, reading_stream, story, streaming

EXPEL = "Moscow expels twelve American diplomats over {}"


@pytest.fixture
def house(engine: Engine) -> Streaming:
    house = Streaming(engine)
    house.keep(news(5))
    return house


@pytest.fixture
def small_house(sqlite_engine: Engine) -> Streaming:
    house = Streaming(sqlite_engine)
    house.keep(news(5))
    return house


def told_ids(house: Streaming) -> list[int]:
    with reading(house.engine) as conn:
        return [one.id for one in told_after(conn, 0, 100_000)]


def test_a_posted_event_is_told_as_story_and_as_index(house: Streaming) -> None:
    with streaming(house) as url, reading_stream(url) as reader:
        first = reader.waits_for(1, "index")[0]
        assert first.data["risk_index"] == house.get("/v1/index").json()["risk_index"]
        at = NOW - timedelta(minutes=5)
        house.keep([Event(at, EXPEL.format("visas"), "Test Wire", url="https://news.example/1")])
        now = house.get("/v1/index").json()
        assert now["versions"] != first.data["versions"]
        told = reader.waits_until(lambda one: one.data.get("versions") == now["versions"])
        for name in ("risk_index", "interval", "change", "state", "evaluated_at"):
            assert told.data[name] == now[name]
        new = [one for one in reader.of("story") if one.data["why"] == "new"]
        assert [one.data["text"] for one in new] == [EXPEL.format("visas")]
        event = house.get("/v1/events").json()["events"][0]
        assert new[0].data["story_id"] == event["relevance"]["story_id"]
        assert new[0].data["direction"] == event["score"]["direction"] == "escalation"
        assert new[0].data["severity"] == round(event["score"]["severity"], 2)
        weighed = [one.data for one in reader.of("story") if one.data["why"] == "weight"]
        added = {story["story_id"]: story["contribution"] for story in now["drivers"]}
        one = next(o for o in weighed[::-1] if o["story_id"] == new[0].data["story_id"])
        assert one["contribution"] == added[one["story_id"]]


def test_kinds_and_dyad_are_chosen(small_house: Streaming) -> None:
    with streaming(small_house) as url, reading_stream(url, "?kinds=alert") as reader:
        small_house.tell(story(1), story(2, "USA-CHN"), Entry("alert", "USA-RUS", "a", {"id": "a"}))
        assert [one.kind for one in reader.waits_for(1)] == ["alert"]
        for query in ("?kinds=index,storm", "?kinds=", "?kind=index", "?last_event_id=-1"):
            refused = httpx.get(f"{url}/v1/stream{query}")
            assert refused.status_code == 422, query
        assert "'storm'" in httpx.get(f"{url}/v1/stream?kinds=index,storm").json()["detail"]
        assert httpx.get(f"{url}/v1/stream?dyad=USA-CHN").status_code == 404


def test_who_comes_back_misses_nothing_and_hears_nothing_twice(house: Streaming) -> None:
    """Four writers whose transactions overlap and partly fail, and a reader who comes and goes."""
    done = threading.Event()

    def write(writer: int) -> None:
        for n in range(40):
            try:
                with writing(house.engine) as conn:
                    append(conn, [story(1_000 * writer + n)] * (1 + n % 3), NOW)
                    time.sleep(0.002)
                    if n % 5 == 0:
                        raise ZeroDivisionError
            except ZeroDivisionError:
                continue

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    with reading(house.engine) as conn:
        start = last_id(conn)
    got: list[int] = []
    with streaming(house) as url:
        for thread in threads:
            thread.start()
        after = start
        while not done.is_set() or after < max(told_ids(house)):
            with reading_stream(url, "?kinds=story,index", after) as reader:
                comes_true(lambda: len(reader.got) >= 25, 0.5)
            reader.ended.wait(2)
            got += reader.ids
            after = got[-1] if got else start
            if not any(thread.is_alive() for thread in threads):
                done.set()
    written = [id_ for id_ in told_ids(house) if id_ > start]
    assert len(written) >= 4 * 32
    assert written == list(range(start + 1, start + 1 + len(written)))
    assert got == written


def test_a_later_writer_waits_so_that_no_id_is_overtaken(engine: Engine) -> None:
    """The first takes its id and dawdles; the second must not become visible before it."""
    seen: list[list[int]] = []
    taken, release = threading.Event(), threading.Event()

    def dawdle() -> None:
        with writing(engine) as conn:
            append(conn, [story(1)], NOW)
            taken.set()
            release.wait(5)

    def hurry() -> None:
        taken.wait(5)
        with writing(engine) as conn:
            append(conn, [story(2)], NOW)

    threads = [threading.Thread(target=do) for do in (dawdle, hurry)]
    for thread in threads:
        thread.start()
    taken.wait(5)
    time.sleep(0.2)
    with reading(engine) as conn:
        seen.append([one.id for one in told_after(conn, 0, 10)])
    release.set()
    for thread in threads:
        thread.join(5)
    with reading(engine) as conn:
        seen.append([one.id for one in told_after(conn, 0, 10)])
    assert seen == [[], [1, 2]]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_replicas_tell_the_index_once_under_the_same_ids(engine: Engine) -> None:
    one, two = Streaming(engine), Streaming(engine)
    one.keep(news(3))
    two.snapshots.refresh()
    with streaming(one) as first, streaming(two) as second:
        assert comes_true(lambda: bool(told_ids(one)))
        with reading_stream(first, "", 0) as a, reading_stream(second, "", 0) as b:
            one.keep([Event(NOW - timedelta(minutes=1), EXPEL.format("spies"), "Test Wire")])
            two.snapshots.refresh()
            a.waits_for(2, "index")
            assert comes_true(lambda: a.got == b.got and a.ids == told_ids(one))
            assert len(a.of("index")) == 2


def test_what_is_not_kept_any_more_is_said_and_the_present_told(small_house: Streaming) -> None:
    with streaming(small_house) as url:
        small_house.teller.look()
        small_house.tell(*(story(n) for n in range(20)))
        with writing(small_house.engine) as conn:
            forget_before(conn, NOW + timedelta(seconds=1))
            take_ids(conn, 0)
            last = last_id(conn)
        small_house.tell(story(21))
        assert comes_true(lambda: small_house.told.last == last + 1)
        for since in (0, last - 1, last + 99, "what?"):
            with reading_stream(url, "?kinds=index", since) as reader:
                reset = reader.waits_for(2)[0]
                assert (reset.kind, reset.id, reset.data["now"]) == ("reset", last + 1, last + 1)
                assert reader.got[1].kind == "index"
        with reading_stream(url, "?kinds=story", last) as reader:
            assert reader.waits_for(1)[0].data["number"] == 21
        with reading_stream(url, f"?kinds=story&last_event_id={last}") as reader:
            assert reader.waits_for(1)[0].data["number"] == 21


def test_who_comes_from_a_replica_that_is_ahead_is_not_sent_back(sqlite_engine: Engine) -> None:
    """This replica has not looked since; the reader has an id that is newer than its last."""
    late = Streaming(sqlite_engine)
    late.told.look()
    late.tell(story(1), story(2))
    with serving(late.app) as url, reading_stream(url, "?kinds=story", 1) as reader:
        assert [one.data["number"] for one in reader.waits_for(1)] == [2]
        late.told.close()


def test_alerts_are_told_as_they_start_are_seen_and_end(small_house: Streaming) -> None:
    turns = [
        {"acknowledged_at": NOW, "acknowledged_by": "desk"},
        {"state": "resolved", "resolved_at": NOW},
    ]
    with streaming(small_house) as url, reading_stream(url, "?kinds=alert") as reader:
        with writing(small_house.engine) as conn:
            conn.execute(insert(alert_rules).values(**RULE))
            conn.execute(insert(alerts).values(**ALERT))
            tell_alerts(conn, ["alert_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"], NOW)
        with reading_stream(url, "?kinds=alert") as later:
            assert later.waits_for(1)[0].data["state"] == "firing"
        for turn in turns:
            with writing(small_house.engine) as conn:
                conn.execute(update(alerts).values(**turn))
                tell_alerts(conn, ["alert_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"], NOW)
        with writing(small_house.engine) as conn:
            tell_alerts(conn, ["alert_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"], NOW)
        small_house.tell(Entry("alert", "USA-RUS", "end", {"id": "end"}))
        told = [one.data for one in reader.waits_for(4)]
        assert [one["id"] for one in told] == ["alert_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] * 3 + [
            "end"
        ]
        assert [(one["state"], one["acknowledged_by"]) for one in told[:3]] == [
            ("firing", None), ("firing", "desk"), ("resolved", "desk"),
        ]  # fmt: skip
        assert (told[0]["headline"], told[0]["rule"]) == ("Risk 55 to 71", "A jump")


def test_what_is_told_fits_its_schema(small_house: Streaming) -> None:
    told = {"index": IndexTold, "story": StoryTold, "reset": ResetTold}
    with streaming(small_house) as url, reading_stream(url, "", "?") as reader:
        reader.waits_for(2, "story")
        assert {one.kind for one in reader.got} == set(told)
        for one in reader.got:
            told[one.kind].model_validate(one.data)
