import random
import threading
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, func, select

from risk_service.core.events import Event
from risk_service.store import events as store
from risk_service.store.engine import reading, writing
from risk_service.store.events import Saved, save_events
from risk_service.store.tables import events, relevances, scores

NOW = datetime(2025, 9, 1, 12, tzinfo=UTC)
DYAD = "USA-RUS"


def report(number: int, **changes: object) -> Event:
    fields: dict[str, object] = {
        "published_at": NOW - timedelta(minutes=number),
        "text": f"Report {number}",
        "source": "Wire",
        **changes,
    }
    return Event(**fields)  # type: ignore[arg-type]


def keep(engine: Engine, *batch: Event) -> list[Saved]:
    with writing(engine) as conn:
        return save_events(conn, batch, "test", NOW)


def kept(engine: Engine) -> int:
    with reading(engine) as conn:
        assert store.count_events(conn) == conn.scalar(select(func.count()).select_from(events))
        return store.count_events(conn)


def place(engine: Engine, saved: Saved, at: datetime, weight: float = 1.0) -> None:
    with writing(engine) as conn:
        store.save_relevances(
            conn,
            [
                {
                    "event_id": saved.id, "dyad": DYAD, "published_at": at, "directness": "dyad",
                    "relevance": weight, "theme": "military", "story_id": saved.id,
                    "story_seed": saved.id,
                }
            ],
        )  # fmt: skip


def score(engine: Engine, saved: Saved, p_escalation: float, scored_at: datetime = NOW) -> None:
    row = {
        "event_id": saved.id, "model_version": "m", "p_thaw": 0.0, "p_escalation": p_escalation,
        "p_neutral": 1 - p_escalation, "severity": 1.0, "act": 0.0, "basis": "text",
        "contributions": [], "scored_at": scored_at,
    }  # fmt: skip
    with writing(engine) as conn:
        store.save_scores(conn, [row])


def test_an_event_is_kept_once_however_often_it_comes(engine: Engine) -> None:
    (first,) = keep(engine, report(1))
    (again,) = keep(engine, report(1))
    assert (first.new, again.new) == (True, False)
    assert (first.id, first.key) == (again.id, again.key)
    assert kept(engine) == 1


def test_answers_stand_in_the_order_of_the_batch(engine: Engine) -> None:
    keep(engine, report(2))
    batch = [report(3), report(2), report(1), report(3), report(1), report(3)]
    saved = keep(engine, *batch)
    assert [one.key for one in saved] == [event.key for event in batch]
    assert [one.new for one in saved] == [True, False, True, False, False, False]
    assert saved[0].id == saved[3].id == saved[5].id
    assert len({one.id for one in saved}) == kept(engine) == 3


def test_of_two_versions_of_one_report_the_first_stays(engine: Engine) -> None:
    one = report(1, external_id="a", text="As first told")
    two = report(1, external_id="a", text="As told later")
    assert [saved.new for saved in keep(engine, one, two)] == [True, False]
    keep(engine, two)
    with reading(engine) as conn:
        assert conn.execute(select(events.c.text)).scalars().all() == ["As first told"]


def test_batches_larger_than_a_chunk_are_kept_whole(engine: Engine) -> None:
    batch = [report(n % 2_100) for n in range(2_500)]
    saved = keep(engine, *batch)
    assert [one.key for one in saved] == [event.key for event in batch]
    assert sum(one.new for one in saved) == kept(engine) == 2_100


def test_nothing_to_keep_is_fine(engine: Engine) -> None:
    assert keep(engine) == []


def test_ids_follow_publication_within_a_batch(engine: Engine) -> None:
    saved = keep(engine, report(1), report(3), report(2))
    assert saved[1].id < saved[2].id < saved[0].id


def test_writers_at_once_keep_each_event_once_and_each_is_new_to_one(engine: Engine) -> None:
    """Each writer brings the same reports in an order of its own."""
    writers, reports = 6, [report(n) for n in range(60)]
    start, told, failed = threading.Barrier(writers), [], []

    def write(seed: int) -> None:
        own = reports.copy()
        random.Random(seed).shuffle(own)
        start.wait()
        try:
            for part in (own[:40], own[40:]):
                told.extend(keep(engine, *part))
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert kept(engine) == len(reports)
    assert sorted(one.key for one in told if one.new) == sorted(one.key for one in reports)
    assert len({(one.key, one.id) for one in told}) == len(reports)


def test_a_batch_that_fails_leaves_nothing(engine: Engine) -> None:
    try:
        with writing(engine) as conn:
            save_events(conn, [report(1)], "test", NOW)
            raise RuntimeError("power cut")
    except RuntimeError:
        pass
    assert kept(engine) == 0


def test_events_wait_until_they_are_assessed(engine: Engine) -> None:
    saved = keep(engine, report(3), report(2), report(1))
    with writing(engine) as conn:
        assert store.anything_waiting(conn)
        waiting = store.waiting_events(conn, 2)
        assert waiting == [(saved[0].id, report(3), "test"), (saved[1].id, report(2), "test")]
        store.mark_assessed(conn, [(saved[0].id, "en"), (saved[1].id, None)], "USA-RUS@1")
        assert store.waiting_events(conn, 5) == [(saved[2].id, report(1), "test")]
        store.mark_assessed(conn, [(saved[2].id, "ru")], "USA-RUS@1")
        store.mark_assessed(conn, [], "USA-RUS@1")
        assert not store.anything_waiting(conn)
        languages = conn.execute(select(events.c.language).order_by(events.c.id)).scalars().all()
    assert languages == ["en", None, "ru"]


def test_an_event_comes_back_as_it_went_in(engine: Engine) -> None:
    whole = report(
        1, url="https://news.example/1", language="uk", occurred_on=(NOW - timedelta(1)).date(),
        actor="USA", recipient="RUS", event_code="057", goldstein=-0.0, quad_class=1,
        external_id="x", text="Переговори 🕊 тривають",
    )  # fmt: skip
    keep(engine, whole)
    with reading(engine) as conn:
        assert [event for _, event, _ in store.waiting_events(conn, 5)] == [whole]


def test_scored_events_of_a_span_leave_its_end_out(engine: Engine) -> None:
    saved = keep(engine, report(30), report(20), report(10))
    for one, minutes in zip(saved, (30, 20, 10), strict=True):
        place(engine, one, NOW - timedelta(minutes=minutes))
        score(engine, one, 0.5, NOW + timedelta(minutes=minutes))
    since, until = NOW - timedelta(minutes=30), NOW - timedelta(minutes=10)
    with reading(engine) as conn:
        found = store.scored_events(conn, DYAD, "m", since, until)
        early = store.scored_events(conn, DYAD, "m", since, NOW, NOW + timedelta(minutes=20))
        other = store.scored_events(conn, DYAD, "n", since, until)
    assert list(found["event_id"]) == [saved[0].id, saved[1].id]
    assert str(found["published_at"].dt.tz) == "UTC"
    assert list(early["event_id"]) == [saved[1].id, saved[2].id]
    assert other.empty
    assert list(other.columns) == list(found.columns)


def test_a_score_and_a_place_stay_as_they_were_first(engine: Engine) -> None:
    (saved,) = keep(engine, report(1))
    for weight, p in ((1.0, 0.9), (0.5, 0.1)):
        place(engine, saved, NOW, weight)
        score(engine, saved, p)
    with reading(engine) as conn:
        assert conn.execute(select(relevances.c.relevance)).scalars().all() == [1.0]
        assert conn.execute(select(scores.c.p_escalation)).scalars().all() == [0.9]


def test_what_a_new_model_has_not_scored_yet(engine: Engine) -> None:
    saved = keep(engine, report(3), report(2), report(1))
    for one in saved[:2]:
        place(engine, one, NOW)
    score(engine, saved[0], 0.5)
    with reading(engine) as conn:
        assert store.unscored_events(conn, "m", 0, 10) == [(saved[1].id, report(2))]
        assert [id_ for id_, _ in store.unscored_events(conn, "n", 0, 10)] == [
            saved[0].id, saved[1].id,
        ]  # fmt: skip
        assert [id_ for id_, _ in store.unscored_events(conn, "n", saved[0].id, 10)] == [
            saved[1].id
        ]


def test_the_oldest_relevant_event(engine: Engine) -> None:
    old, new = keep(engine, report(60), report(10))
    place(engine, old, NOW - timedelta(minutes=60))
    place(engine, new, NOW - timedelta(minutes=10))
    with reading(engine) as conn:
        assert store.oldest_relevant(conn, DYAD) == NOW - timedelta(minutes=60)
        assert store.oldest_relevant(conn, "USA-CHN") is None


def test_events_wait_in_order_of_publication(engine: Engine) -> None:
    (new,) = keep(engine, report(1))
    (old,) = keep(engine, report(9))
    with reading(engine) as conn:
        assert [id_ for id_, _, _ in store.waiting_events(conn, 5)] == [old.id, new.id]
        assert store.oldest_waiting(conn) == NOW


def test_events_assessed_with_other_gazetteers_wait_again(engine: Engine) -> None:
    one, two, _ = keep(engine, report(3), report(2), report(1))
    with writing(engine) as conn:
        store.mark_assessed(conn, [(one.id, "en")], "USA-RUS@1")
        store.mark_assessed(conn, [(two.id, "en")], "USA-RUS@2")
        assert store.forget_assessments(conn, "USA-RUS@2") == 1
        assert len(store.waiting_events(conn, 5)) == 2
        assert store.forget_assessments(conn, "USA-RUS@2") == 0
