import threading
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, select

from risk_service.store.engine import reading, writing
from risk_service.store.leases import give_back, take_lease
from risk_service.store.tables import leases

NOW = datetime(2025, 9, 1, 12, tzinfo=UTC)
LASTS = timedelta(seconds=30)


def take(engine: Engine, holder: str, after: float = 0, name: str = "worker") -> bool:
    with writing(engine) as conn:
        return take_lease(conn, name, holder, NOW + timedelta(seconds=after), LASTS)


def held(engine: Engine) -> list[tuple[str, str, datetime]]:
    with reading(engine) as conn:
        return [tuple(row) for row in conn.execute(select(leases).order_by(leases.c.name))]


def test_one_of_two_holders_has_it(engine: Engine) -> None:
    assert take(engine, "one")
    assert not take(engine, "two")
    assert held(engine) == [("worker", "one", NOW + LASTS)]


def test_the_holder_renews_and_the_other_still_waits(engine: Engine) -> None:
    take(engine, "one")
    assert take(engine, "one", after=20)
    assert not take(engine, "two", after=35)
    assert held(engine) == [("worker", "one", NOW + timedelta(seconds=50))]


def test_a_lease_that_ran_out_is_taken_over_and_not_won_back(engine: Engine) -> None:
    take(engine, "one")
    assert not take(engine, "two", after=29.999)
    assert take(engine, "two", after=30)
    assert not take(engine, "one", after=31)
    assert held(engine) == [("worker", "two", NOW + timedelta(seconds=60))]


def test_given_back_it_is_free_at_once(engine: Engine) -> None:
    take(engine, "one")
    with writing(engine) as conn:
        give_back(conn, "worker", "one")
    assert held(engine) == []
    assert take(engine, "two", after=0.001)


def test_only_its_holder_gives_it_back(engine: Engine) -> None:
    take(engine, "one")
    with writing(engine) as conn:
        give_back(conn, "worker", "two")
    assert not take(engine, "two")


def test_leases_of_other_names_are_apart(engine: Engine) -> None:
    assert take(engine, "one", name="worker")
    assert take(engine, "two", name="retrain")
    assert [row[:2] for row in held(engine)] == [("retrain", "two"), ("worker", "one")]


def test_of_many_who_ask_at_once_one_gets_it(engine: Engine) -> None:
    start, won = threading.Barrier(6), []

    def ask(holder: str) -> None:
        start.wait()
        if take(engine, holder):
            won.append(holder)

    threads = [threading.Thread(target=ask, args=(f"holder {n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert held(engine)[0][1] == won[0]
